"""Connecting an account by OAuth: over the desk to a platform's page of consent and back, over real HTTP."""

import base64
import dataclasses
import datetime as dt
import hashlib
import logging
import re
import secrets
from urllib.parse import parse_qsl, urlsplit

import pytest
import time_machine
from cryptography.fernet import Fernet
from django.core import mail
from django.urls import reverse
from django.utils import timezone
from wagtail.models import ModelLogEntry

from cms.models import Role
from publishers import accounts, registry, tasks
from publishers.accounts import consents
from publishers.accounts.connecting import PATIENCE
from publishers.accounts.credentials import decrypt, decrypt_text
from publishers.desk.connecting import KEPT
from publishers.interface import ConsentInvalid, CredentialsInvalid, Grant, PermanentError, Retry
from publishers.models import Account, Consent, HeldToken
from publishers.operations.doctor import examine
from publishers.people.permissions import OPERATOR
from tests.factories import make_user
from tests.publishers.desk.conftest import refused, text, turned_away
from tests.publishers.engine.clock import an_hour_ago
from tests.publishers.engine.tiny import Tiny
from tests.publishers.platforms.penguin.consent import agreed

pytestmark = pytest.mark.django_db(transaction=True)
SECRET = "the-secret-of-the-application"


@pytest.fixture(autouse=True)
def no_faults_left(sandbox):
    yield
    sandbox.clear_faults()


@pytest.fixture
def holder(sandbox):
    """An account of the platform, whose holder may consent."""
    account_id = f"holder-{secrets.token_hex(6)}"
    sandbox.add_account("penguin", account_id, "nobody-knows", "市妇联企鹅号")
    return account_id


@pytest.fixture
def application(sandbox):
    account_id = f"app-{secrets.token_hex(6)}"
    sandbox.add_account("penguin", account_id, SECRET, "女声中枢")
    return account_id


@pytest.fixture
def make(network, sandbox, application):
    def account(name="市妇联企鹅号", office=None, kind="third_party"):
        return accounts.add(
            office=office or network.city,
            platform="penguin",
            name=name,
            credentials={"application": kind, "client_id": application, "client_secret": SECRET},
            base_url=sandbox.base_url("penguin"),
            by=OPERATOR,
        )

    return account


@pytest.fixture
def account(make):
    return make()


def begin(see, account) -> str:
    """Press the button; return where the browser is led."""
    return see.client.post(reverse("hub_connect", args=[account.pk])).headers["Location"]


def come_back(see, **query):
    return see.client.get(reverse("hub_connected"), query, follow=True)


def connect(see, account, holder):
    return come_back(see, **agreed(begin(see, account), holder))


# --- the road ---------------------------------------------------------------------------------------------


def test_an_administrator_connects_an_account_and_it_can_be_used(network, desk, account, holder, sandbox):
    see = desk(network.administrator)
    address = begin(see, account)
    parts = urlsplit(address)
    asked = dict(parse_qsl(parts.query))
    assert address.startswith(sandbox.base_url("penguin")) and parts.path.endswith("/omoauth2/authorize")
    assert asked["redirect_uri"].endswith("/admin/accounts/connected/") and SECRET not in address
    shown = text(come_back(see, **agreed(address, holder)))
    assert "The account is connected." in shown
    account.refresh_from_db()
    assert account.capabilities == ["publish"] and account.checked_at and not account.problem
    kept = Consent.objects.get(account=account)
    assert kept.given_by == "administrator" and kept.subject in {
        each["openid"] for each in sandbox.accounts() if each["id"] == holder
    }
    actions = list(ModelLogEntry.objects.values_list("action", flat=True))
    assert actions.count("hub.account.connect") == 1


def test_consent_and_token_are_encrypted_where_they_are_stored(network, desk, account, holder):
    connect(desk(network.administrator), account, holder)
    kept, held = Consent.objects.get(), HeldToken.objects.get()
    for sealed in (bytes(kept.refresh_token), bytes(held.token)):
        assert decrypt_text(sealed).encode() not in sealed and len(decrypt_text(sealed)) > 20


