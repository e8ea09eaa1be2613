"""8 withdraw: what was published is taken down, and what cannot be named is left to a person."""

import pytest

from publishers.interface import CapabilityMissing
from publishers.testing.documents import specimen
from publishers.testing.given import Given
from publishers.testing.running import all_live, observe, steps_of, until_done
from publishers.testing.scenarios import scenario


class Withdrawing(Given):
    @pytest.fixture
    def published(self, plugin, make_job, served, server):
        """Return a maker of jobs whose article is live."""

        def publish(number: int):
            job = make_job(specimen(served, f"要撤下的第{number}篇文章"), mark=f"{number:x}")
            observe(job, all_live(plugin, job, server))
            job.calls.clear()
            return job

        return publish

    @scenario("8.1", needs="can_withdraw")
    def test_what_is_withdrawn_is_gone_and_what_is_not_stays(self, plugin, published, server):
        staying, going = published(1), published(2)
        until_done(plugin.withdraw, going, server)
        assert [seen.title for seen in server.seen()] == [staying.items[0].rendition.title]

    @scenario("8.2", needs="can_withdraw")
    @pytest.mark.parametrize("when", ["before", "after"])
    def test_a_kill_while_withdrawing_leaves_nothing_up(self, plugin, published, server, when):
        names = steps_of(plugin.withdraw, published(1), server)
        for number, name in enumerate(names, start=2):
            job = published(number)
            job.stop = (name, when)
            until_done(plugin.withdraw, job, server)
            assert server.seen() == [], name

    @scenario("8.3", needs="can_withdraw")
    def test_withdrawing_twice_does_no_harm(self, plugin, published, server):
        job = published(1)
        until_done(plugin.withdraw, job, server)
        made = list(job.calls)
        until_done(plugin.withdraw, job, server)
        assert job.calls == made

    @scenario("8.4", needs="can_withdraw")
    def test_an_article_of_unknown_place_is_withdrawn_by_a_person(self, plugin, job):
        with pytest.raises(CapabilityMissing):
            plugin.withdraw(job)
