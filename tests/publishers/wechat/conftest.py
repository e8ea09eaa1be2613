"""The servers that this platform's tests talk to."""

import pytest

from publishers.testing.pictures import MemoryPicture
from publishers.wechat.plugin import WeChat
from tests.publishers.platform_server import make_server, sandbox, script

__all__ = ["make_server", "sandbox", "script"]


@pytest.fixture
def plugin():
    return WeChat()


@pytest.fixture
def server(make_server):
    return make_server("wechat", "errcode")


@pytest.fixture
def pictures():
    return [MemoryPicture(colour) for colour in ("darkred", "teal", "olive")]