def test_the_first_token_is_the_one_that_came_with_the_consent(network, desk, account, holder, sandbox):
    connect(desk(network.administrator), account, holder)
    calls = [call["path"] for call in sandbox.calls("penguin") if call["account"] in (holder, "")]
    assert "/omoauth2/refreshtoken" not in calls


def test_the_buttons_are_for_accounts_that_are_connected_and_for_who_manages_them(network, desk, make):
    account, own = make(), make("自有内容网站号", kind="content_site")
    asks = f"/accounts/{account.pk}/connect/"
    assert asks in text(desk(network.administrator).get("hub_account", account.pk))
    assert asks not in text(desk(network.auditor).get("hub_account", account.pk))
    shown = text(desk(network.administrator).get("hub_account", own.pk))
    assert "/connect/" not in shown and "is not connected" not in shown
    assert "is not one that a person connects" in text(
        desk(network.administrator).post("hub_connect", own.pk)
    )


def test_the_list_says_who_is_not_connected_and_costs_the_same(
    network, desk, make, django_assert_max_num_queries
):
    for number in range(6):
        make(f"企鹅号{number}")
    see = desk(network.auditor)
    see.get("hub_accounts")
    with django_assert_max_num_queries(16):
        shown = text(see.get("hub_accounts"))
    assert "企鹅号3 is not connected yet" in shown


# --- who may ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["duty", "liaison", "auditor", "author", "provincial"])
@pytest.mark.parametrize("name", ["hub_connect", "hub_disconnect"])
def test_only_administrators_connect_and_disconnect(who, name, network, desk, account):
    see = desk(getattr(network, who))
    assert turned_away(see.post(name, account.pk))
    assert KEPT not in see.client.session
    account.refresh_from_db()
    assert not account.is_paused


def test_an_account_of_an_office_above_is_not_there(network, desk, make):
    above = make(office=network.province)
    assert desk(network.administrator).post("hub_connect", above.pk).status_code == 404
    assert desk(network.administrator).post("hub_disconnect", above.pk).status_code == 404


@pytest.mark.parametrize("name", ["hub_connect", "hub_disconnect"])
def test_a_link_does_neither(network, desk, account, name):
    assert desk(network.administrator).get(name, account.pk).status_code == 405


def test_who_was_relieved_meanwhile_connects_nothing(network, desk, account, holder):
    see = desk(network.administrator)
    told = agreed(begin(see, account), holder)
    network.administrator.memberships.all().delete()
    assert refused(see.client.get(reverse("hub_connected"), told))
    assert not Consent.objects.exists()


def test_who_was_logged_out_meanwhile_is_not_sent_on_with_the_code(network, desk, account, holder):
    see = desk(network.administrator)
    told = agreed(begin(see, account), holder)
    see.client.logout()
    answer = come_back(see, **told)
    assert all(told["code"] not in address for address, _status in answer.redirect_chain)
    assert answer.request["PATH_INFO"] == reverse("wagtailadmin_login")


# --- the state --------------------------------------------------------------------------------------------


def is_not_connected(response, sentence) -> bool:
    return sentence in text(response) and not Consent.objects.exists()


@pytest.mark.parametrize("state", ["", "another", "＊", None])
def test_a_state_that_the_session_does_not_hold_is_refused(network, desk, account, holder, state):
    see = desk(network.administrator)
    told = agreed(begin(see, account), holder) | {"state": state}
    given = {name: value for name, value in told.items() if value is not None}
    assert is_not_connected(come_back(see, **given), "does not belong to a connection")


def test_a_state_counts_once(network, desk, account, holder):
    see = desk(network.administrator)
    told = agreed(begin(see, account), holder)
    come_back(see, **(told | {"state": "wrong"}))
    assert is_not_connected(come_back(see, **told), "does not belong to a connection")
    connect(see, account, holder)
    before = Consent.objects.get()
    assert "does not belong to a connection" in text(come_back(see, **told))
    assert Consent.objects.get() == before


def test_anothers_session_cannot_use_it(network, desk, account, holder):
    told = agreed(begin(desk(network.administrator), account), holder)
    other = desk(make_user("other", network.city, Role.ADMINISTRATOR))
    assert is_not_connected(come_back(other, **told), "does not belong to a connection")


