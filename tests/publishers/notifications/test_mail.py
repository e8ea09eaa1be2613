"""Who is told, once for each event, and that a mail server that is down changes nothing."""

from contextlib import contextmanager, suppress

import pytest
from django.core import mail
from django.db import connection, transaction

from cms import mailing
from cms.models import Mail, Role
from publishers import engine
from publishers.accounts import pausing
from publishers.distribution import distribute, retry
from publishers.models import Account, Delivery, Phase
from publishers.notifications import reminders
from publishers.notifications.mail import tell_of_attention
from publishers.people.permissions import OPERATOR
from tests.factories import make_office, make_user
from tests.publishers.engine.cast import Killed, make_account, make_due, send, signed_release
from tests.publishers.engine.clock import HOUR, an_hour_ago
from tests.publishers.engine.conftest import ground, office, server

__all__ = ["ground", "office", "server"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def county(office):
    return make_office("county", parent=make_office("city", parent=office))


@pytest.fixture
def account(county, server):
    return make_account(county, server)


def told() -> list[str]:
    return sorted(address for message in mail.outbox for address in message.to)


def test_an_account_that_stops_tells_the_nearest_administrators_once(account, county, office, server):
    city = county.get_parent()
    for name, place in (("city1", city), ("city2", city), ("province", office)):
        make_user(name, place, Role.ADMINISTRATOR)
    make_user("left", county, Role.ADMINISTRATOR, is_active=False)
    waiting = [send(signed_release(page), account=account) for page in (7, 8, 9)]
    server.faults["/draft"] = ["credentials"] * 3
    for delivery in waiting:
        assert engine.run(delivery.pk) == Phase.PAUSED
    # Another worker, which had a delivery of the account in hand, is refused as well.
    pausing.stop_for_credentials(account, "refused again")
    assert told() == ["city1@example.org", "city2@example.org"]
    assert f"/admin/accounts/{account.pk}/" in mail.outbox[0].body


def test_a_delivery_that_needs_a_person_tells_the_duty_editors_and_says_why(account, county, office, server):
    make_user("duty", county, Role.DUTY_EDITOR)
    make_user("above", office, Role.DUTY_EDITOR)
    server.faults["/draft"] = ["rejected"]
    delivery = send(signed_release(title="夜校的灯"), account=account)
    engine.run(delivery.pk)
    delivery.refresh_from_db()
    [message] = mail.outbox
    assert message.to == ["duty@example.org"] and "夜校的灯" in message.subject
    assert delivery.reason in message.body and f"/admin/deliveries/{delivery.pk}/" in message.body


def test_whoever_sent_it_is_told_too_and_nobody_twice(account, county, server):
    duty, liaison = (make_user(str(role), county, role) for role in (Role.DUTY_EDITOR, Role.LIAISON))
    make_user("another", county, Role.LIAISON)
    server.faults["/draft"] = ["rejected"] * 2
    for page, by in ((7, liaison), (8, duty)):
        [delivery] = distribute([signed_release(page)], [account], alike=True, by=by)
        engine.run(delivery.pk)
        assert told() == sorted({duty.email, by.email})
        mail.outbox.clear()


def test_where_the_only_duty_editor_has_left_those_above_are_told(account, county, office, server):
    make_user("left", county, Role.DUTY_EDITOR, is_active=False)
    make_user("above", office, Role.DUTY_EDITOR)
    server.faults["/draft"] = ["rejected"]
    engine.run(send(signed_release(), account=account).pk)
    assert told() == ["above@example.org"]


def test_each_new_event_is_told_and_what_goes_on_by_itself_is_not(account, county, server):
    make_user("duty", county, Role.DUTY_EDITOR)
    server.faults["/draft"] = ["retry"]
    delivery = send(signed_release(), account=account)
    engine.run(delivery.pk)
    assert told() == []
    server.faults["/draft"] = ["rejected", "rejected"]
    for _event in range(2):
        retry(delivery, by=OPERATOR)
        engine.run(delivery.pk)
    assert told() == ["duty@example.org"] * 2


def test_what_was_done_before_anybody_was_told_is_told_to_nobody(account, county):
    make_user("duty", county, Role.DUTY_EDITOR)
    tell_of_attention(send(signed_release(), account=account).pk)
    assert told() == []


def test_of_many_late_tasks_the_one_that_is_late_for_longest_is_told_first(account, county, monkeypatch):
    monkeypatch.setattr(reminders, "BATCH", 1)
    make_user("duty", county, Role.DUTY_EDITOR)
    for number, title in enumerate(("刚过期", "早过期"), start=1):
        late = send(signed_release(number, title=title), account=account)
        changes = {"phase": Phase.ATTENTION, "deadline_at": an_hour_ago() - number * HOUR}
        Delivery.objects.filter(pk=late.pk).update(**changes)
    assert reminders.remind() == 1 and "早过期" in mail.outbox[0].subject


@contextmanager
def dying_after(is_act, number):
    """Let the worker die before the ``number``-th statement after the one that ``is_act`` knows."""
    since = None

    def watch(execute, sql, params, many, context):
        nonlocal since
        since = since + 1 if since is not None else 0 if is_act(sql, params) else None
        if since == number:
            raise Killed
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        yield


def begins_a_task(sql, params) -> bool:
    return sql.startswith("UPDATE") and "publishers_delivery" in sql and Phase.ATTENTION in params


def stops_the_account(sql, params) -> bool:
    return sql.startswith("UPDATE") and "publishers_account" in sql and "paused_at" in sql


ACTS = pytest.mark.parametrize(
    ("fault", "is_act", "role"),
    [("rejected", begins_a_task, Role.DUTY_EDITOR), ("credentials", stops_the_account, Role.ADMINISTRATOR)],
)


@ACTS
@pytest.mark.parametrize("number", range(1, 14))
def test_a_worker_that_dies_has_told_of_what_it_wrote_and_of_nothing_else(
    number, fault, is_act, role, account, county, server, settings
):
    settings.EMAIL_BACKEND = "cms.mailing.Outbox"
    make_user("told", county, role)
    server.faults["/draft"] = [fault] * 2
    delivery = send(signed_release(), account=account)
    with suppress(Killed), dying_after(is_act, number):
        engine.run(delivery.pk)
    stands = Delivery.objects.filter(phase=Phase.ATTENTION).exists() or Account.objects.filter(
        paused_at__isnull=False
    )
    assert Mail.objects.count() == (1 if stands else 0)
    make_due(delivery)
    engine.run(delivery.pk)
    assert [each.message["to"] for each in Mail.objects.all()] == [["told@example.org"]]


def test_nobody_gets_mail_of_what_is_rolled_back(account, county, settings):
    make_user("admin", county, Role.ADMINISTRATOR)
    for backend in ("cms.mailing.Outbox", settings.EMAIL_BACKEND):
        settings.EMAIL_BACKEND = backend
        with suppress(Killed), transaction.atomic():
            pausing.stop_for_credentials(account, "refused")
            raise Killed
    assert not Mail.objects.exists() and told() == []


def test_what_cannot_be_told_keeps_no_act_back(account, county, settings, tmp_path, caplog):
    """A template of the office's own that does not work."""
    (tmp_path / "publishers/mail").mkdir(parents=True)
    (tmp_path / "publishers/mail/stopped.txt").write_text("{% broken %}")
    template = dict(settings.TEMPLATES[0], DIRS=[tmp_path, *settings.TEMPLATES[0]["DIRS"]])
    settings.TEMPLATES = [template, *settings.TEMPLATES[1:]]
    settings.EMAIL_BACKEND = "cms.mailing.Outbox"
    make_user("admin", county, Role.ADMINISTRATOR)
    pausing.stop_for_credentials(account, "refused")
    account.refresh_from_db()
    assert account.is_stopped and not Mail.objects.exists()
    assert "could not be written" in caplog.text


def test_a_mail_server_that_is_down_changes_nothing(account, county, server, settings):
    settings.EMAIL_BACKEND = "cms.mailing.Outbox"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    make_user("duty", county, Role.DUTY_EDITOR)
    server.faults["/draft"] = ["rejected"]
    assert engine.run(send(signed_release(), account=account).pk) == Phase.ATTENTION
    assert mailing.send_due() == 0 and Mail.objects.get().message["to"] == ["duty@example.org"]
