"""Every platform that may be pushed to keeps what every publisher promises."""

import pytest

from publishers import registry
from publishers.interface import PUSH, CredentialsInvalid, OutcomeUnknown, Rejected, Retry
from publishers.testing import Conformance, over
from publishers.testing.running import settle
from publishers.testing.scenarios import scenario
from tests.publishers.transports.pushing import push_account, tell

PLUGINS = [each for each in registry.all_publishers() if PUSH in each.platform.transports]
PATH = "/push"


@pytest.fixture(params=PLUGINS, ids=lambda each: each.platform.slug)
def platform(request):
    return request.param


class TestByPush(Conformance):
    plugin = pytest.fixture(lambda self, platform: over(platform, PUSH))
    server = pytest.fixture(lambda self, make_server, platform: make_server(platform.platform.slug, "code"))
    account = pytest.fixture(lambda self, server: push_account(server))
    changing = pytest.fixture(lambda self: [PATH])
    optional = pytest.fixture(lambda self: [f"{PATH}/stats"])
    tell = pytest.fixture(lambda self: tell)
    refusals = pytest.fixture(
        lambda self: [
            (Rejected, PATH, 422),
            (Rejected, PATH, 400),
            (CredentialsInvalid, PATH, 401),
            (CredentialsInvalid, PATH, 403),
            (Retry, PATH, 429),
        ]
    )

    @scenario("5.2")
    def test_an_unreachable_platform_had_no_effect(self, plugin, account, job):
        account.credentials["push_url"] = "http://127.0.0.1:9/push"
        with pytest.raises(Retry):
            plugin.publish(job)

    def test_a_lost_answer_is_asked_for_under_the_same_key_and_makes_one_article(self, plugin, job, server):
        server.lose_answer(PATH)
        [live] = settle(plugin, job, server)
        assert server.calls().count(PATH) == 2
        [seen] = server.seen()
        assert live.url == seen.url

    def test_what_was_stored_is_sent_again_to_the_byte(self, plugin, job, server):
        server.lose_answer(PATH)
        with pytest.raises(OutcomeUnknown):
            plugin.publish(job)
        stored = dict(job.items[0].payload)
        job.items[0].rendition = None
        assert settle(plugin, job, server)
        assert job.items[0].payload == stored
