"""People and workers at the same delivery at the same time: nothing is stuck, overwritten or sent twice."""

import re

import pytest
from django.db import OperationalError, connection

from cms.refusals import Refused
from publishers import engine
from publishers.accounts import pausing
from publishers.distribution import cancel, distribute, reschedule, retry
from publishers.engine import leases
from publishers.engine.leases import Fenced, acquire, renew_before_call
from publishers.engine.outcomes import Halt, RunOutcome
from publishers.models import Account, Cause, Delivery, Outcome, Phase
from publishers.people.permissions import OPERATOR
from publishers.people.refusals import PerhapsThere
from tests.publishers.engine.cast import make_due, send, sent_titles, signed_release, written_in
from tests.publishers.engine.clock import in_an_hour
from tests.publishers.engine.tiny import Tiny

pytestmark = pytest.mark.django_db(transaction=True)


def pause(account):
    pausing.pause(account, by_name="值班", reason="先停一下。")


def left_behind(delivery):
    """Return the claim of a worker that is still alive after its lease has ended."""
    held = acquire(delivery.pk)
    make_due(delivery)
    return held


# --- pausing and resuming ---------------------------------------------------------------------------------


def test_a_resume_that_comes_before_the_worker_lets_go_is_not_lost(release, account):
    delivery = send(release, account=account)
    held = acquire(delivery.pk)
    pause(account)
    with pytest.raises(Halt) as halt:
        renew_before_call(held)
    pausing.resume(account)
    leases.release(held, halt.value.run_outcome)
    assert engine.sweep() == [delivery.pk]
    assert engine.run(delivery.pk) == Phase.SETTLED


def test_a_delivery_made_with_a_stale_look_at_the_account_does_not_wait_for_ever(release, account):
    pause(account)
    stale = Account.objects.get(pk=account.pk)
    pausing.resume(account)
    assert engine.run(send(release, account=stale).pk) == Phase.SETTLED


def test_a_delivery_made_while_somebody_pauses_the_account_is_paused(release, account):
    stale = Account.objects.get(pk=account.pk)
    pause(account)
    delivery = send(release, account=stale)
    assert (delivery.phase, delivery.next_at, delivery.reason) == (Phase.PAUSED, None, "先停一下。")


def test_what_was_being_confirmed_goes_on_being_confirmed_after_a_pause(release, account, server):
    server.polls_until_live = 1
    delivery = send(release, account=account)
    assert engine.run(delivery.pk) == Phase.CONFIRMING
    pause(account)
    pausing.resume(account)
    delivery.refresh_from_db()
    assert delivery.phase == Phase.CONFIRMING
    with pytest.raises(Refused):
        cancel(delivery, by=OPERATOR)
    assert engine.run(delivery.pk) == Phase.SETTLED


def test_what_was_looked_at_and_had_not_begun_can_still_be_moved_after_a_pause(account, server):
    delivery = send(signed_release(public_from=in_an_hour()), account=account)
    make_due(delivery)
    assert engine.run(delivery.pk) == Phase.SCHEDULED
    pause(account)
    pausing.resume(account)
    delivery.refresh_from_db()
    reschedule(delivery, in_an_hour(), by=OPERATOR)
    assert delivery.phase == Phase.SCHEDULED and server.total == 0


def test_after_a_pause_nothing_is_left_of_what_was_wrong_before_it(release, account):
    delivery = send(release, account=account)
    Delivery.objects.update(retries=9, put_off_s=9000)
    Account.objects.update(problem="凭据无效。")
    pause(account)
    pausing.resume(account)
    delivery.refresh_from_db()
    assert (delivery.retries, delivery.put_off_s, delivery.reason) == (0, 0, "")
    assert (account.problem, account.paused_reason, account.paused_by) == ("", "", "")


@pytest.mark.parametrize("fault", ["lost", "cut"])
def test_an_unknown_submit_is_not_repeated_because_the_account_was_paused(fault, release, account, server):
    server.faults["/submit"] = [fault]
    delivery = send(release, account=account)
    engine.run(delivery.pk)
    pause(account)
    server.undecided = 40.0
    pausing.resume(account)
    assert engine.run(delivery.pk) == Phase.SENDING
    delivery.refresh_from_db()
    assert delivery.cause == Cause.UNKNOWN and server.calls["/submit"] == 1
    server.undecided = "decided"
    make_due(delivery)
    assert engine.run(delivery.pk) == Phase.SETTLED
    assert len(sent_titles(server)) == 1


# --- who lost a delivery writes nothing more --------------------------------------------------------------


@pytest.mark.parametrize("service", [cancel, retry])
def test_a_worker_that_outlived_its_lease_changes_nothing_after_a_person_did(
    service, release, account, server
):
    server.faults["/draft"] = ["retry"]
    delivery = send(release, account=account)
    engine.run(delivery.pk)
    make_due(delivery)
    stale = left_behind(delivery)
    service(delivery, by=OPERATOR)
    decided = delivery.phase
    for write in (lambda: renew_before_call(stale), lambda: leases.release(stale, RunOutcome(Phase.SETTLED))):
        with pytest.raises(Fenced):
            write()
    delivery.refresh_from_db()
    assert delivery.phase == decided


