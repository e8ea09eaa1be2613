"""Whatever an installed plugin raises or answers outside a run: one sentence names it, and others go on."""

import dataclasses
import datetime as dt
import inspect

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from gunicorn.config import Config
from gunicorn.workers.base import Worker as GunicornWorker

from cms import channels, releases
from cms.channels import Limits
from cms.document.model import VariantText
from cms.models import Role, Variant
from publishers import accounts, callbacks, engine, registry
from publishers.accounts import consents
from publishers.accounts.credentials import Unreadable
from publishers.desk.channels import PlatformChannel
from publishers.desk.connecting import KEPT
from publishers.interface import (
    Event,
    Figure,
    Grant,
    PermanentError,
    Publisher,
    Received,
    Rejected,
    Rendition,
    Retry,
)
from publishers.manual import taking_over
from publishers.models import Account, Callback, Consent, Delivery, MetricSample, Phase, Sighting
from publishers.operations import doctor
from publishers.people.permissions import OPERATOR
from publishers.statistics import collect
from publishers.verification import verify
from tests.factories import make_image, make_section, make_story, make_user
from tests.publishers.desk.conftest import Desk, text
from tests.publishers.engine.cast import SECRET, send, signed_release
from tests.publishers.engine.clock import an_hour_ago
from tests.publishers.engine.tiny import Tiny

pytestmark = pytest.mark.django_db(transaction=True)
FAILS = "The plugin of 小平台 does not work"
NAIVE = dt.datetime(2026, 3, 1)  # noqa: DTZ001  (a mistake that is made)
DAY = dt.date(2026, 3, 1)


RAISED = (RuntimeError("no"), KeyError(SECRET), SystemExit(3), GeneratorExit(), NotImplementedError())
ANSWERED = (None, 7.5, object(), b"\xff", "\ud800", "\0", [None], {None: None}, {"appid": object()})
#: What each method may not do, beside what none may.
OWN = {
    "count": (-1, True, "7", Retry("later")),
    "body_length": (-1, "7", Retry("later")),
    "render": (
        Rejected(None),
        Rejected(""),
        PermanentError("no"),
        Rendition(None, "", "", "", None, ()),
        Rendition("", "", "", "", "cover.jpg", ()),
        Rendition("", "", "", "", None, (7,)),
        Rendition("", "", "", "\ud800", None, ()),
        Rendition("", "", "", "", None, (), {"made": object()}),
    ),
    "preview": (7, Rejected("no")),
    "wrong_credentials": ({"appid": None}, {7: "no"}, Retry("later")),
    "needs_consent": ("yes", 1, Retry("later")),
    "check": (frozenset({7}), {"publish": True}, "publish"),
    "authorize_url": ("", "javascript:alert(1)", "/somewhere"),
    "connected": (
        Grant(None),
        Grant("x" * 300),
        Grant("x\0"),
        Grant("x", expires_at=NAIVE),
        Grant("x", expires_at=dt.datetime(9999, 1, 1, tzinfo=dt.UTC)),
        Grant("x", access=("t", "7200")),
        Grant("x", refresh_token=b"r"),
    ),
    "receive": (
        Received(None),
        Received("", events=None),
        Received("", events=(None,)),
        Received("", events=(Event(7, {}),)),
        Received("", events=(Event("k", None),)),
        Received("", events=(Event("k", ["id"]),)),
        Received("", events=(Event("k", {"id": object()}),)),
        Received("", events=(Event("k", {"id": "1"}, facts=None),)),
        Received("", events=(Event("k", {"id": "1"}, happened=NAIVE),)),
        Received("", once="x" * 200),
        Retry("later"),
    ),
    "figures": (
        [Figure(None, DAY, "reads", 1)],
        [Figure({"id": "1"}, None, "reads", 1)],
        [Figure({"id": "1"}, DAY, None, 1)],
        [Figure({"id": "1"}, DAY, "reads", "7")],
        [Figure({"id": "1"}, DAY, "reads", -7)],
        [Figure({"id": "1"}, DAY, "reads", 7, url=None)],
    ),
    "sent": (("a",), ("a", None), "ab", Retry("later")),
}
#: What the interface lets these answer.
ALLOWED = {"body_length": (None,)}
NONSENSE = {
    name: (*(each for each in (*RAISED, *ANSWERED) if each not in ALLOWED.get(name, ())), *own)
    for name, own in OWN.items()
}


