"""Every act of a person leaves its entry under her name, and nobody does without the right what needs one."""

import dataclasses
import datetime as dt
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.log_actions import registry as logs
from wagtail.models import ModelLogEntry, Page, PageLogEntry

from cms.models import Role, Stage
from cms.organisation import offices
from cms.releases import withdrawals as cms_withdrawing
from publishers import accounts, distribution, feeds, registry
from publishers.accounts import connecting
from publishers.distribution import broadcasts, correcting, editions, withdrawing
from publishers.engine import falling_back, switching
from publishers.engine.leases import Fenced, acquire, release, renew, renew_before_call
from publishers.engine.outcomes import RunOutcome
from publishers.interface import Grant, Notifying
from publishers.manual import by_hand, taking_over
from publishers.models import Account, Cause, CorrectionStrategy, Delivery, Desired, Phase, Seen, Sighting
from publishers.operations.backup import restoring
from publishers.people.permissions import HUB, OPERATOR, name_of
from publishers.statistics import manual_entry
from publishers.verification import sightings, verify
from tests.factories import make_office, make_section, make_story, make_user
from tests.publishers.engine.cast import signed_release
from tests.publishers.engine.clock import an_hour_ago, in_an_hour
from tests.publishers.engine.conftest import ground
from tests.publishers.engine.tiny import Tiny

__all__ = ["ground"]
pytestmark = pytest.mark.django_db
CREDENTIALS = {"appid": "wx1", "secret": "the-app-secret"}
DAY = dt.date(2026, 2, 1)


class Everything(Tiny):
    """A platform that offers all that a person may do there."""

    platform = dataclasses.replace(
        Tiny.platform, can_connect=True, notifying=Notifying("mass", "mass", "submit", "群发")
    )

    def authorize_url(self, account, redirect_url, state, challenge):
        return f"{account.base_url}/authorize?state={state}"

    def connected(self, account, code, redirect_url, verifier):
        return Grant("open-id", "refresh-1")


@pytest.fixture
def scene(db, ground, monkeypatch):
    """Two offices, who has a right in the upper one, an account there, and a delivery on it."""
    monkeypatch.setitem(registry._publishers, "tiny", Everything())
    office = make_office("province", name="广东省妇联")
    made = SimpleNamespace(
        office=office,
        beside=make_office("beside", parent=office),
        duty=make_user("duty", office, Role.DUTY_EDITOR, first_name="值班小周"),
        administrator=make_user("administrator", office, Role.ADMINISTRATOR, first_name="管理员小冯"),
        stranger=make_user("stranger"),
        author=make_user("author", office, Role.AUTHOR),
    )
    made.page = make_story(make_section(office), author=made.author)
    made.account = accounts.add(
        office=office, platform="tiny", name="南粤女声", credentials=CREDENTIALS, by=OPERATOR
    )
    Account.objects.update(capabilities=["mass"])
    made.account.refresh_from_db()
    [made.delivery] = distribution.distribute(
        [signed_release(made.page.pk, pictures=0)], [made.account], at=in_an_hour(), by=OPERATOR
    )
    made.item = made.delivery.items.get()
    return made


def put(scene, **changes) -> Delivery:
    """Let the delivery stand as it does when the act is due."""
    Delivery.objects.filter(pk=scene.delivery.pk).update(**changes)
    scene.delivery.refresh_from_db()
    return scene.delivery


def waiting(scene, cause) -> Delivery:
    return put(scene, phase=Phase.ATTENTION, cause=cause, next_at=None, settled_at=an_hour_ago())


def newer(scene):
    return signed_release(scene.page.pk, title="更正", pictures=0)


def other(scene):
    return signed_release(scene.page.pk + 1, title="另一篇", pictures=0)


def connect(scene, by) -> None:
    _url, begun = connecting.begin(scene.account, by=OPERATOR)
    connecting.finish(scene.account, connecting.Begun(**begun), code="c", by=by)


def accept(scene, by) -> None:
    delivery = waiting(scene, Cause.ALTERED)
    Sighting.objects.create(item=scene.item, at=timezone.now(), found=Seen.ALTERED, url="")
    sightings.accept(delivery, by=by)


