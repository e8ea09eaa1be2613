"""What was not signed off is never sent, whatever stands in the database."""

import dataclasses
import json
import uuid

import pytest
from django.db import connection

from cms import releases
from cms.media import blobs
from cms.models import Release
from publishers import engine, registry
from publishers.engine.items import EngineItem
from publishers.engine.outcomes import Forged
from publishers.engine.renditions import rendition_of
from publishers.models import Cause, Delivery, DeliveryItem, Phase, StoredRendition
from tests.publishers.engine.cast import make_account, make_due, send, signed_release
from tests.publishers.engine.clock import an_hour_ago
from tests.publishers.engine.tiny import Tiny
from tests.triggers import lifted

pytestmark = pytest.mark.django_db(transaction=True)


def assert_nothing_was_sent(delivery, server):
    assert engine.run(delivery.pk) == Phase.ATTENTION
    delivery.refresh_from_db()
    assert delivery.cause == Cause.FORGED and delivery.reason
    assert server.calls["/draft"] == 0
    assert not any("editedtext" in json.dumps(body) for _, body in server.bodies)


def forge_delivery(account, *releases) -> Delivery:
    due = an_hour_ago()
    delivery = Delivery.objects.create(account=account, due_at=due, next_at=due, created_by_name="")
    for position, release in enumerate(releases):
        DeliveryItem.objects.create(delivery=delivery, account=account, position=position, release=release)
    return delivery


def test_a_release_that_the_hub_did_not_sign(release, account, server):
    forged = Release.objects.get(pk=release.pk)
    forged.pk, forged._state.adding, forged.number, forged.sha256 = None, True, 2, "0" * 64
    forged.title = "editedtext"
    forged.id = Release._meta.pk.get_default()
    forged.save(force_insert=True)
    assert_nothing_was_sent(forge_delivery(account, forged), server)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("document", None),
        ("variants", b'{"tiny":{"title":"editedtext"}}'),
        ("title", "editedtext"),
        ("public_from", an_hour_ago()),
        ("assets", b"{}"),
        ("approvals", b"[]"),
        ("signature", b"x" * 64),
        ("key_id", "0" * 16),
    ],
)
def test_a_release_row_that_was_edited(field, value, account, server):
    release = signed_release()
    delivery = send(release, account=account)
    if field == "document":
        value = bytes(release.document).replace("山里".encode(), b"editedtext")
    with lifted():
        Release.objects.filter(pk=release.pk).update(**{field: value})
    assert_nothing_was_sent(delivery, server)


def test_a_release_row_that_was_edited_while_the_delivery_waits(release, account, server):
    server.faults["/draft"] = ["retry"]
    delivery = send(release, account=account)
    engine.run(delivery.pk)
    server.calls.clear()
    with lifted():
        Release.objects.filter(pk=release.pk).update(title="editedtext")
    make_due(delivery)
    assert_nothing_was_sent(delivery, server)


def test_a_delivery_without_items(account, server):
    assert_nothing_was_sent(forge_delivery(account), server)


def test_a_delivery_with_more_items_than_the_platform_takes(account, server):
    three = [signed_release(page_id=number) for number in (40, 41, 42)]
    assert_nothing_was_sent(forge_delivery(account, *three), server)


def test_an_item_that_belongs_to_another_account(office, release, account, server):
    delivery = forge_delivery(account)
    other = make_account(office, server, "第二个账号")
    DeliveryItem.objects.create(delivery=delivery, account=other, position=0, release=release)
    assert_nothing_was_sent(delivery, server)


def test_a_rendition_that_was_edited(release, account, server):
    server.faults["/upload"] = ["retry"]
    delivery = send(release, account=account)
    engine.run(delivery.pk)
    stored = StoredRendition.objects.get()
    edited = bytes(stored.content).replace("山里".encode(), b"editedtext")
    StoredRendition.objects.update(content=edited)
    make_due(delivery)
    assert_nothing_was_sent(delivery, server)


def test_a_rendition_of_another_release(release, account, server):
    other = signed_release(page_id=8, title="editedtext")
    for each in (release, other):
        server.faults["/upload"] = ["retry"]
        delivery = send(each, account=account)
        engine.run(delivery.pk)
    donor = StoredRendition.objects.get(release=release)
    StoredRendition.objects.filter(release=other).update(
        content=donor.content, sha256=donor.sha256, key_id=donor.key_id, signature=donor.signature
    )
    make_due(delivery)
    assert_nothing_was_sent(delivery, server)


def test_a_payload_that_was_edited(release, account, server):
    server.faults["/draft"] = ["retry"]
    delivery = send(release, account=account)
    engine.run(delivery.pk)
    server.calls.clear()
    item = delivery.items.get()
    edited = bytes(item.payload).replace("山里".encode(), b"editedtext")
    DeliveryItem.objects.update(payload=edited)
    make_due(delivery)
    assert_nothing_was_sent(delivery, server)


@pytest.mark.parametrize("of", ["item", "release", "delivery", "generation", "token"])
def test_a_payload_that_was_stored_for_something_else(release, account, server, of):
    server.faults["/draft"] = ["retry"]
    delivery = send(release, account=account)
    engine.run(delivery.pk)
    row, publisher, generation = delivery.items.get(), registry.get("tiny"), 1
    token = row.links.get().token
    assert EngineItem(row, token, generation, publisher).payload["title"] == release.title
    match of:
        case "item":
            row.pk += 1
        case "release":
            row.release = signed_release(page_id=8)
        case "delivery":
            row.delivery_id = uuid.uuid4()
        case "generation":
            assert EngineItem(row, token, 2, publisher).payload is None
            row.payload_generation = generation = 2
        case "token":
            token = "f" * 32
    with pytest.raises(Forged):
        _ = EngineItem(row, token, generation, publisher).payload


@pytest.mark.parametrize(
    "of",
    [{"slug": "another"}, {"renderer": 2}, {"themes": {"dark": "Dark"}}],
    ids=["platform", "version", "theme"],
)
def test_a_rendition_that_was_made_for_something_else(release, of):
    document, publisher = releases.document(release), Tiny()
    rendition_of(release, document, publisher)
    publisher.platform = dataclasses.replace(publisher.platform, **of)
    platform = publisher.platform
    theme = next(iter(platform.themes), "")
    StoredRendition.objects.update(platform=platform.slug, version=platform.renderer, theme=theme)
    with pytest.raises(Forged):
        rendition_of(release, document, publisher)


def test_a_picture_that_was_replaced(release, account, server, monkeypatch):
    def upload(self, job, client, picture):
        return job.uploaded("body", picture, lambda: client.call("/upload", {"size": len(picture.read())}))[
            "url"
        ]

    monkeypatch.setattr(Tiny, "_upload", upload)
    [sha256] = json.loads(bytes(release.assets))
    blobs.path(sha256).chmod(0o644)
    blobs.path(sha256).write_bytes(b"another picture")
    assert_nothing_was_sent(send(release, account=account), server)
    assert server.calls["/upload"] == 0


def test_the_database_refuses_a_second_open_delivery_of_a_release_on_an_account(release, account):
    from django.db import IntegrityError

    send(release, account=account)
    with pytest.raises(IntegrityError):
        forge_delivery(account, release)
    assert connection.is_usable()