class Odd(Tiny):
    """The small platform whose one method does ``does``, when that is asked for."""

    platform = dataclasses.replace(
        Tiny.platform,
        limits=Limits(title_chars=30, digest_chars=50, body_chars=100),
        can_connect=True,
        can_receive=True,
        can_look=True,
        figure_days=30,
        figure_source="figures",
    )
    method, does = "", None

    def look(self, job):
        return [None for _item in job.items]

    def needs_consent(self, credentials):
        return True

    def authorize_url(self, account, redirect_url, state, challenge):
        return "https://tiny.example/consent"

    def __getattribute__(self, name):
        if name != "method" and name == self.method:
            return self._do
        return super().__getattribute__(name)

    def _do(self, *given):
        if isinstance(self.does, BaseException):
            raise self.does.with_traceback(None)
        return self.does


@pytest.fixture
def plugin(monkeypatch):
    made = Odd()
    monkeypatch.setitem(registry._publishers, "tiny", made)
    monkeypatch.setitem(channels._channels, "tiny", PlatformChannel(made))
    return made


@pytest.fixture
def scene(network, desk, plugin, server, caplog, tmp_path):
    network.plugin, network.account = plugin, network.of_city
    network.server, network.log, network.folder = server, caplog, tmp_path
    network.at, network.sends = desk(network.administrator), desk(network.duty)
    return network


# Where a plugin is asked: each is set up with a plugin that works, and returns what asks once and gives what
# the person, or the machine, is told.


def fitting(scene):
    editor = make_user("writer", scene.city, Role.AUTHOR)
    words = {"cover": make_image(), "cover_alt": "窗", "cover_credit": "本会"}
    story = make_story(make_section(scene.city), editor, variants=[Variant(channel="tiny")], **words)
    see = Desk(editor)

    def asked():
        assert text(see.get("wagtailadmin_pages:edit", story.pk)).count("微信公众号")
        told = see.get("hub_fitting", story.pk).json()
        assert "wechat" in told["lengths"], "The others go on."
        return told["notes"]

    return asked


def shorter_titles(scene):
    see = Desk(make_user("writer", scene.city, Role.AUTHOR))
    said = {"channel": "tiny", "field": "title", "text": "题" * 40}
    return lambda: f"{see.post('hub_shorter', said=said).json()} {FAILS}"


def editors_preview(scene):
    document = releases.document(signed_release(7))
    return lambda: channels.get("tiny").preview(document, VariantText())


def delivery_preview(scene):
    item = send(signed_release(7), account=scene.account).items.get()
    return lambda: text(scene.at.get("hub_preview_frame", item.delivery_id, item.pk))


def edition(scene):
    release = signed_release(7)
    return lambda: text(scene.sends.get("hub_edition", scene.account.pk, release=str(release.pk)))


def handed_over(scene):
    delivery = by_hand(scene)
    return lambda: text(scene.sends.get("hub_delivery", delivery.pk))


def package_of_a_task(scene):
    delivery = by_hand(scene)
    return lambda: text(scene.sends.client.get(reverse("hub_package", args=[delivery.pk]), follow=True))


def package_command(scene):
    delivery = by_hand(scene)
    return lambda: refusal("package", str(delivery.pk), output=f"{scene.folder}/package.zip")


