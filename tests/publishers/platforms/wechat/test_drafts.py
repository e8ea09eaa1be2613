"""What is submitted is what was signed, whatever became of the draft in the box."""

import pytest

from cms.document.model import VariantText
from publishers.interface import OutcomeUnknown, PermanentError, Retry
from publishers.testing.documents import specimen
from publishers.testing.job import RecordingJob, Stopped, make_item
from publishers.testing.running import settle

ADD, UPDATE, SUBMIT = "/cgi-bin/draft/add", "/cgi-bin/draft/update", "/cgi-bin/freepublish/submit"


@pytest.fixture
def edition(plugin, server, pictures):
    items = [
        make_item(plugin, specimen(pictures, f"第{position}篇"), VariantText(), f"{position}c" * 16, position)
        for position in range(3)
    ]
    account = server.account("appid", "secret", {"draft", "publish"})
    return RecordingJob(account, items, {picture.sha256: picture for picture in pictures})


def edit(server, index, **changes):
    """Change an article of the one draft as a person in the console does."""
    [draft] = server.sandbox.drafts(server.account_id)
    server.sandbox.edit_draft(server.account_id, draft["media_id"], index, changes or None)


def until_the_draft_is_there(plugin, server, job):
    """Stop the job between its draft and the submit."""
    server.lose_answer(ADD)
    with pytest.raises(OutcomeUnknown):
        plugin.publish(job)


CHANGES = [
    {"title": "编辑改过的标题"},
    {"content": "<p>编辑改过的正文</p>"},
    {"author": "别人"},
    {"digest": "改过的摘要"},
    {"content_source_url": "https://elsewhere.example/"},
]


@pytest.mark.parametrize("changes", CHANGES)
def test_what_a_person_changed_in_the_box_is_set_right_before_it_is_submitted(plugin, server, job, changes):
    server.refuse(SUBMIT, 45011)
    with pytest.raises(Retry):
        plugin.publish(job)
    edit(server, 0, **changes)
    assert settle(plugin, job, server)
    [seen], payload = server.seen(), job.items[0].payload
    assert (seen.title, seen.author, seen.digest) == (payload["title"], payload["author"], payload["digest"])
    assert (seen.html, seen.source_url) == (payload["content"], payload["content_source_url"])
    assert server.calls().count(UPDATE) == 1


def test_of_an_edition_only_what_differs_is_updated(plugin, server, edition):
    until_the_draft_is_there(plugin, server, edition)
    edit(server, 1, title="改过")
    assert settle(plugin, edition, server)
    assert [seen.title for seen in server.seen()] == ["第0篇", "第1篇", "第2篇"]
    [update] = server.sandbox.calls("wechat", server.account_id, UPDATE)
    assert update["request"]["json"]["index"] == 1
    assert edition.calls.count("update") == 1


def test_an_untouched_draft_is_compared_and_not_updated(plugin, server, job):
    assert settle(plugin, job, server)
    assert UPDATE not in server.calls()
    assert server.calls().count("/cgi-bin/draft/get") == 1, "once, however often the review is asked about"


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_kill_while_updating_leaves_one_article_as_signed(plugin, server, job, when):
    until_the_draft_is_there(plugin, server, job)
    edit(server, 0, title="改过")
    job.stop = ("update", when)
    with pytest.raises(Stopped):
        plugin.publish(job)
    assert settle(plugin, job, server)
    assert [seen.title for seen in server.seen()] == [job.items[0].payload["title"]]


def test_a_draft_with_other_articles_is_left_to_a_person(plugin, server, edition):
    server.refuse(SUBMIT, 45011)
    with pytest.raises(Retry):
        plugin.publish(edition)
    edit(server, 2)
    with pytest.raises(PermanentError):
        plugin.publish(edition)
    assert server.seen() == []
