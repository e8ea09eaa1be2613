"""WeChat keeps what every publisher promises."""

import pytest

from publishers.interface import CapabilityMissing, CredentialsInvalid, QuotaExceeded, Rejected
from publishers.testing.publishing import PublishingPromises
from publishers.testing.rendering import RenderingPromises
from publishers.wechat.plugin import WeChat

DRAFT, SUBMIT = "/cgi-bin/draft/add", "/cgi-bin/freepublish/submit"


class TestWeChat(RenderingPromises, PublishingPromises):
    plugin = pytest.fixture(lambda self: WeChat())
    server = pytest.fixture(lambda self, make_server: make_server("wechat", "errcode"))
    account = pytest.fixture(lambda self, server: server.account("appid", "secret", {"draft", "publish"}))
    changing = pytest.fixture(lambda self: [DRAFT, SUBMIT])
    refusals = pytest.fixture(
        lambda self: [
            (Rejected, DRAFT, 45166),
            (CredentialsInvalid, DRAFT, 40164),
            (QuotaExceeded, SUBMIT, 45009),
            (CapabilityMissing, SUBMIT, 48001),
        ]
    )
