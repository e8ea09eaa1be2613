"""What WeChat's plugin sees of an article after it went live."""

import pytest

from cms.document.model import VariantText
from publishers.interface import CapabilityMissing, PermanentError
from publishers.testing.documents import specimen
from publishers.testing.job import RecordingJob, make_item
from publishers.testing.running import settle
from publishers.testing.server import text_of


@pytest.fixture
def published(plugin, server, pictures):
    """Return the job of an edition of two that is live."""
    items = [
        make_item(plugin, specimen(pictures, f"第{position}篇"), VariantText(), f"{position}c" * 16, position)
        for position in range(2)
    ]
    account = server.account("appid", "secret", {"draft", "publish"})
    job = RecordingJob(account, items, {picture.sha256: picture for picture in pictures})
    for item, live in zip(items, settle(plugin, job, server), strict=True):
        item.observed = live.remote
    return job


def test_what_is_shown_is_what_was_sent(plugin, published):
    for item, shown in zip(published.items, plugin.look(published), strict=True):
        title, html = plugin.sent(item.payload)
        assert shown.is_live
        assert (shown.title, text_of(shown.html)) == (title, text_of(html))


def test_an_article_deleted_by_itself_is_gone_and_its_neighbour_is_not(plugin, server, published):
    plugin.withdraw(RecordingJob(published.account, published.items[1:], {}))
    assert [shown.is_live for shown in plugin.look(published)] == [True, False]


def test_an_article_that_its_publication_holds_no_more_is_gone(plugin, published):
    published.items[1].observed = {**published.items[1].observed, "index": 3}
    assert [shown.is_live for shown in plugin.look(published)] == [True, False]


@pytest.mark.parametrize("by", ["operator", "platform"])
def test_who_took_a_whole_publication_down_is_told(plugin, server, published, by):
    article_id = published.items[0].observed["article_id"]
    server.sandbox.take_down("wechat", server.account_id, article_id, by)
    reasons = {shown.reason for shown in plugin.look(published)}
    assert [shown.is_live for shown in plugin.look(published)] == [False, False]
    assert len(reasons) == 1
    assert ("WeChat" in reasons.pop() or "微信" in plugin.look(published)[0].reason) == (by == "platform")


def test_an_edition_costs_one_call(plugin, server, published):
    path = "/cgi-bin/freepublish/getarticle"
    plugin.look(published)
    assert server.calls().count(path) == 1


def test_articles_that_no_list_shows_are_left_to_a_person(plugin, published):
    for item in published.items:
        item.observed = {"msg_id": "1", "index": 1}
    with pytest.raises(CapabilityMissing):
        plugin.look(published)


def test_what_no_list_shows_hides_nothing_of_its_neighbour(plugin, published):
    published.items[0].observed = {"msg_id": "1", "index": 1}
    unknown, shown = plugin.look(published)
    assert unknown is None and shown.is_live


@pytest.mark.parametrize("fault", [{"kind": "http_500"}, {"kind": "error", "errcode": 45009}])
def test_that_it_is_gone_is_known_though_nobody_tells_who_took_it_down(plugin, server, published, fault):
    article_id = published.items[0].observed["article_id"]
    server.sandbox.take_down("wechat", server.account_id, article_id, "platform")
    server.sandbox.fault(platform="wechat", path="/cgi-bin/freepublish/get", **fault)
    assert [shown.is_live for shown in plugin.look(published)] == [False, False]


def test_what_one_publication_shows_is_known_though_another_is_not_told(plugin, server, published):
    published.items[1].observed = {**published.items[1].observed, "article_id": "unknown"}
    shown, unknown = plugin.look(published)
    assert shown.is_live and unknown is None
    published.items.reverse()
    with pytest.raises(PermanentError):
        plugin.look(published)


def test_every_call_of_the_sheets_quotas_is_declared(plugin):
    per_day = {quota.path: quota.per_day for quota in plugin.platform.quotas}
    assert per_day["/cgi-bin/freepublish/get"] == per_day["/cgi-bin/freepublish/submit"] == 100
    assert per_day["/cgi-bin/freepublish/delete"] == 10
    assert per_day["/cgi-bin/draft/get"] == 500
