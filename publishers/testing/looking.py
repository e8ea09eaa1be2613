"""9 look: what has become of an article after it went live."""

import pytest

from publishers.testing.given import Given
from publishers.testing.running import all_live, observe, until_done
from publishers.testing.scenarios import NotDeclared, scenario
from publishers.testing.server import text_of


class Looking(Given):
    @pytest.fixture
    def live(self, plugin, job, server):
        """Return the job, whose article is live."""
        observe(job, all_live(plugin, job, server))
        return job

    @scenario("9.1", needs="can_look")
    def test_what_is_live_is_shown_as_it_was_sent(self, plugin, live, server):
        [shown] = plugin.look(live)
        if shown is None:
            raise NotDeclared(f"{plugin.platform.name} tells only that an article is gone.")
        title, html = plugin.sent(live.items[0].payload)
        assert shown.is_live
        assert shown.title in (None, title)
        assert shown.html is None or text_of(html) in text_of(shown.html)

    @scenario("9.2", needs="can_look")
    def test_what_the_platform_took_down_is_seen_to_be_gone(self, plugin, live, server):
        server.take_down(server.seen()[0].url)
        [shown] = plugin.look(live)
        assert not shown.is_live

    @scenario("9.3", needs=("can_look", "can_withdraw"))
    def test_what_was_withdrawn_is_seen_to_be_gone(self, plugin, live, server):
        until_done(plugin.withdraw, live, server)
        server.pass_time(60)
        [shown] = plugin.look(live)
        assert not shown.is_live

    @scenario("9.4", needs="can_look")
    def test_looking_changes_nothing(self, plugin, live, server, changing):
        before, made = server.seen(), len(server.calls())
        plugin.look(live)
        assert server.seen() == before
        assert not set(server.calls()[made:]) & set(changing)