# --- giving a delivery up, and sending again --------------------------------------------------------------


def given_up(fault, path, release, account, server):
    server.faults[path] = [fault]
    delivery = send(release, account=account)
    engine.run(delivery.pk)
    delivery.refresh_from_db()
    cancel(delivery, by=OPERATOR)
    return delivery


@pytest.mark.parametrize(
    ("path", "fault"), [("/draft", "lost"), ("/submit", "lost"), ("/submit", "cut"), ("/submit", "rejected")]
)
def test_what_may_have_arrived_before_it_was_cancelled_is_not_sent_again_unasked(
    path, fault, release, account, server
):
    given_up(fault, path, release, account, server)
    with pytest.raises(Refused, match="南粤女声"):
        send(release, account=account)
    assert server.calls[path] == 1


def test_what_may_be_there_is_asked_about_for_a_newer_text_too(release, account, server):
    server.faults["/submit"] = ["lost"]
    halfway = send(release, account=account)
    engine.run(halfway.pk)
    halfway.refresh_from_db()
    cancel(halfway, by=OPERATOR)
    newer = signed_release(release.page_id, title="山里的阅览室（更正）")
    with pytest.raises(PerhapsThere):
        send(newer, account=account)


def test_who_has_looked_may_send_it_again(release, account, server):
    given_up("cut", "/submit", release, account, server)
    [delivery] = distribute([release], [account], again=True, by=OPERATOR)
    assert engine.run(delivery.pk) == Phase.SETTLED
    assert len(sent_titles(server)) == 1


@pytest.mark.parametrize(("path", "fault"), [("/upload", "lost"), ("/draft", "rejected")])
def test_what_certainly_did_not_arrive_may_be_sent_again_at_once(path, fault, release, account, server):
    given_up(fault, path, release, account, server)
    assert engine.run(send(release, account=account).pk) == Phase.SETTLED
    assert len(sent_titles(server)) == 1


def test_a_paused_delivery_that_was_submitted_is_not_sent_again_after_it_was_cancelled(
    release, account, server
):
    server.polls_until_live = 1
    delivery = send(release, account=account)
    assert engine.run(delivery.pk) == Phase.CONFIRMING
    pause(account)
    delivery.refresh_from_db()
    cancel(delivery, by=OPERATOR)
    pausing.resume(account)
    with pytest.raises(Refused):
        send(release, account=account)
    assert len(sent_titles(server)) == 1


# --- the hub's own troubles -------------------------------------------------------------------------------


class Cut:
    """Breaks the database's connection at the first statement that ``matches``."""

    def __init__(self, matches):
        self.matches, self.struck = matches, False

    def _execute(self, execute, sql, params, many, context):
        if not self.struck and self.matches(sql):
            self.struck = True
            raise OperationalError("server closed the connection unexpectedly")
        return execute(sql, params, many, context)

    __call__ = written_in("psycopg", _execute)


@pytest.mark.parametrize("table", ["publishers_attempt", "publishers_deliveryitem", "publishers_sourcelink"])
def test_a_database_that_is_cut_off_leaves_the_delivery_to_the_next_worker(table, release, account, server):
    delivery = send(release, account=account)
    cut = Cut(re.compile(rf'(INSERT INTO|UPDATE) "{table}"').match)
    with connection.execute_wrapper(cut), pytest.raises(OperationalError):
        engine.run(delivery.pk)
    delivery.refresh_from_db()
    assert cut.struck and delivery.phase == Phase.SENDING and delivery.lease_until
    make_due(delivery)
    assert engine.run(delivery.pk) == Phase.SETTLED
    assert len(sent_titles(server)) == 1


# --- a new version of the renderer ------------------------------------------------------------------------


def test_what_is_stored_to_be_sent_stays_as_it_is_when_the_renderer_changes(
    release, account, server, monkeypatch
):
    server.faults["/draft"] = ["lost"]
    delivery = send(release, account=account)
    engine.run(delivery.pk)
    new_renderer(monkeypatch)
    make_due(delivery)
    assert engine.run(delivery.pk) == Phase.SETTLED
    assert sent_titles(server) == ["山里的阅览室"] and server.calls["/draft"] == 1
    assert delivery.attempts.get(name="draft").outcome == Outcome.DONE


def test_what_is_not_yet_stored_to_be_sent_is_rendered_by_the_new_version(
    release, account, server, monkeypatch
):
    server.faults["/upload"] = ["retry"]
    delivery = send(release, account=account)
    engine.run(delivery.pk)
    new_renderer(monkeypatch)
    make_due(delivery)
    assert engine.run(delivery.pk) == Phase.SETTLED
    assert sent_titles(server) == ["山里的阅览室（新版）"]
    assert set(release.renditions.values_list("version", flat=True)) == {1, 2}


def new_renderer(monkeypatch):
    import dataclasses

    render = Tiny.render
    monkeypatch.setattr(Tiny, "platform", dataclasses.replace(Tiny.platform, renderer=2))
    monkeypatch.setattr(
        Tiny,
        "render",
        lambda self, document, variant, theme="": dataclasses.replace(
            render(self, document, variant, theme), title=f"{document.title}（新版）"
        ),
    )