def confirm_gone(scene, by) -> None:
    scene.delivery.items.update(desired=Desired.GONE)
    withdrawing.confirm_gone(waiting(scene, Cause.BY_HAND), by=by)


def withdraw(scene, by) -> None:
    cms_withdrawing.withdraw(Page.objects.get(pk=scene.page.pk), reason="写错了。", by=by)


def record(scene, by) -> None:
    by_hand.record_address(waiting(scene, Cause.BY_HAND), scene.item, "https://p.example/1", by=by)


def decide_not(scene, by) -> None:
    broadcasts.decide(scene.delivery, True, by=OPERATOR)
    broadcasts.decide(scene.delivery, False, by=by)


def add(scene, by) -> None:
    accounts.add(office=scene.office, platform="tiny", name="新号", credentials=CREDENTIALS, by=by)


def rename(scene, by) -> None:
    accounts.change(scene.account, name="新名", by=by)


def resume_all(scene, by) -> None:
    switching.pause_all("演练。", by=OPERATOR)
    switching.resume_all(switching.SEND, by=by)


def open_one(scene, by) -> None:
    offices.open_office(code="city", name="市妇联", kind="city", parent=scene.office, by=by)


def change_office(scene, by, **change) -> None:
    given = {"name": scene.beside.name, "kind": scene.beside.kind, "stage_count": scene.beside.stage_count}
    offices.change_office(scene.beside, **given | change, by=by)


def take_role(scene, by) -> None:
    offices.revoke(scene.author.memberships.get(), by=by)


def set_password(scene, by) -> None:
    client = Client()
    client.force_login(by)
    said = {"username": "author", "email": "a@example.org", "first_name": "作者", "is_active": "on"}
    said |= {"password1": "she-walks-at-dawn-42", "password2": "she-walks-at-dawn-42"}
    client.post(reverse("wagtailusers_users:edit", args=[scene.author.pk]), said)
    scene.author.refresh_from_db()
    if not scene.author.check_password("she-walks-at-dawn-42"):
        raise PermissionDenied


def carry(scene, by) -> None:
    correcting.carry_newer(newer(scene), user=by)