def test_another_person_in_the_same_session_cannot_use_it(network, desk, account, holder):
    see = desk(network.administrator)
    told = agreed(begin(see, account), holder)
    session = see.client.session
    session[KEPT] = session[KEPT] | {"person": network.auditor.pk}
    session.save()
    assert is_not_connected(come_back(see, **told), "Somebody else began")


def test_it_is_good_for_a_quarter_of_an_hour(network, desk, account, holder):
    see = desk(network.administrator)
    told = agreed(begin(see, account), holder)
    with time_machine.travel(timezone.now() + PATIENCE + dt.timedelta(seconds=1)):
        assert is_not_connected(come_back(see, **told), "took too long")


def test_each_beginning_has_a_state_of_its_own(network, desk, account):
    see = desk(network.administrator)
    states = {dict(parse_qsl(urlsplit(begin(see, account)).query))["state"] for _beginning in range(5)}
    assert len(states) == 5 and min(map(len, states)) >= 40


# --- what goes wrong there --------------------------------------------------------------------------------


def test_who_denies_is_told_so(network, desk, account):
    see = desk(network.administrator)
    state = dict(parse_qsl(urlsplit(begin(see, account)).query))["state"]
    answer = come_back(see, state=state, error="access_denied", error_description="<b>no</b>")
    assert is_not_connected(answer, "the consent was denied") and "<b>no</b>" not in text(answer)


def test_an_answer_without_a_code_connects_nothing(network, desk, account):
    see = desk(network.administrator)
    state = dict(parse_qsl(urlsplit(begin(see, account)).query))["state"]
    assert is_not_connected(come_back(see, state=state), "gave no code")
    state = dict(parse_qsl(urlsplit(begin(see, account)).query))["state"]
    assert is_not_connected(come_back(see, state=state, code="c", error="server_error"), "gave no code")


def test_a_code_that_was_used_or_is_too_old_is_told_in_the_platforms_words(network, desk, account, holder):
    see = desk(network.administrator)
    told = agreed(begin(see, account), holder)
    answer = come_back(see, **told | {"code": "0" * 40})
    assert is_not_connected(answer, "invalid or expired")


def test_a_wrong_secret_of_the_application_is_told(network, desk, account, holder):
    accounts.renew_credentials(account, {"client_secret": "wrong-secret"}, by=OPERATOR)
    answer = connect(desk(network.administrator), account, holder)
    assert is_not_connected(answer, "client_secret error") and "wrong-secret" not in text(answer)


@pytest.mark.parametrize("fault", ["http_500", "reset_before", "lost_answer"])
def test_a_platform_that_is_down_is_told_as_such(network, desk, account, holder, sandbox, fault):
    see = desk(network.administrator)
    told = agreed(begin(see, account), holder)
    sandbox.fault(fault, platform="penguin", path="/omoauth2/accesstoken")
    assert is_not_connected(come_back(see, **told), "cannot be reached")


def test_neither_code_nor_token_nor_secret_is_in_a_log_or_on_a_page(network, desk, account, holder, caplog):
    caplog.set_level(logging.DEBUG)
    see = desk(network.administrator)
    told = agreed(begin(see, account), holder)
    pages = [text(come_back(see, **told)), text(see.get("hub_account", account.pk))]
    second = agreed(begin(see, account), holder)
    pages.append(text(come_back(see, **second | {"state": "wrong"})))
    kept, held = Consent.objects.get(), HeldToken.objects.get()
    hidden = {told["code"], second["code"], told["state"], SECRET}
    hidden |= {decrypt_text(kept.refresh_token), decrypt_text(held.token)}
    written = caplog.text + "".join(pages)
    assert [each for each in hidden if each in written] == []


def test_the_page_behind_the_callback_is_another_address_and_not_cached(network, desk, account, holder):
    see = desk(network.administrator)
    answer = see.client.get(reverse("hub_connected"), agreed(begin(see, account), holder))
    assert answer.status_code == 302 and "code" not in answer.headers["Location"]
    assert "no-store" in answer.headers["Cache-Control"] and not answer.content


# --- whose consent it is ----------------------------------------------------------------------------------


def test_two_accounts_of_the_hub_are_never_one_on_the_platform(network, desk, make, holder):
    see, first, second = desk(network.administrator), make("甲"), make("乙")
    connect(see, first, holder)
    assert "is connected to the hub already" in text(connect(see, second, holder))
    assert list(Consent.objects.values_list("account", flat=True)) == [first.pk]


