"""4 publish, with what of 3 hostile content readers see on the platform."""

import dataclasses

import pytest

from publishers.interface import OutcomeUnknown, Rejected
from publishers.testing.documents import hostile, specimen
from publishers.testing.given import PLAIN, Given
from publishers.testing.job import RecordingJob, make_item
from publishers.testing.pictures import MemoryPicture, PictureServer
from publishers.testing.running import all_live, settle
from publishers.testing.scenarios import require_calls, scenario
from publishers.testing.server import pictures_of, tags_of, text_of


class Publishing(Given):
    @scenario("4.1")
    def test_what_is_declared_arrives(self, plugin, job, server):
        [live] = all_live(plugin, job, server)
        [seen] = server.seen()
        [item] = job.items
        assert seen.title == item.rendition.title
        assert text_of(item.rendition.html) in text_of(seen.html)
        assert len(pictures_of(seen.html)) == len(item.rendition.assets)
        assert "".join(item.rendition.digest.split()) in seen.digest + text_of(seen.html)
        assert item.rendition.author in seen.author + text_of(seen.html)
        assert seen.source_url == item.source_url
        assert seen.has_cover
        assert live.url == seen.url

    @scenario("4.2", needs="edition_size")
    def test_an_edition_arrives_whole_and_in_order(self, plugin, make_job, served, server):
        titles = [f"家庭教育公开课第{number}讲" for number in range(1, plugin.platform.edition_size + 1)]
        job = make_job(*(specimen(served, title) for title in titles))
        lives = all_live(plugin, job, server)
        assert [seen.title for seen in server.seen()] == titles
        assert [live.url for live in lives] == [seen.url for seen in server.seen()]

    @scenario("4.3")
    def test_a_second_run_calls_nothing_again(self, plugin, job, server, changing):
        settle(plugin, job, server)
        made, sent = list(job.calls), [path for path in server.calls() if path in changing]
        settle(plugin, job, server)
        assert job.calls == made
        assert [path for path in server.calls() if path in changing] == sent

    @scenario("4.4")
    def test_what_was_stored_is_sent_though_it_would_be_rendered_otherwise_now(
        self, plugin, job, server, changing
    ):
        require_calls(plugin, changing)
        [item], title = job.items, job.items[0].rendition.title
        server.lose_answer(changing[0])
        with pytest.raises(OutcomeUnknown):
            plugin.publish(job)
        item.rendition = dataclasses.replace(item.rendition, title="新版模板的标题", html="<p>新版</p>")
        assert settle(plugin, job, server)
        assert [seen.title for seen in server.seen()] == [title]
        assert server.calls().count(changing[0]) == 1 + job.same_calls

    @scenario("4.5")
    def test_a_huge_picture_is_made_smaller_or_refused(self, plugin, account, server):
        with PictureServer() as web:
            huge = [web.serve(MemoryPicture(size=(width, 1200))) for width in (1800, 1802, 1804)]
            item = make_item(plugin, specimen(huge), PLAIN, "e" * 32)
            try:
                published = settle(
                    plugin, RecordingJob(account, [item], {each.sha256: each for each in huge}), server
                )
            except Rejected:
                published = None
        assert len(server.seen()) == (1 if published else 0)

    @scenario("3.4")
    def test_hostile_texts_do_no_harm_there(self, plugin, make_job, served, server):
        assert settle(plugin, make_job(hostile(served)), server)
        [seen] = server.seen()
        assert "<script>alert(1)</script>" in text_of(seen.html)
        for tag, attributes in tags_of(seen.html):
            assert tag != "script"
            assert not [name for name in attributes if name.startswith("on")]