Act = Callable[[SimpleNamespace, object], object]
#: What a person does: its entry → who may, and how she does it.
ACTS: dict[str, tuple[str, Act]] = {
    "hub.withdraw": ("duty", withdraw),
    "hub.office.open": ("administrator", open_one),
    "hub.office.name": ("administrator", lambda scene, by: change_office(scene, by, name="另名")),
    "hub.office.kind": ("administrator", lambda scene, by: change_office(scene, by, kind="county")),
    "hub.office.stage_count": ("administrator", lambda scene, by: change_office(scene, by, stage_count=1)),
    "hub.office.close": ("administrator", lambda scene, by: offices.close_office(scene.beside, by=by)),
    "hub.role.give": (
        "administrator",
        lambda scene, by: offices.grant(scene.author, scene.office, Role.REVIEWER, Stage.FIRST, by=by),
    ),
    "hub.role.take": ("administrator", take_role),
    "hub.user.password": ("administrator", set_password),
    "hub.delivery.create": (
        "duty",
        lambda scene, by: distribution.distribute([other(scene)], [scene.account], alike=True, by=by),
    ),
    "hub.delivery.reschedule": (
        "duty",
        lambda scene, by: distribution.reschedule(scene.delivery, in_an_hour(), by=by),
    ),
    "hub.delivery.recompose": (
        "duty",
        lambda scene, by: editions.recompose(scene.delivery, [other(scene)], alike=True, by=by),
    ),
    "hub.delivery.retry": (
        "duty",
        lambda scene, by: distribution.retry(waiting(scene, Cause.REJECTED), by=by),
    ),
    "hub.delivery.cancel": ("duty", lambda scene, by: distribution.cancel(scene.delivery, by=by)),
    "hub.delivery.withdraw": ("duty", withdraw),
    "hub.delivery.correct": (
        "duty",
        lambda scene, by: correcting.correct(
            newer(scene), {scene.account: CorrectionStrategy.BY_HAND}, by=by
        ),
    ),
    "hub.delivery.take_over": (
        "duty",
        lambda scene, by: taking_over.take_over(waiting(scene, Cause.PERMANENT), by=by),
    ),
    "hub.delivery.record": ("duty", record),
    "hub.delivery.notify": ("duty", lambda scene, by: broadcasts.decide(scene.delivery, True, by=by)),
    "hub.delivery.notify_not": ("duty", decide_not),
    "hub.delivery.gone": ("duty", confirm_gone),
    "hub.delivery.accept": ("duty", accept),
    "hub.delivery.figures": (
        "duty",
        lambda scene, by: manual_entry.enter(scene.item, DAY, {"reads": 7}, by=by),
    ),
    "hub.account.figures": (
        "duty",
        lambda scene, by: manual_entry.take(
            scene.account,
            [manual_entry.Line(2, "题", scene.item, DAY, {"reads": 7})],
            filename="a.csv",
            by=by,
        ),
    ),
    "hub.account.add": ("administrator", add),
    "hub.account.change": ("administrator", rename),
    "hub.account.credentials": (
        "administrator",
        lambda scene, by: accounts.renew_credentials(scene.account, {"secret": "another"}, by=by),
    ),
    "hub.account.connect": ("administrator", connect),
    "hub.account.disconnect": (
        "administrator",
        lambda scene, by: connecting.disconnect(scene.account, by=by),
    ),
    "hub.account.feed_rotate": ("administrator", lambda scene, by: feeds.rotate(scene.account, by=by)),
    "hub.account.feed_allow": (
        "administrator",
        lambda scene, by: feeds.allow(scene.account, "192.0.2.0/24", by=by),
    ),
    "hub.account.pause": (
        "administrator",
        lambda scene, by: accounts.pause(scene.account, reason="先停一下。", by=by),
    ),
    "hub.account.resume": ("administrator", lambda scene, by: accounts.resume(scene.account, by=by)),
    "hub.switch.pause": ("duty", lambda scene, by: switching.pause_all("演练。", by=by)),
    "hub.switch.resume": ("duty", resume_all),
}
#: What follows from a right that was proved elsewhere, or what the hub does by itself: who is named.
FOLLOWING: dict[str, tuple[str, Act]] = {
    "hub.delivery.carry": ("duty", carry),
    "hub.delivery.fall_back": ("", lambda scene, by: fall_back(scene)),
    "hub.delivery.altered": ("", lambda scene, by: find_altered(scene)),
    "hub.switch.restore": ("", lambda scene, by: restore()),
}
#: What needs a right and leaves no entry: it changes nothing that readers or partners see.
UNRECORDED: dict[str, tuple[str, Act]] = {
    "plan": ("duty", lambda scene, by: distribution.plan(scene.page, scene.account, by=by)),
    "unplan": (
        "duty",
        lambda scene, by: distribution.unplan(
            distribution.plan(scene.page, scene.account, by=scene.duty), by=by
        ),
    ),
    "check an account": ("administrator", lambda scene, by: accounts.check(scene.account, by=by)),
    "begin to connect": ("administrator", lambda scene, by: connecting.begin(scene.account, by=by)),
}


def fall_back(scene) -> None:
    Account.objects.update(falls_back=True, paused_at=an_hour_ago(), paused_by="")
    put(scene, phase=Phase.PAUSED, next_at=None, due_at=an_hour_ago())
    assert falling_back.after_stops() == [scene.delivery.pk]


def find_altered(scene) -> None:
    put(scene, phase=Phase.SETTLED, next_at=None, settled_at=an_hour_ago(), look_at=an_hour_ago())
    held = verify._plan(scene.delivery.pk)
    verify._write(held, [], verify.outcomes.attention(Cause.ALTERED, "题目不同。"))


def restore() -> None:
    restoring._start_paused(SimpleNamespace(at=an_hour_ago()))


def entries(action: str) -> list:
    return [
        *ModelLogEntry.objects.filter(action=action),
        *PageLogEntry.objects.filter(action=action),
    ]


