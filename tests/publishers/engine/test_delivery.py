"""A delivery from its making to readers, over real HTTP."""

import dataclasses
import json

import pytest

from cms import releases
from publishers import engine
from publishers.engine.renditions import rendition_of
from publishers.models import Attempt, Delivery, Outcome, Phase, SourceLink, StoredRendition, Upload
from tests.publishers.engine.cast import (
    SECRET,
    as_json,
    make_account,
    make_due,
    send,
    sent_titles,
    signed_release,
)
from tests.publishers.engine.clock import in_an_hour
from tests.publishers.engine.tiny import Tiny

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_release_goes_live_once_with_its_address(release, account, server):
    delivery = send(release, account=account)
    assert engine.run(delivery.pk) == Phase.SETTLED
    assert sent_titles(server) == ["山里的阅览室"]
    delivery.refresh_from_db()
    item = delivery.items.get()
    assert item.url == f"{server.url}/draft-1/0"
    assert (item.remote, item.observed_generation) == ({"id": "draft-1"}, 1)
    assert delivery.settled_at and delivery.next_at is None and delivery.lease_until is None


def test_a_settled_delivery_is_not_run_again(release, account, server):
    delivery = send(release, account=account)
    engine.run(delivery.pk)
    calls = server.total
    assert engine.run(delivery.pk) == Phase.SETTLED
    assert engine.sweep() == []
    assert server.total == calls


def test_each_call_is_written_down_with_its_result(release, account, server):
    engine.run(send(release, account=account).pk)
    rows = Attempt.objects.values_list("name", "outcome", "tries", "result")
    assert list(rows) == [
        ("upload body", Outcome.DONE, 1, {"url": "tiny:1"}),
        ("draft", Outcome.DONE, 1, {"id": "draft-1"}),
        ("submit", Outcome.DONE, 1, {"id": "draft-1"}),
        ("poll:state", Outcome.DONE, 1, True),
    ]


def test_what_is_stored_as_payload_is_exactly_what_is_sent(release, account, server):
    delivery = send(release, account=account)
    engine.run(delivery.pk)
    item = delivery.items.get()
    [(_, body)] = [call for call in server.bodies if call[0] == "/draft"]
    assert body["articles"] == [json.loads(bytes(item.payload))]
    assert body["articles"][0]["source"].endswith(f"/r/{item.token}")
    assert SourceLink.objects.get().token == item.token


def test_a_picture_is_uploaded_once_per_account(office, release, account, server):
    engine.run(send(release, account=account).pk)
    engine.run(send(signed_release(page_id=8), account=account).pk)
    assert server.calls["/upload"] == 1
    engine.run(send(release, account=make_account(office, server, "第二个账号")).pk)
    assert server.calls["/upload"] == 2
    assert Upload.objects.count() == 2


def test_a_release_is_rendered_once_per_platform(office, release, account, server):
    engine.run(send(release, account=account).pk)
    engine.run(send(release, account=make_account(office, server, "第二个账号")).pk)
    assert StoredRendition.objects.count() == 1


def test_a_theme_that_the_platform_does_not_have_is_its_usual_one_and_each_is_rendered_once(release):
    document, publisher = releases.document(release), Tiny()
    publisher.platform = dataclasses.replace(Tiny.platform, themes={"plain": "Plain", "dark": "Dark"})
    for theme in ("gone", "dark", "", "plain", "dark"):
        rendition_of(release, document, publisher, theme)
    assert list(StoredRendition.objects.order_by("pk").values_list("theme", flat=True)) == ["plain", "dark"]


def test_articles_of_an_edition_go_together_in_order(release, account, server):
    second = signed_release(page_id=8, title="第二条", pictures=2)
    delivery = send(release, second, account=account)
    engine.run(delivery.pk)
    assert server.calls["/draft"] == 1
    assert sent_titles(server) == ["山里的阅览室", "第二条"]
    assert [len(article["pictures"]) for article in server.articles["draft-1"]["articles"]] == [1, 2]
    assert [item.url[-2:] for item in delivery.items.all()] == ["/0", "/1"]


def test_the_channels_own_title_is_sent(account, server):
    engine.run(send(signed_release(variants={"tiny": {"title": "渠道稿标题"}}), account=account).pk)
    assert sent_titles(server) == ["渠道稿标题"]


def test_nothing_is_called_before_its_time(release, account, server):
    delivery = send(release, account=account, at=in_an_hour())
    assert engine.run(delivery.pk) == Phase.SCHEDULED
    assert engine.sweep() == [] and server.total == 0
    make_due(delivery)
    assert engine.sweep() == [delivery.pk]
    assert engine.run(delivery.pk) == Phase.SETTLED


def test_nothing_is_called_before_readers_may_see_it_whatever_the_row_says(account, server):
    public_from = in_an_hour()
    delivery = send(signed_release(public_from=public_from), account=account)
    assert delivery.due_at == public_from
    make_due(delivery)
    assert engine.run(delivery.pk) == Phase.SCHEDULED
    delivery.refresh_from_db()
    assert server.total == 0 and delivery.next_at == public_from


def test_a_platform_that_takes_its_time_is_asked_after_the_stored_delays(release, account, server):
    server.polls_until_live = 2
    delivery = send(release, account=account)
    for asked in (1, 2):
        assert engine.run(delivery.pk) == Phase.CONFIRMING
        assert server.calls["/state"] == asked
        delivery.refresh_from_db()
        assert "确认" in delivery.reason or "confirmed" in delivery.reason
        make_due(delivery)
    assert engine.run(delivery.pk) == Phase.SETTLED
    assert server.calls["/draft"] == server.calls["/submit"] == 1


def test_a_platform_that_never_confirms_goes_to_a_person(release, account, server):
    server.polls_until_live = 99
    delivery = send(release, account=account)
    for _ in range(2):
        assert engine.run(delivery.pk) == Phase.CONFIRMING
        make_due(delivery)
    assert engine.run(delivery.pk) == Phase.ATTENTION
    delivery.refresh_from_db()
    assert delivery.cause == "unconfirmed" and delivery.next_at is None


def test_no_secret_is_stored_or_logged_in_clear(release, account, server, caplog):
    server.faults["/submit"] = ["permanent"]
    caplog.set_level("DEBUG")
    engine.run(send(release, account=account).pk)
    stored = as_json([list(model.objects.values()) for model in (Attempt, Delivery, Upload)])
    account.refresh_from_db()
    everything = (
        stored + repr(bytes(account.credentials)) + repr(bytes(account.held_token.token)) + caplog.text
    )
    assert "99999" in stored
    assert SECRET not in everything and "tok-1" not in everything


def test_the_engine_is_never_run_inside_a_transaction(release, account):
    from django.db import transaction

    with transaction.atomic(), pytest.raises(RuntimeError):
        engine.run(send(release, account=account).pk)


def test_a_delivery_costs_few_queries(release, account, server, django_assert_max_num_queries):
    """Per step: begin (four, with BEGIN and COMMIT) and end (one); the rest once per run."""
    engine.run(send(signed_release(page_id=8), account=account).pk)  # the token is held, the picture known
    delivery = send(release, account=account)
    with django_assert_max_num_queries(55):
        engine.run(delivery.pk)
