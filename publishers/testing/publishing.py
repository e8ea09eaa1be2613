"""What every plugin promises of its talk with the platform, over real HTTP."""

import dataclasses
from collections.abc import Sequence

import pytest

from cms.document.model import VariantText
from publishers.interface import (
    CapabilityMissing,
    CredentialsInvalid,
    Live,
    OutcomeUnknown,
    Publisher,
    PublisherError,
    Rejected,
    Retry,
)
from publishers.testing.documents import hostile, specimen
from publishers.testing.job import MemoryAccount, RecordingJob, Stopped, Waiting, make_item
from publishers.testing.pictures import MemoryPicture, PictureServer
from publishers.testing.server import Server, pictures_of, tags_of, text_of

PLAIN = VariantText()
RUNS = 60
Refusal = tuple[type[PublisherError], str, int]


def settle(plugin: Publisher, job: RecordingJob, server: Server) -> Sequence[Live] | None:
    """Run the job as the engine would, again and again; None when it ends with a person."""
    for _run in range(RUNS):
        try:
            return plugin.publish(job)
        except Waiting as wait:
            if wait.after is None:
                return None
            server.pass_time(wait.after)
        except (OutcomeUnknown, Stopped):
            continue
    raise AssertionError(f"The job was not settled after {RUNS} runs; its calls were {job.calls}.")


