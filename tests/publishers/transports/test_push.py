"""The signed push keeps what every publisher promises, whatever platform the articles are for."""

import pytest

from publishers.interface import CredentialsInvalid, OutcomeUnknown, Rejected, Retry
from publishers.netease.plugin import NetEase
from publishers.partner.plugin import Partner
from publishers.testing import Conformance
from publishers.testing.running import settle
from publishers.testing.scenarios import scenario
from publishers.transports.push import Pushed
from tests.publishers.transports.pushing import push_account, tell

PUSH = "/push"
SAME_KEY = (
    "partner-feed-contract.md, section B: a call is repeated under its Idempotency-Key and has one effect"
)


class Pushing(Conformance):
    opt_outs = {
        "4.4": SAME_KEY,
        "6.1": SAME_KEY,
        "9.1": "partner-feed-contract.md, section C: a task tells how it ended, the page what is there",
    }
    slug = "partner"
    server = pytest.fixture(lambda self, make_server: make_server(self.slug, "code"))
    account = pytest.fixture(lambda self, server: push_account(server))
    changing = pytest.fixture(lambda self: [PUSH])
    tell = pytest.fixture(lambda self: tell)
    refusals = pytest.fixture(
        lambda self: [
            (Rejected, PUSH, 422),
            (Rejected, PUSH, 400),
            (CredentialsInvalid, PUSH, 401),
            (CredentialsInvalid, PUSH, 403),
            (Retry, PUSH, 429),
        ]
    )

    @scenario("5.2")
    def test_an_unreachable_platform_had_no_effect(self, plugin, account, job):
        account.credentials["push_url"] = "http://127.0.0.1:9/push"
        with pytest.raises(Retry):
            plugin.publish(job)

    def test_a_lost_answer_is_asked_for_under_the_same_key_and_makes_one_article(self, plugin, job, server):
        server.lose_answer(PUSH)
        [live] = settle(plugin, job, server)
        assert server.calls().count(PUSH) == 2
        [seen] = server.seen()
        assert live.url == seen.url

    def test_what_was_stored_is_sent_again_to_the_byte(self, plugin, job, server):
        server.lose_answer(PUSH)
        with pytest.raises(OutcomeUnknown):
            plugin.publish(job)
        stored = dict(job.items[0].payload)
        job.items[0].rendition = None
        assert settle(plugin, job, server)
        assert job.items[0].payload == stored


class TestPartnerByPush(Pushing):
    plugin = pytest.fixture(lambda self: Pushed(Partner()))


class TestNetEaseByPush(Pushing):
    slug = "netease"
    plugin = pytest.fixture(lambda self: Pushed(NetEase()))
