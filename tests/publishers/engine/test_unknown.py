"""A call whose outcome is not known is looked for on the platform, and never blindly repeated."""

import pytest

from publishers import engine
from publishers.distribution import retry
from publishers.models import Attempt, Cause, Delivery, Outcome, Phase
from publishers.people.permissions import OPERATOR
from tests.publishers.engine.cast import Killed, dying_at, make_due, send, sent_titles
from tests.publishers.engine.tiny import Tiny

pytestmark = pytest.mark.django_db(transaction=True)
CHANGING = ["/draft", "/submit"]


def lose(path, fault, release, account, server):
    server.faults[path] = [fault]
    delivery = send(release, account=account)
    assert engine.run(delivery.pk) == Phase.SENDING
    delivery.refresh_from_db()
    assert delivery.cause == Cause.UNKNOWN and delivery.reason
    return delivery


@pytest.mark.parametrize("path", CHANGING)
def test_a_call_whose_answer_was_lost_is_found_and_not_repeated(path, release, account, server):
    delivery = lose(path, "lost", release, account, server)
    make_due(delivery)
    assert engine.run(delivery.pk) == Phase.SETTLED
    assert server.calls[path] == 1 and len(sent_titles(server)) == 1


@pytest.mark.parametrize("path", CHANGING)
def test_a_call_that_certainly_did_not_arrive_is_made_again(path, release, account, server):
    delivery = lose(path, "cut", release, account, server)
    make_due(delivery)
    assert engine.run(delivery.pk) == Phase.SETTLED
    assert server.calls[path] == 2 and len(sent_titles(server)) == 1


@pytest.mark.parametrize("path", CHANGING)
@pytest.mark.parametrize("fault", ["lost", "cut"])
def test_an_undecided_call_is_not_repeated_and_asked_about_later(path, fault, release, account, server):
    delivery = lose(path, fault, release, account, server)
    server.undecided = 40.0
    for _ in range(3):
        make_due(delivery)
        assert engine.run(delivery.pk) == Phase.SENDING
    assert server.calls[path] == 1
    delivery.refresh_from_db()
    assert delivery.reason == "平台还没有说。" and delivery.cause == Cause.UNKNOWN
    server.undecided = "decided"
    make_due(delivery)
    assert engine.run(delivery.pk) == Phase.SETTLED
    assert len(sent_titles(server)) == 1


@pytest.mark.parametrize("path", CHANGING)
def test_what_only_a_person_can_tell_goes_to_a_person_and_retry_asks_again(path, release, account, server):
    delivery = lose(path, "lost", release, account, server)
    server.undecided = None
    make_due(delivery)
    assert engine.run(delivery.pk) == Phase.ATTENTION
    for _ in range(2):
        delivery.refresh_from_db()
        retry(delivery, by=OPERATOR)
        assert engine.run(delivery.pk) == Phase.ATTENTION
    assert server.calls[path] == 1
    server.undecided = "decided"
    delivery.refresh_from_db()
    retry(delivery, by=OPERATOR)
    assert engine.run(delivery.pk) == Phase.SETTLED
    assert server.calls[path] == 1 and len(sent_titles(server)) == 1


def test_an_upload_whose_answer_was_lost_is_simply_repeated(release, account, server):
    delivery = lose("/upload", "lost", release, account, server)
    assert Attempt.objects.get(name="upload body").outcome == Outcome.UNKNOWN
    make_due(delivery)
    assert engine.run(delivery.pk) == Phase.SETTLED
    # "/find" once: the check of a new account.
    assert server.calls["/upload"] == 2 and server.calls["/find"] == 1


def test_without_a_way_to_ask_a_person_must_look(release, account, server, monkeypatch):
    def publish(self, job):
        job.step("send", lambda: job.account.http.post(f"{account.base_url}/draft", json={"mark": ""}).json())

    monkeypatch.setattr(Tiny, "publish", publish)
    server.faults["/draft"] = ["lost"]
    delivery = send(release, account=account)
    engine.run(delivery.pk)
    delivery.refresh_from_db()
    for _ in range(3):
        retry(delivery, by=OPERATOR)
        assert engine.run(delivery.pk) == Phase.ATTENTION
        delivery.refresh_from_db()
        assert delivery.cause == Cause.UNKNOWN and "send" in delivery.reason
    assert server.calls["/draft"] == 1


def test_an_unknown_call_counts_even_when_the_input_has_changed(release, account, server):
    delivery = lose("/draft", "lost", release, account, server)
    Attempt.objects.filter(name="draft").update(input_sha256="0" * 64)
    make_due(delivery)
    assert engine.run(delivery.pk) == Phase.SETTLED
    assert server.calls["/draft"] == 1 and len(sent_titles(server)) == 1
    assert list(Attempt.objects.filter(name="draft").values_list("outcome", flat=True)) == [Outcome.DONE] * 2


def test_a_surprise_after_the_call_leaves_it_unknown(release, account, server, monkeypatch):
    submit = type(server).submit
    monkeypatch.setattr(
        type(server), "submit", lambda self, body: {**submit(self, body), "error": "surprise"}
    )
    delivery = send(release, account=account)
    assert engine.run(delivery.pk) == Phase.ATTENTION
    retry(delivery, by=OPERATOR)
    assert engine.run(delivery.pk) == Phase.SETTLED
    assert server.calls["/submit"] == 1


@pytest.mark.parametrize(
    ("faults", "before"),
    [({"/draft": ["retry"]}, None), ({"/state": ["retry"]}, "/submit")],
    ids=["a picture went up", "an earlier call was found"],
)
def test_whatever_brings_a_delivery_on_lets_it_be_tried_as_often_as_at_first(
    release, account, server, faults, before
):
    if before:
        delivery = lose(before, "lost", release, account, server)
        make_due(delivery)
    else:
        delivery = send(release, account=account)
    Delivery.objects.filter(pk=delivery.pk).update(retries=5, put_off_s=600)
    server.faults = faults
    assert engine.run(delivery.pk) == Phase.SENDING
    delivery.refresh_from_db()
    assert (delivery.retries, delivery.put_off_s) == (1, 0)


# Twice for each step, and once for what was uploaded and for the poll.
WRITES = 2 * len(Tiny.STEPS[1:]) + 2


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("number", range(1, WRITES + 1))
def test_a_run_that_dies_at_any_write_leaves_one_article(number, when, release, account, server):
    """Dies around the N-th write of an attempt, then somebody else goes on."""
    delivery = send(release, account=account)
    with dying_at(number, when), pytest.raises(Killed):
        engine.run(delivery.pk)
    make_due(delivery)
    assert engine.sweep() == [delivery.pk]
    assert engine.run(delivery.pk) == Phase.SETTLED
    assert len(sent_titles(server)) == 1 and not server.drafts