class PublishingPromises:
    """Inherit this and give ``plugin``, ``account``, ``server``, ``changing`` and ``refusals``."""

    @pytest.fixture
    def plugin(self) -> Publisher:
        raise NotImplementedError("Give a fixture `plugin` that returns an instance of your Publisher.")

    @pytest.fixture
    def account(self) -> MemoryAccount:
        raise NotImplementedError("Give a fixture `account`: one on your server that may do everything.")

    @pytest.fixture
    def server(self) -> Server:
        raise NotImplementedError("Give a fixture `server`: see publishers.testing.server.Server.")

    @pytest.fixture
    def changing(self) -> list[str]:
        raise NotImplementedError(
            "Give a fixture `changing`: the paths of the calls that must not be repeated."
        )

    @pytest.fixture
    def refusals(self) -> list[Refusal]:
        raise NotImplementedError(
            "Give a fixture `refusals`: (error, path, code) for each error of the contract."
        )

    @pytest.fixture
    def served(self):
        with PictureServer() as web:
            colours = ("darkred", "teal", "olive")
            yield [web.serve(MemoryPicture(colour)) for colour in colours]

    @pytest.fixture
    def make_job(self, plugin, account, served):
        """Return a maker of jobs: one article for each document."""

        def make(*documents, mark: str = "c") -> RecordingJob:
            tokens = (f"{mark}{position}".ljust(32, "0") for position in range(len(documents)))
            items = [
                make_item(plugin, document, PLAIN, token, position)
                for position, (document, token) in enumerate(zip(documents, tokens, strict=True))
            ]
            return RecordingJob(account, items, {picture.sha256: picture for picture in served})

        return make

    @pytest.fixture
    def job(self, make_job, served) -> RecordingJob:
        return make_job(specimen(served))

    def test_what_is_declared_arrives(self, plugin, job, server):
        [live] = settle(plugin, job, server)
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

    def test_an_edition_arrives_whole_and_in_order(self, plugin, make_job, served, server):
        size = plugin.platform.edition_size
        if size == 1:
            pytest.skip(f"{plugin.platform.name} takes one article at a time.")
        titles = [f"家庭教育第{number}讲" for number in range(1, size + 1)]
        job = make_job(*(specimen(served, title) for title in titles))
        lives = settle(plugin, job, server)
        assert [seen.title for seen in server.seen()] == titles
        assert [live.url for live in lives] == [seen.url for seen in server.seen()]

    def test_a_second_run_calls_nothing_again(self, plugin, job, server):
        settle(plugin, job, server)
        made = list(job.calls)
        settle(plugin, job, server)
        assert job.calls == made

    @pytest.mark.parametrize("when", ["before", "after"])
    def test_a_kill_at_any_step_never_makes_two_articles(self, plugin, make_job, served, server, when):
        names = _names_of_steps(plugin, make_job(specimen(served, "先走一遍看看步骤")), server)
        for number, name in enumerate(names, start=1):
            title = f"第{number}步被中断"
            job = make_job(specimen(served, title), mark=f"{number:x}")
            job.stop = (name, when)
            published = settle(plugin, job, server)
            count = [seen.title for seen in server.seen()].count(title)
            # What was not found goes to a person, who is better off with none than with two.
            assert count == (1 if published else 0), f"{when} {name}"
            assert published or when == "before", name

    def test_a_lost_answer_is_found_and_the_call_not_repeated(self, plugin, job, server, changing):
        for path in changing:
            server.lose_answer(path)
        assert settle(plugin, job, server)
        assert len(server.seen()) == 1
        assert [server.calls().count(path) for path in changing] == [1] * len(changing)

    def test_what_was_stored_is_sent_though_it_would_be_rendered_otherwise_now(
        self, plugin, job, server, changing
    ):
        [item], title = job.items, job.items[0].rendition.title
        server.lose_answer(changing[0])
        with pytest.raises(OutcomeUnknown):
            plugin.publish(job)
        item.rendition = dataclasses.replace(item.rendition, title="新版模板的标题", html="<p>新版</p>")
        assert settle(plugin, job, server)
        assert [seen.title for seen in server.seen()] == [title]
        assert server.calls().count(changing[0]) == 1

    def test_each_refusal_is_the_error_that_says_what_to_do(
        self, plugin, account, make_job, served, server, refusals
    ):
        for error, path, code in refusals:
            account.forget_token()
            server.refuse(path, code)
            with pytest.raises(error) as raised:
                settle(plugin, make_job(specimen(served)), server)
            assert raised.value.code == str(code)
        assert server.seen() == []

    def test_an_expired_token_is_replaced(self, plugin, job, server, account):
        plugin.check(account)
        server.expire_tokens()
        assert settle(plugin, job, server)

    def test_wrong_credentials_are_refused_as_such(self, plugin, account):
        secret = {field.name for field in plugin.platform.credentials if field.secret}
        given = {name: "wrong" if name in secret else value for name, value in account.credentials.items()}
        with pytest.raises(CredentialsInvalid):
            plugin.check(MemoryAccount(account.name, account.base_url, given))

    def test_an_unreachable_platform_had_no_effect(self, plugin, account, job):
        account.base_url = "http://127.0.0.1:9"
        with pytest.raises(Retry):
            plugin.publish(job)

    def test_the_check_tells_the_capabilities_and_changes_nothing(self, plugin, account, server, changing):
        assert plugin.check(account) == set(plugin.platform.capabilities)
        assert not set(server.calls()) & set(changing)

    def test_hostile_texts_do_no_harm_there(self, plugin, make_job, served, server):
        assert settle(plugin, make_job(hostile(served)), server)
        [seen] = server.seen()
        assert "<script>alert(1)</script>" in text_of(seen.html)
        for tag, attributes in tags_of(seen.html):
            assert tag != "script"
            assert not [name for name in attributes if name.startswith("on")]

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

    @pytest.mark.parametrize("when", ["before", "after"])
    def test_a_kill_while_withdrawing_leaves_nothing_up(self, plugin, job, server, when):
        if not plugin.platform.can_withdraw:
            pytest.skip(f"{plugin.platform.name} has no call for it.")
        for item, live in zip(job.items, settle(plugin, job, server), strict=True):
            item.observed = live.remote
        job.stop = ("withdraw", when)
        with pytest.raises(Stopped):
            plugin.withdraw(job)
        plugin.withdraw(job)
        assert server.seen() == []

    def test_an_article_of_unknown_place_is_withdrawn_by_a_person(self, plugin, job):
        if not plugin.platform.can_withdraw:
            pytest.skip(f"{plugin.platform.name} has no call for it.")
        with pytest.raises(CapabilityMissing):
            plugin.withdraw(job)


def _names_of_steps(plugin: Publisher, job: RecordingJob, server: Server) -> list[str]:
    settle(plugin, job, server)
    return list(dict.fromkeys(job.calls))
