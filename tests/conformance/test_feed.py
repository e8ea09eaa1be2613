"""Every platform that may read a feed keeps what is promised of it."""

import datetime as dt
import json

import pytest
import time_machine

from publishers import registry
from publishers.interface import FEED, Incoming
from publishers.testing import FeedConformance, FeedReader, MemoryAccount, over
from tests.publishers.transports.pushing import PATH, message, signed

PLUGINS = [each for each in registry.all_publishers() if FEED in each.platform.transports]


@pytest.fixture(params=PLUGINS, ids=lambda each: each.platform.slug)
def platform(request):
    return request.param


class TestByFeed(FeedConformance):
    plugin = pytest.fixture(lambda self, platform: over(platform, FEED))

    @pytest.fixture
    def account(self):
        return MemoryAccount("榕溪县女声", "", {"callback_secret": "回执的密钥"}, frozenset({"publish"}))

    @pytest.fixture
    def server(self, account):
        with time_machine.travel(dt.datetime.now(dt.UTC), tick=True) as clock:
            yield FeedReader(account, clock.shift)

    @pytest.fixture
    def tell(self):
        def write(account, about, *, at):
            body = json.dumps(message(about, at=at)).encode()
            secret = account.credentials["callback_secret"]
            headers = signed("", secret, "POST", PATH, body, at.timestamp())
            return Incoming("POST", {}, headers, body, PATH)

        return write
