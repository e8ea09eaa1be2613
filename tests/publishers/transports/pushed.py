"""A partner that hears what the push sends and answers as a test says, and the push's own side of it."""

import json

import pytest

from cms.document.model import VariantText
from publishers.platforms.partner.plugin import Partner
from publishers.testing.documents import specimen
from publishers.testing.job import MemoryAccount, RecordingJob, make_item
from publishers.testing.pictures import MemoryPicture
from publishers.transports.push import Pushed
from tests.publishers.transports.pushing import PAGE, Receiver

SECRET = "a-push-secret"
PUBLISHED = {"status": "published", "remote_id": "r1", "url": PAGE}
ACCEPTED = {"task_id": "t 1/2", "status": "accepted"}


@pytest.fixture
def partner():
    receiver = Receiver()
    yield receiver
    receiver.stop()


@pytest.fixture
def plugin():
    return Pushed(Partner())


@pytest.fixture
def account(partner):
    given = {"push_url": partner.url, "push_key": "key-1", "push_secret": SECRET}
    return MemoryAccount("榕溪县女声", "", given, frozenset({"publish"}))


@pytest.fixture
def make(plugin, account):
    def job(version=1, title="家庭教育促进办法解读", **variant):
        pictures = [MemoryPicture(colour) for colour in ("darkred", "teal", "olive")]
        for picture in pictures:
            picture.public_url = f"https://hub.example/b/{picture.sha256}"
        item = make_item(plugin, specimen(pictures, title), VariantText(**variant), "c" * 32)
        item.page_id, item.version = 7, version
        return RecordingJob(account, [item], {picture.sha256: picture for picture in pictures})

    return job


@pytest.fixture
def job(make):
    return make()


def body_of(partner, number=0):
    return json.loads(partner.heard[number][3])


def keys(partner):
    return [heard[2].get("Idempotency-Key") for heard in partner.heard]


def conflict(**more):
    return (409, {"code": "conflict", "message": "已有另一个版本", **more})
