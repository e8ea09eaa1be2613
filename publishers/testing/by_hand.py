"""17 by hand: a person is asked, and given exactly what was signed."""

import pytest

from publishers.interface import ByHand
from publishers.testing.documents import hostile, specimen
from publishers.testing.given import Given
from publishers.testing.job import MemoryAccount, RecordingJob
from publishers.testing.scenarios import scenario
from publishers.testing.server import pictures_of, tags_of, text_of


class AskingAPerson(Given):
    @pytest.fixture
    def account(self) -> MemoryAccount:
        """Return an account without an address: nobody is called."""
        return MemoryAccount("榕溪县女声", "", {}, frozenset({"publish"}))

    @scenario("17.1")
    def test_a_person_is_asked_with_a_sentence_and_a_time(self, plugin, job):
        asked = _asked(plugin, job)
        assert asked.instruction.strip()
        assert asked.within > 0

    @scenario("17.2")
    def test_she_is_given_what_was_signed(self, plugin, job, served):
        _asked(plugin, job)
        [item] = job.items
        title, html = plugin.sent(item.payload)
        assert title == item.rendition.title
        assert text_of(html) == text_of(item.rendition.html)
        addresses = {picture.sha256: picture.public_url for picture in served}
        assert pictures_of(html) == [addresses[sha256] for sha256 in item.rendition.assets]
        assert "source:" not in html and "asset:" not in html

    @scenario("17.3")
    def test_asking_again_gives_her_the_same(self, plugin, job):
        _asked(plugin, job)
        given = dict(job.items[0].payload)
        _asked(plugin, job)
        assert job.items[0].payload == given

    @scenario("17.4")
    def test_nobody_is_called(self, plugin, job, account):
        _asked(plugin, job)
        assert account.called == []
        assert plugin.check(account) <= set(plugin.platform.capabilities)
        assert account.called == []

    @scenario("17.5")
    def test_hostile_texts_do_no_harm_where_she_pastes_them(self, plugin, make_job, served):
        job = make_job(hostile(served))
        _asked(plugin, job)
        for tag, attributes in tags_of(plugin.sent(job.items[0].payload)[1]):
            assert tag != "script"
            assert not [name for name in attributes if name.startswith("on")]

    @scenario("17.6")
    def test_what_only_a_person_can_change_is_not_declared(self, plugin):
        platform = plugin.platform
        declared = (platform.can_correct, platform.can_withdraw, platform.can_look, platform.can_receive)
        assert not any(declared)

    @scenario("17.7", needs="edition_size")
    def test_an_edition_is_asked_for_as_one(self, plugin, make_job, served):
        titles = [f"家庭教育公开课第{number}讲" for number in range(1, plugin.platform.edition_size + 1)]
        job = make_job(*(specimen(served, title) for title in titles))
        _asked(plugin, job)
        assert [plugin.sent(item.payload)[0] for item in job.items] == titles


def _asked(plugin, job: RecordingJob) -> ByHand:
    with pytest.raises(ByHand) as asked:
        plugin.publish(job)
    return asked.value
