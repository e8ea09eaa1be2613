"""Uploads show nobody anything: they are written down together, and never lost where that would matter."""

import hashlib
import json

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cms.document.model import canonical
from publishers import engine, registry
from publishers.engine import leases
from publishers.interface import Rejected
from publishers.models import Attempt, Delivery, Outcome, Phase, Upload
from tests.publishers.engine.cast import Killed, make_account, make_due, send, sent_titles, signed_release
from tests.publishers.engine.tiny import Tiny

pytestmark = pytest.mark.django_db(transaction=True)


def outcomes(delivery) -> list[tuple[str, str, int]]:
    return list(delivery.attempts.values_list("name", "outcome", "tries"))


def test_a_further_picture_costs_no_further_statement(office, server):
    counted = []
    for number, pictures in enumerate((1, 2, 4)):
        account = make_account(office, server, f"第{number}个账号")
        delivery = send(signed_release(number, pictures=pictures), account=account)
        with CaptureQueriesContext(connection) as queries:
            assert engine.work(delivery.pk)
        counted.append(len(queries))
        assert Upload.objects.filter(account=account).count() == pictures
    # The first one also finds out what the connection can do.
    assert counted[1] == counted[2]


def test_each_upload_has_its_own_line_with_its_times(account, server):
    delivery = send(signed_release(pictures=3), account=account)
    assert engine.run(delivery.pk) == Phase.SETTLED
    uploads = list(delivery.attempts.filter(name="upload body"))
    assert [row.result for row in uploads] == [{"url": f"tiny:{number}"} for number in (1, 2, 3)]
    assert all(row.begun_at < row.ended_at for row in uploads)
    assert uploads[0].ended_at <= uploads[1].begun_at


def test_what_went_well_is_kept_when_the_next_upload_fails(account, server):
    server.faults["/upload"] = [None, "retry"]
    delivery = send(signed_release(pictures=3), account=account)
    assert engine.run(delivery.pk) == Phase.SENDING
    assert outcomes(delivery) == [("upload body", Outcome.DONE, 1), ("upload body", Outcome.FAILED, 1)]
    assert delivery.attempts.last().error == "Retry"
    make_due(delivery)
    assert engine.run(delivery.pk) == Phase.SETTLED
    assert server.calls["/upload"] == 4
    assert outcomes(delivery)[:3] == [
        ("upload body", Outcome.DONE, 1),
        ("upload body", Outcome.DONE, 2),
        ("upload body", Outcome.DONE, 1),
    ]


class Picky(Tiny):
    """Finds out that the text is too long when its pictures are there."""

    def _payload(self, job, client, item):
        super()._payload(job, client, item)
        raise Rejected("正文太长。")


def test_what_was_uploaded_is_kept_when_the_text_is_refused_after_it(account, server, monkeypatch):
    monkeypatch.setitem(registry._publishers, "tiny", Picky())
    delivery = send(signed_release(pictures=2), account=account)
    assert engine.run(delivery.pk) == Phase.ATTENTION
    assert outcomes(delivery) == [("upload body", Outcome.DONE, 1)] * 2
    assert Upload.objects.filter(account=account).count() == 2


def test_what_another_worker_uploaded_meanwhile_serves_as_well(account, server):
    release, real = signed_release(), server.upload
    [sha256] = json.loads(bytes(release.assets))

    def meanwhile(body):
        Upload.objects.create(account=account, use="body", sha256=sha256, result={"url": "tiny:theirs"})
        connection.close()
        return real(body)

    server.upload = meanwhile
    assert engine.run(send(release, account=account).pk) == Phase.SETTLED
    assert Upload.objects.get().result == {"url": "tiny:theirs"}


def test_long_uploads_are_written_down_one_by_one(account, server, monkeypatch):
    monkeypatch.setattr(leases, "QUESTION_S", -1)
    written, real = [], server.upload

    def meanwhile(body):
        written.append(Attempt.objects.count())
        connection.close()
        return real(body)

    server.upload = meanwhile
    assert engine.run(send(signed_release(pictures=3), account=account).pk) == Phase.SETTLED
    assert written == [0, 1, 2]


def test_a_worker_that_dies_while_uploading_uploads_again_and_publishes_once(account, server):
    delivery = send(signed_release(pictures=3), account=account)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Tiny, "_upload", dying_at_the(3))
        with pytest.raises(Killed):
            engine.run(delivery.pk)
    assert outcomes(delivery) == []
    make_due(delivery)
    assert engine.run(delivery.pk) == Phase.SETTLED
    assert server.calls["/upload"] == 5 and sent_titles(server) == ["山里的阅览室"]


def dying_at_the(number):
    real, uploads = Tiny._upload, []

    def upload(self, job, client, picture):
        uploads.append(picture)
        if len(uploads) == number:
            raise Killed
        return real(self, job, client, picture)

    return upload


def test_who_lost_the_delivery_meanwhile_writes_nothing_and_calls_nothing_more(account, server):
    real = server.upload

    def taken_over(body):
        Delivery.objects.update(fence=F("fence") + 1)
        connection.close()
        return real(body)

    server.upload = taken_over
    delivery = send(signed_release(pictures=2), account=account)
    assert engine.run(delivery.pk) == Phase.SENDING
    assert server.calls["/draft"] == 0
    assert outcomes(delivery) == [] and not Upload.objects.exists()


def test_an_upload_that_was_begun_before_is_made_again(account, server):
    release = signed_release()
    delivery = send(release, account=account)
    [sha256] = json.loads(bytes(release.assets))
    Attempt.objects.create(
        delivery=delivery,
        generation=delivery.generation,
        name="upload body",
        input_sha256=hashlib.sha256(canonical({"sha256": sha256})).hexdigest(),
        begun_at=timezone.now(),
    )
    # Somebody had it in hand.
    Delivery.objects.filter(pk=delivery.pk).update(fence=1)
    assert engine.run(delivery.pk) == Phase.SETTLED
    assert outcomes(delivery)[0] == ("upload body", Outcome.DONE, 2)
