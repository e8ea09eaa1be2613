"""What monitors read: figures from the database, readiness with what is wrong, and no secret."""

import dataclasses
import datetime as dt

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from config.celery import app
from publishers import registry
from publishers.accounts.quotas import window
from publishers.engine import switching
from publishers.interface import Quota
from publishers.models import Account, Callback, Cause, Delivery, Heartbeat, Phase, QuotaUse
from publishers.operations import doctor, heartbeat, metrics
from publishers.people.permissions import OPERATOR
from publishers.tasks import sweep
from tests.publishers.engine.cast import SECRET, make_account, send
from tests.publishers.engine.clock import an_hour_ago, in_an_hour, just_now
from tests.publishers.engine.conftest import account, ground, office, release, server
from tests.triggers import lifted

__all__ = ["account", "ground", "office", "release", "server"]
pytestmark = pytest.mark.django_db(transaction=True)


def figures(client, **headers) -> dict[str, float]:
    answer = client.get("/metrics", **headers)
    assert answer.status_code == 200, answer.content
    lines = [line for line in answer.content.decode().splitlines() if not line.startswith("#")]
    return {name: float(figure) for name, figure in (line.rsplit(" ", 1) for line in lines)}


def test_what_is_due_and_how_late_it_is_can_be_read(client, account, release):
    delivery = send(release, account=account)
    an_hour_ago = timezone.now() - dt.timedelta(hours=1)
    Delivery.objects.update(next_at=an_hour_ago, due_at=an_hour_ago)
    found = figures(client)
    assert found["hub_due_deliveries"] == 1 and found['hub_deliveries{phase="scheduled"}'] == 1
    assert found["hub_queue_age_seconds"] >= 3600 and found["hub_lateness_seconds"] >= 3600
    Delivery.objects.filter(pk=delivery.pk).update(phase=Phase.ATTENTION, cause="unknown", next_at=None)
    found = figures(client)
    assert found["hub_due_deliveries"] == 0 and found['hub_attention{cause="unknown"}'] == 1


def test_nothing_is_due_while_the_hub_is_paused(client, account, release):
    send(release, account=account)
    assert figures(client)["hub_due_deliveries"] == 1
    switching.pause_all("演练", by=OPERATOR)
    assert figures(client)["hub_due_deliveries"] == 0


def test_the_newest_calls_are_counted_by_platform_and_outcome(client, account, release, monkeypatch):
    monkeypatch.setattr(metrics, "NEWEST", 3)
    delivery = send(release, account=account)
    for number, outcome in enumerate(["failed", "succeeded", "unknown", "succeeded"]):
        delivery.attempts.create(
            name=f"step {number}", generation=1, outcome=outcome, begun_at=timezone.now()
        )
    found = {name: figure for name, figure in figures(client).items() if name.startswith("hub_attempts")}
    assert found == {
        'hub_attempts{outcome="succeeded",platform="tiny"}': 2,
        'hub_attempts{outcome="unknown",platform="tiny"}': 1,
    }


@pytest.mark.parametrize(("lease_until", "due", "in_hand"), [(in_an_hour, 0, 1), (an_hour_ago, 1, 0)])
def test_what_a_worker_has_in_hand_is_not_due_until_its_lease_is_over(
    client, account, release, lease_until, due, in_hand
):
    send(release, account=account)
    Delivery.objects.update(next_at=an_hour_ago(), lease_until=lease_until())
    found = figures(client)
    assert (found["hub_due_deliveries"], found["hub_deliveries_in_hand"]) == (due, in_hand)


def test_what_has_begun_is_not_late_however_long_ago_it_was_due(client, account, release):
    send(release, account=account)
    Delivery.objects.update(next_at=an_hour_ago(), due_at=an_hour_ago(), phase=Phase.SENDING)
    found = figures(client)
    assert found["hub_lateness_seconds"] == 0 and found["hub_queue_age_seconds"] >= 3600


def test_only_messages_that_nobody_worked_on_wait(client, account):
    for key, handled_at in (("a", None), ("b", timezone.now())):
        told = {"key": key, "event": {}, "received_at": an_hour_ago(), "handled_at": handled_at}
        Callback.objects.create(account=account, **told)
    assert figures(client)["hub_callbacks_waiting"] == 1


def test_breaker_quotas_heartbeat_and_main_switch_can_be_read(client, account):
    before, until = just_now(), in_an_hour()
    sweep()
    Account.objects.update(failures=6, resting_until=until)
    found, name = figures(client), f'account="{account.name}",platform="tiny"'
    passed_s = (timezone.now() - before).total_seconds()
    assert 3600 - passed_s <= found[f"hub_account_rest_seconds{{{name}}}"] <= 3600
    assert found[f"hub_account_failures{{{name}}}"] == 6
    assert found["hub_worker_heartbeat_age_seconds"] <= passed_s and found["hub_paused"] == 0
    switching.pause_all("演练", by=OPERATOR)
    Heartbeat.objects.all().delete()
    found = figures(client)
    assert found["hub_paused"] == 1 and found["hub_worker_heartbeat_age_seconds"] == float("inf")


def test_what_is_left_of_a_quota_can_be_read(client, account):
    Account.objects.update(platform="wechat")
    quota = next(each for each in registry.get("wechat").platform.quotas if each.per_day)
    since, _until = window("day")  # as it is counted
    QuotaUse.objects.create(account=account, path=quota.path, span="day", since=since, count=3)
    # Of a quota that its plugin declares no more nothing is left to be told.
    QuotaUse.objects.create(account=account, path="/gone", span="day", since=since, count=3)
    left = {name: figure for name, figure in figures(client).items() if name.startswith("hub_quota_left")}
    assert list(left.values()) == [quota.per_day - 3] and quota.path in next(iter(left))