def by_hand(scene) -> Delivery:
    """Return a delivery that a person has to publish, of which nothing is rendered as it is now."""
    scene.server.faults["/draft"] = ["permanent"]
    delivery = send(signed_release(7), account=scene.account)
    assert engine.run(delivery.pk) == Phase.ATTENTION
    taking_over.take_over(delivery, by=OPERATOR)
    engine.run(delivery.pk)
    delivery.items.update(payload=None)
    scene.plugin.platform = dataclasses.replace(scene.plugin.platform, renderer=2)
    registry._over.clear()
    return delivery


def account_is_changed(scene):
    said = {"name": "市号", "transport": "api", "credential-secret": "another"}
    return lambda: text(scene.at.post("hub_account", scene.account.pk, said=said))


def account_is_added(scene):
    said = {"office": scene.city.pk, "name": "新号", "transport": "api"}
    said |= {"credential-appid": "a", "credential-secret": "s"}
    return lambda: text(scene.at.post("hub_account_add", "tiny", said=said))


def add_command(scene):
    said = {"office": "city", "platform": "tiny", "name": "新号", "credential": ["appid=a", "secret=s"]}
    return lambda: refusal("account", "add", **said)


def account_is_checked(scene):
    def asked():
        told = text(scene.at.post("hub_account", scene.account.pk, said={"action": "check"}))
        scene.account.refresh_from_db()
        assert "市号" in scene.account.problem and FAILS in scene.account.problem
        return told

    return asked


def check_command(scene):
    return lambda: refusal("account", "check", str(scene.account.pk))


def account_page(scene):
    return lambda: text(scene.at.get("hub_account", scene.account.pk))


def accounts_page(scene):
    return lambda: text(scene.at.get("hub_accounts"))


def doctor_command(scene):
    return lambda: next(each.sentence for each in doctor.examine() if each.name == "tiny 市号")


def ending_consent(scene):
    """An account that was connected is told of all the same: its consent ends whatever the plugin does."""
    soon = timezone.now() + dt.timedelta(days=1)
    Consent.objects.create(account=scene.account, subject="holder", expires_at=soon, given_by="x")

    def asked():
        Consent.objects.update(warned_at=None)
        assert consents.warn() == 1
        return text(scene.at.get("hub_account", scene.account.pk))

    return asked


def connecting(scene):
    return lambda: text(scene.at.post("hub_connect", scene.account.pk))


def coming_back(scene):
    scene.at.client.post(reverse("hub_connect", args=[scene.account.pk]))
    kept = scene.at.client.session[KEPT]

    def asked():
        session = scene.at.client.session
        session[KEPT] = kept
        session.save()
        address = reverse("hub_connected", query={"state": kept["state"], "code": "c0de"})
        told = text(scene.at.client.get(address, follow=True))
        assert not Consent.objects.exists()
        return told

    return asked


def callback(scene):
    address = callbacks.address_of(scene.account)

    def asked():
        Account.objects.update(problem="")
        answer = Client().post(address, b"<xml/>", content_type="text/xml")
        assert answer.status_code == 503 and answer["Retry-After"], "It is to be told again."
        assert not Callback.objects.exists()
        return text(scene.at.get("hub_account", scene.account.pk))

    return asked


def figures(scene):
    live(scene)

    def asked():
        assert collect.collect(scene.account.pk) == 0 and not MetricSample.objects.exists()
        return scene.log.messages[-1]

    return asked


def look(scene):
    delivery = live(scene)

    def asked():
        Delivery.objects.filter(pk=delivery.pk).update(look_at=an_hour_ago(), phase=Phase.SETTLED)
        seen = Sighting.objects.count()
        verify.verify(delivery.pk)
        assert Sighting.objects.count() == seen + 1
        return FAILS if "The plugin of tiny" in scene.log.text else ""

    return asked


def live(scene) -> Delivery:
    delivery = send(signed_release(7), account=scene.account)
    assert engine.run(delivery.pk) == Phase.SETTLED
    ago = timezone.now() - dt.timedelta(days=2)
    Delivery.objects.filter(pk=delivery.pk).update(settled_at=ago, due_at=ago)
    return delivery


