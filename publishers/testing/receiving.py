"""15 callbacks: what the platform tells is believed when it proves itself, and told twice is one thing."""

import dataclasses
import datetime as dt
import json

import pytest

from publishers.interface import Incoming, Malformed, NotGenuine
from publishers.testing.documents import specimen
from publishers.testing.given import Given
from publishers.testing.job import MemoryAccount
from publishers.testing.running import all_live
from publishers.testing.scenarios import scenario


class Receiving(Given):
    @pytest.fixture
    def about(self, plugin, job, server):
        """Return the identifiers of an article that is live."""
        [live] = all_live(plugin, job, server)
        return {**job.told_of(), **live.remote}

    @pytest.fixture
    def genuine(self, account, tell, about) -> Incoming:
        return tell(account, about, at=dt.datetime.now(dt.UTC))

    @scenario("15.1", needs="can_receive")
    def test_a_genuine_message_names_the_article_and_makes_no_call(
        self, plugin, account, genuine, about, server
    ):
        made = server.calls()
        received = plugin.receive(account, genuine)
        assert isinstance(received.answer, str)
        [event] = received.events
        assert event.key
        assert event.about and event.about.items() <= about.items()
        assert json.loads(json.dumps(event.facts)) == event.facts
        assert server.calls() == made

    @scenario("15.2", needs="can_receive")
    def test_a_message_that_comes_again_has_the_same_key(self, plugin, account, tell, about):
        now = dt.datetime.now(dt.UTC)
        first, second = (
            plugin.receive(account, tell(account, about, at=moment))
            for moment in (now - dt.timedelta(seconds=2), now)
        )
        assert [event.key for event in first.events] == [event.key for event in second.events]

    @scenario("15.3", needs="can_receive")
    def test_two_articles_have_two_keys(self, plugin, account, make_job, served, server, tell, about):
        other = make_job(specimen(served, "另一篇文章的回执"), mark="d")
        [live] = all_live(plugin, other, server)
        now = dt.datetime.now(dt.UTC)
        messages = [tell(account, each, at=now) for each in (about, {**other.told_of(), **live.remote})]
        keys = [event.key for message in messages for event in plugin.receive(account, message).events]
        assert len(set(keys)) == 2

    @scenario("15.4", needs="can_receive")
    def test_a_message_with_another_secret_is_refused(self, plugin, account, tell, about):
        secret = {field.name for field in plugin.platform.credentials if field.secret}
        others = {
            name: value[::-1] if name in secret else value for name, value in account.credentials.items()
        }
        forger = MemoryAccount(account.name, account.base_url, others)
        with pytest.raises(NotGenuine):
            plugin.receive(account, tell(forger, about, at=dt.datetime.now(dt.UTC)))

    @scenario("15.5", needs="can_receive")
    def test_a_message_whose_body_was_changed_is_refused(self, plugin, account, genuine):
        half = len(genuine.body) // 2
        flipped = genuine.body[:half] + bytes([genuine.body[half] ^ 1]) + genuine.body[half + 1 :]
        for body in (flipped, genuine.body[:-1], b"", b"\xff\x00", b"[]"):
            with pytest.raises((NotGenuine, Malformed)):
                plugin.receive(account, _with(genuine, body=body))

    @scenario("15.6", needs="can_receive")
    @pytest.mark.parametrize("hours", [-2, 2])
    def test_a_message_of_another_time_is_refused(self, plugin, account, tell, about, hours):
        then = dt.datetime.now(dt.UTC) + dt.timedelta(hours=hours)
        with pytest.raises(NotGenuine):
            plugin.receive(account, tell(account, about, at=then))

    @scenario("15.7", needs="can_receive")
    def test_a_message_without_proof_is_refused(self, plugin, account, genuine):
        for message in (_with(genuine, query={}, headers={}), Incoming("POST", {}, {}, b"{}")):
            with pytest.raises(NotGenuine):
                plugin.receive(account, message)


def _with(incoming: Incoming, **changes) -> Incoming:
    return dataclasses.replace(incoming, **changes)