def test_every_entry_that_the_hub_knows_has_its_act_here():
    known = {action for action, _label in logs.get_choices() if action.startswith("hub.")}
    assert known == {*ACTS, *FOLLOWING}


@pytest.mark.parametrize("action", [*ACTS, *UNRECORDED])
def test_who_has_no_right_is_refused_and_who_may_leaves_her_entry(action, scene):
    who, act = {**ACTS, **UNRECORDED}[action]
    with transaction.atomic():
        with pytest.raises(PermissionDenied):
            act(scene, scene.stranger)
        assert scene.stranger.pk not in [entry.user_id for entry in entries(action)]
        transaction.set_rollback(True)
    act(scene, by := getattr(scene, who))
    # What the command line did before has no user.
    left = [entry.user_id for entry in entries(action) if entry.user_id]
    assert left == ([by.pk] if action in ACTS else [])


#: What also somebody may who has another duty in the same office.
OF_LIAISON = {"hub.withdraw", "hub.delivery.withdraw", "hub.switch.pause", "hub.switch.resume"}


def without_the_right(scene, action, who) -> list:
    """Return people who have a role, and none of those that the act needs, there and now."""
    aside = make_office("aside", parent=scene.office)
    there = (Role.DUTY_EDITOR, Role.ADMINISTRATOR, Role.LIAISON, Role.AUDITOR)
    others = [make_user(f"aside-{role}", aside, role) for role in there]
    reviewer = make_user("reviewer", scene.office, Role.REVIEWER, Stage.FINAL)
    here = [scene.author, reviewer, make_user("auditor", scene.office, Role.AUDITOR)]
    if action in OF_LIAISON or who == "administrator":
        here.append(make_user("liaison", scene.office, Role.LIAISON))
    if not action.startswith("hub.switch"):
        here.append(scene.duty if who == "administrator" else scene.administrator)
    left = make_user("left", is_active=False)
    for role in (Role.DUTY_EDITOR, Role.ADMINISTRATOR):
        offices.grant(left, scene.office, role)
    return [left, *others, *here]


@pytest.mark.parametrize("action", [*ACTS, *UNRECORDED])
def test_neither_who_has_left_nor_another_office_nor_another_role_does_it(action, scene):
    who, act = {**ACTS, **UNRECORDED}[action]
    for person in without_the_right(scene, action, who):
        with transaction.atomic():
            with pytest.raises(PermissionDenied):
                act(scene, person)
                pytest.fail(f"{person} did it")
            transaction.set_rollback(True)


#: Acts after which what a worker knew of the delivery counts no more.
DECIDING = (
    "hub.delivery.recompose",
    "hub.delivery.retry",
    "hub.delivery.cancel",
    "hub.delivery.take_over",
    "hub.delivery.record",
    "hub.delivery.notify",
    "hub.delivery.notify_not",
    "hub.delivery.gone",
    "hub.delivery.accept",
)


@pytest.mark.parametrize("action", DECIDING)
def test_a_worker_that_outlived_its_lease_changes_nothing_after_the_act(action, scene):
    put(scene, next_at=an_hour_ago())
    stale = acquire(scene.delivery.pk)
    put(scene, phase=Phase.SCHEDULED, next_at=in_an_hour(), lease_until=None)
    who, act = ACTS[action]
    act(scene, getattr(scene, who))
    decided = Delivery.objects.values().get(pk=scene.delivery.pk)
    for write in (renew_before_call, renew, lambda held: release(held, RunOutcome(Phase.SETTLED))):
        with pytest.raises(Fenced):
            write(stale)
    assert Delivery.objects.values().get(pk=scene.delivery.pk) == decided


@pytest.mark.parametrize("action", FOLLOWING)
def test_what_follows_from_another_act_is_told_too(action, scene):
    who, act = FOLLOWING[action]
    by = getattr(scene, who) if who else None
    act(scene, by)
    [entry] = entries(action)
    assert entry.user_id == (by.pk if by else None)
    assert entry.data["by"] == (name_of(by) if by else name_of(OPERATOR if "switch" in action else HUB))
