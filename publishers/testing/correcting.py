"""7 update: a corrected text takes the place of the earlier one, at the same address."""

import pytest

from publishers.testing.documents import specimen
from publishers.testing.given import Given
from publishers.testing.running import all_live, observe, steps_of, until_done
from publishers.testing.scenarios import scenario


class Correcting(Given):
    @pytest.fixture
    def correct(self, plugin, make_job, served, server):
        """Return what publishes an article and makes the job that corrects it: (what was live, the job)."""

        def publish_then_correct(number: int):
            earlier = make_job(specimen(served, f"原来的第{number}篇文章"), mark=f"a{number:x}")
            [live] = all_live(plugin, earlier, server)
            job = make_job(specimen(served, f"更正后的第{number}篇文章"), mark=f"b{number:x}")
            job.generation = 2
            job.items[0].page_id, job.items[0].version = earlier.items[0].page_id, 2
            observe(job, [live])
            return live, job

        return publish_then_correct

    @scenario("7.1", needs="can_correct")
    def test_the_new_text_stands_where_the_old_one_stood(self, plugin, correct, server):
        live, job = correct(1)
        [corrected] = until_done(plugin.correct, job, server)
        [seen] = server.seen()
        assert seen.title == job.items[0].rendition.title
        assert seen.url == live.url == corrected.url

    @scenario("7.2", needs="can_correct")
    @pytest.mark.parametrize("when", ["before", "after"])
    def test_a_kill_while_correcting_leaves_the_new_text_once(self, plugin, correct, server, when):
        names = steps_of(plugin.correct, correct(1)[1], server)
        for number, name in enumerate(names, start=2):
            _live, job = correct(number)
            job.stop = (name, when)
            corrected = until_done(plugin.correct, job, server)
            titles = [seen.title for seen in server.seen()]
            assert len(titles) == number, name
            assert not corrected or titles.count(job.items[0].rendition.title) == 1, name

    @scenario("7.3", needs="can_correct")
    def test_correcting_twice_changes_nothing_more(self, plugin, correct, server):
        _live, job = correct(1)
        until_done(plugin.correct, job, server)
        made = list(job.calls)
        until_done(plugin.correct, job, server)
        assert job.calls == made
        assert len(server.seen()) == 1
