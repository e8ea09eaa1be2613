"""What people read when a platform refuses: a sentence that says what to do, and nothing of the envelope."""

import re
from html import unescape

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse

from cms.models import Role
from publishers import accounts, engine, registry
from publishers.accounts import quotas, tokens
from publishers.distribution import retry
from publishers.interface import CredentialsInvalid, PermanentError
from publishers.models import Account, Attempt, Cause, Delivery, Phase, QuotaUse
from publishers.people.permissions import OPERATOR
from publishers.platforms.wechat.errors import TABLE
from tests.factories import make_user
from tests.publishers.engine import tiny
from tests.publishers.engine.cast import make_account, make_due, send, signed_release

pytestmark = pytest.mark.django_db(transaction=True)
APP = "wx-sentences"
TOKEN, COUNT, ADD, SUBMIT = (
    "/cgi-bin/stable_token",
    "/cgi-bin/draft/count",
    "/cgi-bin/draft/add",
    "/cgi-bin/freepublish/submit",
)
SPEED, LIST = "/cgi-bin/message/mass/speed/get", "/cgi-bin/freepublish/batchget"
RID = "65f2a1b3-0c9d8e7f-1a2b3c4d"
#: What WeChat's own words may be like; a rid ends them.
SAID = 'ok {"errcode":1} /cgi-bin/draft/add SUCCESS'
ENVELOPE = re.compile(r"rid|cgi-bin|SUCCESS|\bok\b|[{}\"]|errcode|errmsg", re.IGNORECASE)
#: Names that stand in Chinese sentences, too.
NAMES = re.compile(
    r"AppID|AppSecret|API|IP|HTTP|mp\.weixin\.qq\.com|media_id \S+|access_token|JSON|emoji|[\d.]+"
)


@pytest.fixture
def account(office, sandbox):
    sandbox.settings(review_s=0)
    sandbox.add_account("wechat", APP, "s3cret", "榕溪县女声")
    yield accounts.add(
        office=office,
        platform="wechat",
        name="榕溪县女声",
        base_url=sandbox.base_url("wechat"),
        credentials={"appid": APP, "secret": "s3cret"},
        by=OPERATOR,
    )
    sandbox.reset(accounts=True)


def run(delivery):
    make_due(delivery)
    engine.run(delivery.pk)
    delivery.refresh_from_db()
    return delivery


def read(*sentences):
    """Assert that whoever reads these reads Chinese, and nothing that is for the log."""
    for sentence in sentences:
        assert not ENVELOPE.search(sentence), sentence
        assert re.search(r"[\u4e00-\u9fff]", sentence), sentence
        assert not re.search(r"[A-Za-z]{3}", NAMES.sub("", sentence)), sentence


@pytest.mark.parametrize("path", [TOKEN, ADD, SUBMIT])
def test_no_code_of_wechat_brings_its_envelope_before_people(sandbox, account, path):
    read(send_and_read(sandbox, account, 1, path, None))
    for number, code in enumerate([*TABLE, 99999], start=2):
        sandbox.fault("error", platform="wechat", path=path, errcode=code, errmsg=SAID)
        read(send_and_read(sandbox, account, number, path, code))
        sandbox.clear_faults()


def send_and_read(sandbox, account, number, path, code):
    # What the code before said of quotas, credentials and the account's health counts no more.
    QuotaUse.objects.all().delete()
    Account.objects.filter(pk=account.pk).update(paused_at=None, failures=0, resting_until=None, problem="")
    account.refresh_from_db()
    if path == TOKEN:
        tokens.drop(account)
    delivery = run(send(signed_release(number), account=account))
    account.refresh_from_db()
    for attempt in Attempt.objects.filter(delivery=delivery).exclude(evidence={}):
        assert "rid" not in attempt.evidence.get("message", "")
        assert "/cgi-bin/draft/add SUCCESS" in attempt.evidence["body"] and attempt.evidence["request_id"]
    return delivery.reason + account.problem or "好"


def test_the_page_of_a_delivery_shows_no_envelope_and_no_number_of_a_request(
    sandbox, account, client, office
):
    sandbox.fault("error", platform="wechat", path=ADD, errcode=45166, errmsg=f"{SAID} rid: {RID}")
    delivery = run(send(signed_release(), account=account))
    [refused] = Attempt.objects.filter(delivery=delivery).exclude(evidence={})
    shown = page_of(delivery, client, office)
    assert "45166" in shown and refused.evidence["message"] in shown
    assert refused.evidence["request_id"] == RID and RID not in shown
    assert "SUCCESS" not in shown and "cgi-bin" not in shown