def test_the_same_account_is_connected_again_and_another_one_is_not(network, desk, account, holder, sandbox):
    see = desk(network.administrator)
    connect(see, account, holder)
    before = Consent.objects.get()
    sandbox.add_account("penguin", f"{holder}-2", "nobody-knows", "别的号")
    assert "of another account on the platform" in text(connect(see, account, f"{holder}-2"))
    assert Consent.objects.get().refresh_token == before.refresh_token
    assert "The account is connected." in text(connect(see, account, holder))
    assert Consent.objects.get().refresh_token != before.refresh_token


# --- afterwards -------------------------------------------------------------------------------------------


def test_who_disconnects_stops_the_account_and_nothing_is_kept(network, desk, account, holder):
    see = desk(network.administrator)
    connect(see, account, holder)
    assert "is disconnected and stops" in text(see.post("hub_disconnect", account.pk))
    account.refresh_from_db()
    assert (
        account.is_paused and account.paused_by == "administrator" and "disconnected" in account.paused_reason
    )
    assert not Consent.objects.exists() and not bytes(HeldToken.objects.get().token)
    assert "Resume it, so that its deliveries go on." in text(connect(see, account, holder))
    account.refresh_from_db()
    assert account.is_paused, "going on is a decision of its own"


def test_new_credentials_drop_the_token_and_the_same_ones_do_not(network, desk, account, holder):
    see = desk(network.administrator)
    connect(see, account, holder)
    said = {"name": account.name, "base_url": account.base_url, "credential-application": "third_party"}
    see.post("hub_account", account.pk, said=said)
    assert bytes(HeldToken.objects.get().token)
    see.post("hub_account", account.pk, said=said | {"credential-category": "12"})
    assert not bytes(HeldToken.objects.get().token)


def test_an_account_that_nobody_connected_stops_with_the_right_sentence(network, desk, account):
    shown = text(desk(network.administrator).post("hub_account", account.pk, said={"action": "check"}))
    assert "There is no valid consent for" in shown and "an administrator must connect it" in shown
    account.refresh_from_db()
    assert account.is_paused


def test_an_unknown_kind_of_application_is_refused(network, desk, sandbox):
    see = desk(network.administrator)
    said = {
        "office": network.city.pk, "name": "新号", "base_url": sandbox.base_url("penguin"),
        "credential-application": "both", "credential-client_id": "x", "credential-client_secret": "y",
    }  # fmt: skip
    see.post("hub_account_add", "penguin", said=said)
    assert not Account.objects.filter(name="新号").exists()


# --- the end of a consent ---------------------------------------------------------------------------------


@pytest.fixture
def ending(network, desk, account, holder):
    """Return a function that lets the account's consent end so many days from now."""
    connect(desk(network.administrator), account, holder)

    def ends_in(days):
        Consent.objects.update(expires_at=timezone.now() + dt.timedelta(days=days), warned_at=None)
        account.refresh_from_db()

    return ends_in


def test_a_consent_that_ends_soon_is_told_once_to_the_administrators(network, ending, account):
    ending(6)
    assert (consents.warn(), consents.warn()) == (1, 0)
    [message] = mail.outbox
    assert message.to == ["administrator@example.org"] and f"/admin/accounts/{account.pk}/" in message.body
    assert "connect it again before then" in message.body


def test_one_that_has_time_or_whose_end_nobody_knows_is_not_told(ending):
    ending(8)
    assert consents.warn() == 0
    Consent.objects.update(expires_at=None)
    assert consents.warn() == 0 and mail.outbox == []


@pytest.mark.parametrize(("days", "said"), [(6, "ends at"), (-1, "ended at")])
def test_the_list_the_account_and_the_doctor_say_so(network, desk, ending, account, days, said):
    ending(days)
    for screen in (["hub_accounts"], ["hub_account", account.pk]):
        assert said in text(desk(network.auditor).get(*screen))
    found = {finding.name: finding for finding in examine()}
    assert not found["penguin 市妇联企鹅号"].well and said in found["penguin 市妇联企鹅号"].sentence


