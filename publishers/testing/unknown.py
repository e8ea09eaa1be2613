"""5 unknown outcome and 6 find: whatever is cut short, readers never get an article twice."""

import pytest

from publishers.interface import Retry
from publishers.testing.documents import specimen
from publishers.testing.given import Given
from publishers.testing.running import all_live, settle, steps_of
from publishers.testing.scenarios import require_calls, require_waits, scenario

FIRST = "先走一遍看看有哪些步骤"


class UnknownOutcome(Given):
    @scenario("5.1")
    @pytest.mark.parametrize("when", ["before", "after"])
    def test_a_kill_at_any_step_never_makes_two_articles(self, plugin, make_job, served, server, when):
        names = steps_of(plugin.publish, make_job(specimen(served, FIRST)), server)
        for number, name in enumerate(names, start=1):
            title = f"在第{number}步被中断的文章"
            job = make_job(specimen(served, title), mark=f"{number:x}")
            job.stop = (name, when)
            published = settle(plugin, job, server)
            count = [seen.title for seen in server.seen()].count(title)
            # What was not found goes to a person, who is better off with none than with two.
            assert count == (1 if published else 0), f"{when} {name}"
            assert published or when == "before", name

    @scenario("5.2")
    def test_an_unreachable_platform_had_no_effect(self, plugin, account, job, changing):
        require_calls(plugin, changing)
        account.base_url = "http://127.0.0.1:9"
        with pytest.raises(Retry):
            plugin.publish(job)

    @scenario("5.3")
    def test_a_busy_platform_never_makes_two_articles(self, plugin, make_job, served, server, changing):
        require_calls(plugin, changing)
        require_waits(server)
        for number, path in enumerate(changing, start=1):
            title = f"第{number}次平台繁忙时的文章"
            server.ask_to_wait(path, 503, None)
            job = make_job(specimen(served, title), mark=f"c{number:x}")
            try:
                published = settle(plugin, job, server)
            except Retry as busy:
                assert busy.after is None, "nobody said when to come again"
                published = settle(plugin, job, server)
            # What is not known goes to a person, who is better off with none than with two.
            assert [seen.title for seen in server.seen()].count(title) == (1 if published else 0), path


class Finding(Given):
    @scenario("6.1")
    def test_a_lost_answer_is_found_and_the_call_not_repeated(self, plugin, job, server, changing):
        for path in changing:
            server.lose_answer(path)
        assert settle(plugin, job, server)
        assert len(server.seen()) == 1
        assert sum(server.calls().count(path) for path in changing) == len(changing) + job.same_calls

    @scenario("6.2")
    def test_an_older_article_with_the_same_title_is_never_taken_for_ours(
        self, plugin, make_job, served, server
    ):
        names = steps_of(plugin.publish, make_job(specimen(served, FIRST)), server)
        for number, name in enumerate(names, start=1):
            document = specimen(served, f"第{number}步的同名文章")
            [older] = all_live(plugin, make_job(document, mark=f"a{number:x}"), server)
            job = make_job(document, mark=f"b{number:x}")
            job.stop = (name, "before")
            ours = settle(plugin, job, server)
            assert ours is None or ours[0].url != older.url, name