def test_what_was_used_up_in_an_earlier_window_is_whole_again(client, account, monkeypatch):
    """Though nobody has called since."""
    quotas = (Quota("/draft", per_minute=3, per_day=5), Quota("/submit", per_day=7))
    tiny = registry.get("tiny")
    monkeypatch.setattr(tiny, "platform", dataclasses.replace(tiny.platform, quotas=quotas))
    for path, span, count in (("/draft", "minute", 3), ("/draft", "day", 5), ("/submit", "day", 7)):
        before = window(span)[0] - dt.timedelta(seconds=1)
        QuotaUse.objects.create(account=account, path=path, span=span, since=before, count=count)
    left = {name: figure for name, figure in figures(client).items() if name.startswith("hub_quota_left")}
    assert sorted(left.values()) == [3, 5, 7]


def test_the_number_of_queries_does_not_grow_with_accounts(client, office, server):
    make_account(office, server, name="一")
    with CaptureQueriesContext(connection) as few:
        figures(client)
    for number in range(20):
        make_account(office, server, name=f"号{number}")
    with CaptureQueriesContext(connection) as many:
        figures(client)
    assert len(many) == len(few) <= 10


def test_only_who_has_the_token_reads_the_figures(client, db, settings):
    settings.METRICS_TOKEN = "the-token"
    assert client.get("/metrics").status_code == 403
    assert client.get("/metrics", HTTP_AUTHORIZATION="Bearer another").status_code == 403
    assert figures(client, HTTP_AUTHORIZATION="Bearer the-token")


@pytest.mark.parametrize(
    "asked",
    [
        {"REMOTE_ADDR": "203.0.113.9"},
        {"HTTP_X_FORWARDED_FOR": "203.0.113.9"},
        {"HTTP_FORWARDED": "for=203.0.113.9"},
    ],
)
def test_without_a_token_only_this_machine_reads_them(asked, client, db):
    assert client.get("/metrics", **asked).status_code == 403
    for address in ("127.0.0.1", "::1"):
        assert figures(client, REMOTE_ADDR=address)


@pytest.mark.parametrize("address", ["/metrics", "/readyz"])
def test_what_monitors_read_is_kept_by_nobody_and_changes_nothing(address, client, db):
    assert "no-store" in client.get(address)["Cache-Control"]
    assert client.head(address).status_code in (200, 503) and client.post(address).status_code == 405


def readiness(client):
    answer = client.get("/readyz")
    assert (answer.status_code == 200) == answer.json()["ready"]
    return answer.json()["problems"]


def test_a_hub_that_can_work_is_ready(client, account):
    sweep()
    assert readiness(client) == {}


def test_what_keeps_it_from_its_work_is_named(client, account, settings):
    assert readiness(client) == {"worker": "never seen"}
    heartbeat.beat()
    Heartbeat.objects.update(at=timezone.now() - dt.timedelta(minutes=5))
    assert readiness(client)["worker"].startswith("silent for 30")
    with lifted():
        assert "triggers" in readiness(client)


def test_a_broker_that_is_away_is_told_without_its_address(client, account):
    sweep()
    app.conf.update(broker_url="amqp://hub:s3cret@127.0.0.1:9//", broker_transport_options={})
    try:
        assert readiness(client) == {"broker": "unreachable"}
        assert doctor.look_at("broker").sentence
    finally:
        app.conf.update(broker_url="memory://")


def test_nothing_else_is_asked_of_a_database_that_is_away(client, account, monkeypatch):
    connection.close()
    with monkeypatch.context() as away:
        away.setitem(connection.settings_dict, "NAME", "none/hub")
        assert readiness(client) == {"database": "unreachable"}
        connection.close()


def test_missing_migrations_are_told_to_monitors_and_to_people(client, account):
    sweep()
    MigrationRecorder(connection).record_unapplied("publishers", "0001_initial")
    try:
        assert readiness(client) == {"migrations": "1 missing"}
        assert "migrate" in doctor.look_at("database").sentence
    finally:
        MigrationRecorder(connection).record_applied("publishers", "0001_initial")


def test_neither_says_a_secret(client, account):
    said = client.get("/readyz").content + client.get("/metrics").content
    assert SECRET.encode() not in said


def test_monitors_are_told_when_the_database_is_away(client, account, monkeypatch):
    assert figures(client)["hub_database_up"] == 1
    connection.close()
    with monkeypatch.context() as away:
        away.setitem(connection.settings_dict, "NAME", "none/hub")
        assert figures(client) == {"hub_database_up": 0}
        connection.close()


def test_every_cause_has_a_figure_before_it_happens_and_refused_credentials_are_one(client, account, release):
    found = figures(client)
    told = {name: figure for name, figure in found.items() if name.startswith("hub_attention")}
    assert told == {f'hub_attention{{cause="{cause}"}}': 0 for cause in Cause.values if cause}
    delivery = send(release, account=account)
    Delivery.objects.filter(pk=delivery.pk).update(phase=Phase.PAUSED, cause=Cause.CREDENTIALS, next_at=None)
    assert figures(client)['hub_attention{cause="credentials"}'] == 1
    Delivery.objects.update(cause=Cause.CAPABILITY)
    assert figures(client)['hub_attention{cause="capability"}'] == 0