def test_the_hubs_own_count_of_a_quota_is_no_word_of_the_platform(sandbox, account, client, office):
    [quota] = [each for each in registry.get("wechat").platform.quotas if each.path == ADD]
    quotas.use_up(account, quota)
    delivery = run(send(signed_release(), account=account))
    assert delivery.cause == Cause.QUOTA
    assert any(ADD in each.evidence.get("message", "") for each in Attempt.objects.filter(delivery=delivery))
    shown = page_of(delivery, client, office)
    assert not re.search(r"/\w", shown)
    read(shown)
    # What needs a person names the platform's last word above everything else.
    Delivery.objects.filter(pk=delivery.pk).update(phase=Phase.ATTENTION, cause=Cause.INTERNAL)
    assert page_of(delivery, client, office).count("平台返回") == 1


def page_of(delivery, client, office) -> str:
    """Return what a duty editor reads on the delivery's page."""
    duty = get_user_model().objects.filter(username="duty").first()
    client.force_login(duty or make_user("duty", office, Role.DUTY_EDITOR))
    page = client.get(reverse("hub_delivery", args=[delivery.pk])).content.decode()
    read_by_people = page.partition('<div class="hub-page">')[2].partition("操作记录")[0]
    return unescape(re.sub(r"<[^>]*>", " ", read_by_people)).replace("command line", "")  # who ordered it


@pytest.mark.parametrize("path", [TOKEN, ADD])
def test_an_address_that_the_whitelist_lacks_is_named(sandbox, account, path):
    said = f"invalid ip 203.0.113.9 ipv6 ::ffff:203.0.113.9, not in whitelist rid: {RID}"
    sandbox.fault("error", platform="wechat", path=path, errcode=40164, errmsg=said)
    delivery = run(send(signed_release(), account=account))
    account.refresh_from_db()
    assert delivery.phase == Phase.PAUSED and account.is_stopped
    for sentence in (delivery.reason, account.problem, account.paused_reason):
        assert "IP 白名单" in sentence and "203.0.113.9" in sentence
        read(sentence)


def test_a_right_that_was_lost_is_asked_about_anew_and_the_draft_is_named(sandbox, account):
    accounts.check(account, by=OPERATOR)
    assert "publish" in account.capabilities
    sandbox.add_account("wechat", APP, "s3cret", "榕溪县女声", capabilities=["draft"])
    delivery = run(send(signed_release(), account=account))
    account.refresh_from_db()
    assert account.capabilities == ["draft"]
    [draft] = sandbox.drafts(APP)
    assert (delivery.phase, delivery.cause) == (Phase.ATTENTION, Cause.CAPABILITY)
    assert draft["media_id"] in delivery.reason and "草稿箱" in delivery.reason
    read(delivery.reason)
    sandbox.console_publish(APP, draft["media_id"])
    sandbox.add_account("wechat", APP, "s3cret", "榕溪县女声", capabilities=["draft", "publish"])
    retry(delivery, by=OPERATOR)
    assert run(delivery).phase == Phase.SETTLED


@pytest.mark.parametrize("code", [-1, 48004, 45009, 50002, 40001, 99999])
def test_what_only_sending_to_followers_needs_stops_nothing(sandbox, account, code):
    sandbox.fault("error", platform="wechat", path=SPEED, errcode=code, errmsg=SAID, times=None)
    assert run(send(signed_release(), account=account)).phase == Phase.SETTLED
    account.refresh_from_db()
    assert (account.failures, account.paused_at, account.problem) == (0, None, "")
    assert account.capabilities == ["draft", "publish"]


def test_a_right_that_was_known_stays_when_it_cannot_be_asked_about(sandbox, account):
    accounts.check(account, by=OPERATOR)
    known = account.capabilities
    for path, code in ((SPEED, -1), (LIST, 45009), (LIST, -1)):
        sandbox.fault("error", platform="wechat", path=path, errcode=code)
        assert accounts.check(account, by=OPERATOR).capabilities == known and not account.problem


def test_a_sentence_that_is_raised_outside_a_step_is_read_by_the_person(release, server, office, monkeypatch):
    small = make_account(office, server)
    said = "栏目编号 12 已经停用，请在后台换一个。"
    monkeypatch.setattr(tiny.Tiny, "publish", lambda self, job: _raise(PermanentError(said)))
    assert said in run(send(release, account=small)).reason
    blocked = "账号已被平台封禁，请与平台联系。"
    monkeypatch.setattr(tiny.Tiny, "publish", lambda self, job: _raise(CredentialsInvalid(blocked)))
    delivery = run(send(signed_release(8), account=small))
    small.refresh_from_db()
    assert blocked in delivery.reason and blocked in small.problem


def _raise(error):
    raise error
