"""The servers that this platform's tests talk to."""

import pytest

from cms.document.model import VariantText
from publishers.platforms.wechat.plugin import WeChat
from publishers.testing.documents import specimen
from publishers.testing.job import RecordingJob, make_item
from tests.publishers.platform_server import make_server, script

__all__ = ["make_server", "script"]


@pytest.fixture
def plugin():
    return WeChat()


@pytest.fixture
def server(make_server):
    return make_server("wechat", "errcode")


@pytest.fixture
def make_job(plugin, pictures):
    def make(account):
        item = make_item(plugin, specimen(pictures), VariantText(), "7b" * 16)
        return RecordingJob(account, [item], {picture.sha256: picture for picture in pictures})

    return make


@pytest.fixture
def job(server, make_job):
    return make_job(server.account("appid", "secret", {"draft", "publish"}))