def refusal(*command, **options) -> str:
    """Return the one sentence with which a command ends."""
    with pytest.raises(CommandError) as refused:
        call_command(*command, **options)
    return str(refused.value)


ASKED = {
    "count": (fitting, shorter_titles),
    "body_length": (fitting,),
    "render": (editors_preview, delivery_preview, edition, handed_over, package_of_a_task, package_command),
    "preview": (editors_preview, delivery_preview),
    "wrong_credentials": (
        account_is_changed,
        account_is_added,
        add_command,
        account_is_checked,
        check_command,
    ),
    "needs_consent": (account_page, accounts_page, doctor_command, ending_consent, connecting),
    "check": (account_is_checked, check_command),
    "authorize_url": (connecting,),
    "connected": (coming_back,),
    "receive": (callback,),
    "figures": (figures,),
    "sent": (look,),
}


def test_every_method_that_is_asked_outside_a_run_is_here():
    runs = {"publish", "correct", "withdraw", "look"}
    methods = {name for name, member in vars(Publisher).items() if inspect.isfunction(member)}
    assert set(ASKED) == set(NONSENSE) == methods - runs


@pytest.mark.parametrize(
    ("method", "place"),
    [(method, place) for method, places in ASKED.items() for place in places],
    ids=lambda each: each if isinstance(each, str) else each.__name__,
)
def test_a_sentence_names_the_plugin_and_nothing_falls(scene, method, place):
    ask_once = place(scene)
    for does in NONSENSE[method]:
        scene.log.clear()
        scene.plugin.method, scene.plugin.does = method, does
        told = ask_once()
        assert FAILS in told and SECRET not in told, f"{does!r}: {told[-3000:]}"
        scene.plugin.method = ""


def test_with_a_lost_key_the_accounts_are_shown_and_what_needs_it_says_so(scene, settings):
    partner = accounts.add(
        office=scene.city,
        platform="partner",
        name="合作方",
        transport="feed",
        credentials={"callback_secret": "s3cret"},
        by=OPERATOR,
    )
    settings.CREDENTIAL_KEYS = [Fernet.generate_key().decode()]
    for account in (partner, scene.account):
        assert account.name in text(scene.at.get("hub_account", account.pk))
    lost = str(Unreadable())
    assert lost in text(scene.at.post("hub_account", scene.account.pk, said={"action": "check"}))
    assert lost in text(scene.at.post("hub_connect", scene.account.pk))
    assert refusal("account", "check", str(scene.account.pk)) == lost


class Bare(PermanentError):
    """An error whose constructor leaves out the interface's."""

    def __init__(self):
        pass


@pytest.mark.parametrize(
    "error",
    [
        Bare(),
        PermanentError(None),
        PermanentError(object()),
        PermanentError("no", code=40001, request_id=7, body={"errcode": 40001}),
        PermanentError("no\0", request_id=b"r", body=b"{}", status="400"),
        Retry("later", body=None),
    ],
    ids=lambda each: type(each).__name__,  # an address in a name would differ from process to process
)
def test_whatever_an_error_that_is_allowed_holds_the_account_is_named(scene, error):
    scene.plugin.method, scene.plugin.does = "check", error
    scene.at.post("hub_account", scene.account.pk, said={"action": "check"})
    scene.account.refresh_from_db()
    assert scene.account.problem.startswith("市号 could not be checked")
    scene.plugin.method = "authorize_url"
    assert scene.account.name in text(scene.at.post("hub_connect", scene.account.pk))
    scene.plugin.method = "figures"
    live(scene)
    assert collect.collect(scene.account.pk) == 0


def test_the_end_of_a_web_worker_is_no_failure_of_the_plugin(scene, monkeypatch):
    worker = GunicornWorker.__new__(GunicornWorker)
    worker.cfg = Config()
    # What its process does when a request took too long, wherever it is.
    monkeypatch.setattr(scene.plugin, "needs_consent", lambda credentials: worker.handle_abort(6, None))
    with pytest.raises(SystemExit):
        scene.at.get("hub_account", scene.account.pk)