def test_a_consent_that_was_renewed_is_told_again_when_that_one_ends(ending, account):
    ending(1)
    consents.warn()
    kept = consents.of(account)
    later = dataclasses.replace(consents.grant_of(kept), expires_at=timezone.now() + dt.timedelta(days=30))
    consents.keep(kept, later)
    assert consents.warn() == 0
    with time_machine.travel(timezone.now() + dt.timedelta(days=24)):
        assert consents.warn() == 1


def test_a_consent_that_was_renewed_with_the_same_end_is_told_once(ending, account):
    ending(1)
    tasks.warn_of_consents()
    kept = consents.of(account)
    consents.keep(kept, dataclasses.replace(consents.grant_of(kept), refresh_token="another"))
    assert consents.warn() == 0


# --- a platform that knows PKCE ---------------------------------------------------------------------------


class Proving(Tiny):
    """A platform whose token call wants the verifier (RFC 7636), and what it does with a code."""

    platform = dataclasses.replace(Tiny().platform, can_connect=True)

    def __init__(self):
        self.challenge, self.error, self.redirects = "", None, set()

    def authorize_url(self, account, redirect_url, state, challenge):
        self.challenge = challenge
        self.redirects.add(redirect_url)
        return f"{account.base_url}/authorize?state={state}&code_challenge_method=S256"

    def connected(self, account, code, redirect_url, verifier):
        if self.error:
            raise self.error
        self.redirects.add(redirect_url)
        proof = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=")
        assert proof.decode() == self.challenge and re.fullmatch(r"[\w.~-]{43,128}", verifier)
        return Grant(subject="O", refresh_token="R", access=("T", 3600))


@pytest.fixture
def proving(monkeypatch, network):
    publisher = Proving()
    monkeypatch.setitem(registry._publishers, "tiny", publisher)
    return publisher


def told_by(address):
    return {"state": dict(parse_qsl(urlsplit(address).query))["state"], "code": "the-code"}


def test_the_verifier_fits_the_challenge_and_the_address_is_the_same_both_times(network, desk, proving):
    see = desk(network.administrator)
    come_back(see, **told_by(begin(see, network.of_city)))
    assert Consent.objects.get().subject == "O" and len(proving.redirects) == 1


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ConsentInvalid("code the-code is used"), "does not accept it: code *** is used"),
        (CredentialsInvalid("bad"), "does not accept it: bad"),
        (Retry("down"), "cannot be reached"),
        (PermanentError("HTTP 404"), "could not be connected: HTTP 404"),
    ],
)
def test_each_error_is_one_sentence_without_the_code(network, desk, proving, error, said):
    see = desk(network.administrator)
    proving.error = error
    answer = come_back(see, **told_by(begin(see, network.of_city)))
    assert is_not_connected(answer, said) and "the-code" not in text(answer)


def test_a_fetch_that_was_under_way_does_not_undo_a_new_consent(network, desk, proving):
    from publishers.accounts.sessions import EngineAccount

    see, account = desk(network.administrator), network.of_city
    come_back(see, **told_by(begin(see, account)))
    HeldToken.objects.update(refresh_at=an_hour_ago())
    session = EngineAccount(account)

    def fetch():
        old = session.grant
        come_back(see, **told_by(begin(see, account)))
        session.keep(dataclasses.replace(old, refresh_token="renewed-from-the-old-one"))
        return "an-old-token", 3600

    with pytest.raises(Retry):
        session.token(fetch)
    assert consents.grant_of(consents.of(account)).refresh_token == "R"
    assert decrypt_text(HeldToken.objects.get(account=account).token) == "T"


def test_credentials_that_no_key_opens_are_given_anew_on_the_accounts_page(network, desk, account, settings):
    settings.CREDENTIAL_KEYS = [Fernet.generate_key().decode()]
    see = desk(network.administrator)
    assert "市妇联企鹅号" in text(see.get("hub_accounts"))
    assert see.get("hub_account", account.pk).status_code == 200
    anew = {"application": "content_site", "client_id": "om1", "client_secret": SECRET}
    accounts.renew_credentials(account, anew, by=OPERATOR)
    account.refresh_from_db()
    assert dict(decrypt(account.credentials)) == anew
