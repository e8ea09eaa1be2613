"""What Penguin's plugin promises beyond the suite: lost submissions, status words, refused reviews."""

import datetime as dt

import pytest
import time_machine

from cms.document.china import CHINA
from cms.document.model import VariantText
from publishers.interface import OutcomeUnknown, PermanentError, Rejected, Retry
from publishers.platforms.penguin.plugin import POLL_S, Penguin
from publishers.testing.documents import specimen
from publishers.testing.job import MemoryAccount, RecordingJob, Stopped, Waiting, make_item
from publishers.testing.pictures import MemoryPicture, PictureServer
from publishers.testing.running import settle
from publishers.testing.server import pictures_of

SUBMIT, INFO, LIST = "/article/clientpubpic", "/transaction/infoclient", "/article/clientlist"
TOKEN, OTHER = "7b" * 16, "8c" * 16
TITLE = "家庭教育促进办法解读"


@pytest.fixture
def plugin():
    return Penguin()


@pytest.fixture
def server(make_server):
    return make_server("penguin", "code")


@pytest.fixture
def pictures():
    with PictureServer() as web:
        yield [web.serve(MemoryPicture(colour)) for colour in ("darkred", "teal", "olive")]


@pytest.fixture
def make_job(plugin, pictures):
    def make(account, token=TOKEN):
        item = make_item(plugin, specimen(pictures, TITLE), VariantText(), token)
        return RecordingJob(account, [item], {picture.sha256: picture for picture in pictures})

    return make


@pytest.fixture
def account(server):
    return server.account("client_id", "client_secret", {"publish"})


@pytest.fixture
def job(make_job, account):
    return make_job(account)


def run_until_waiting(plugin, job):
    with pytest.raises(Waiting) as wait:
        plugin.publish(job)
    return wait.value


def lose(plugin, job, server, fault="lost_answer"):
    """Submit and lose the answer; ``reset_before``: the submission does not even arrive."""
    server.sandbox.fault(fault, platform="penguin", path=SUBMIT)
    with pytest.raises(OutcomeUnknown):
        plugin.publish(job)


# --- a lost answer on the sandbox -------------------------------------------------------------------------


def test_a_submission_whose_answer_was_lost_is_found_by_its_source_link(plugin, server, job):
    lose(plugin, job, server)
    [live] = settle(plugin, job, server)
    [seen] = server.seen()
    assert (live.url, seen.source_url) == (seen.url, job.items[0].source_url)
    assert server.calls().count(SUBMIT) == 1 and live.remote["article_id"]


def test_another_article_with_the_same_title_is_not_taken_for_ours(plugin, server, job, make_job, account):
    lose(plugin, job, server, "reset_before")
    [other] = settle(plugin, make_job(account, OTHER), server)
    assert settle(plugin, job, server) is None
    assert [seen.url for seen in server.seen()] == [other.url] and server.calls().count(SUBMIT) == 2


def test_of_two_articles_with_the_same_title_ours_is_found(plugin, server, job, make_job, account):
    lose(plugin, job, server)
    [other] = settle(plugin, make_job(account, OTHER), server)
    [ours] = settle(plugin, job, server)
    assert ours.url != other.url
    assert {ours.url, other.url} == {seen.url for seen in server.seen()}


@pytest.mark.parametrize(("order", "calls"), [("newest", 8), ("oldest", 90), ("none", 90)])
def test_a_lost_submission_is_looked_for_in_few_calls_of_a_long_list(plugin, server, job, order, calls):
    server.sandbox.publish_older("penguin", server.account_id, 400, order)
    lose(plugin, job, server, "reset_before")
    while (wait := run_until_waiting(plugin, job)).after is not None:
        server.pass_time(wait.after)
    assert server.calls().count(LIST) <= calls and server.calls().count(SUBMIT) == 1
    assert (TITLE in str(wait)) == (order == "none"), "a person is told what to look for"


@pytest.mark.parametrize("order", ["newest", "oldest"])
def test_a_lost_submission_is_found_among_four_hundred(plugin, server, job, order):
    server.sandbox.publish_older("penguin", server.account_id, 400, order)
    lose(plugin, job, server)
    [live] = settle(plugin, job, server)
    assert [live.url] == [seen.url for seen in server.seen() if seen.source_url == job.items[0].source_url]


def test_a_submission_that_cannot_be_found_goes_to_a_person_after_a_review_and_is_not_repeated(
    plugin, server, job
):
    lose(plugin, job, server, "reset_before")
    waits = []
    while (wait := run_until_waiting(plugin, job)).after is not None:
        waits.append(wait.after)
        server.pass_time(wait.after)
    assert 1700 < sum(waits) < 1900 and len(waits) < 12
    assert server.calls().count(SUBMIT) == 1 and server.seen() == []


def test_a_lost_submission_that_a_clock_ahead_began_is_not_looked_for_all_the_time(plugin, server, job):
    with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(hours=3)):
        lose(plugin, job, server, "reset_before")
    assert run_until_waiting(plugin, job).after == plugin.review_s


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_submission_killed_on_the_way_is_never_made_again(plugin, server, job, when):
    job.stop = ("submit", when)
    with pytest.raises(Stopped):
        plugin.publish(job)
    published = settle(plugin, job, server)
    assert bool(published) == (when == "after")
    assert server.calls().count(SUBMIT) == len(server.seen()) == (1 if published else 0)


def test_the_time_of_a_review_is_counted_from_the_submission_whose_answer_was_lost(plugin, server, job):
    server.sandbox.fault("http_429", platform="penguin", path=SUBMIT)
    with pytest.raises(Retry):
        plugin.publish(job)
    refused = server.calls().count(SUBMIT)
    server.pass_time(6 * 3600)
    server.sandbox.settings(clock_offset_s=6 * 3600)
    job.account.forget_token()
    server.sandbox.fault("stall_review", platform="penguin", path=SUBMIT)
    try:
        lose(plugin, job, server)
        assert run_until_waiting(plugin, job).after is not None
        assert settle(plugin, job, server)
    finally:
        server.sandbox.settings(clock_offset_s=0)
    assert server.calls().count(SUBMIT) == refused + 1 and len(server.seen()) == 1


# --- what the account says of itself ---


def test_category_and_cover_type_of_the_account_and_tags_of_the_article_go_along(plugin, server, pictures):
    account = server.account("client_id", "client_secret", {"publish"})
    account.credentials |= {"category": "12", "cover_type": "1"}
    document = specimen(pictures, TITLE).model_copy(update={"tags": ("家庭", "夜校")})
    item = make_item(plugin, document, VariantText(), TOKEN)
    job = RecordingJob(account, [item], {picture.sha256: picture for picture in pictures})
    assert settle(plugin, job, server)
    wanted = {"category": "12", "cover_type": "1", "tag": "家庭 夜校"}
    assert item.payload.items() >= wanted.items()
    [call] = server.sandbox.calls("penguin", server.account_id, "/articlev2/clientpubpic")
    assert call["request"]["form"].items() >= wanted.items()


def test_what_is_not_known_is_not_sent(plugin, job, server):
    settle(plugin, job, server)
    assert not job.items[0].payload.keys() & {"category", "cover_type", "tag"}


def test_a_category_that_is_no_number_is_said_when_the_account_is_checked(plugin, account):
    account.credentials |= {"category": "社会"}
    with pytest.raises(PermanentError):
        plugin.check(account)


# --- the rest of the way on the sandbox -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("read", "said"),
    [("query", "query"), ("form", "form"), ("form", ""), ("both", "form"), ("both", "query")],
)
def test_wherever_penguin_reads_parameters_it_gets_the_article(plugin, server, job, read, said):
    job.account.credentials["fields"] = said
    server.sandbox.settings(penguin_parameters=read)
    try:
        assert settle(plugin, job, server)
    finally:
        server.sandbox.settings(penguin_parameters="both")
    assert len(server.seen()) == 1


def test_pictures_are_fetched_from_the_hub_and_shown_from_penguins_own_address(plugin, server, job):
    settle(plugin, job, server)
    [seen] = server.seen()
    assert seen.has_cover and all("/penguin/image/" in address for address in pictures_of(seen.html))
    assert len(pictures_of(seen.html)) == len(job.items[0].rendition.assets)


def test_a_review_that_refuses_is_told_to_the_editor_in_penguins_words(plugin, server, job):
    server.sandbox.fault("reject_review", platform="penguin", path=SUBMIT, msg="标题不规范")
    with pytest.raises(Rejected, match="标题不规范"):
        settle(plugin, job, server)
    assert server.seen() == []


def test_a_cover_that_cannot_be_fetched_is_told_to_the_editor(plugin, server, job, pictures):
    pictures[0].public_url = "http://127.0.0.1:9/nothing.png"
    with pytest.raises(Rejected, match="封面"):
        settle(plugin, job, server)


def test_a_job_in_review_is_asked_about_for_a_day_and_then_a_person_looks(plugin, server, job):
    server.sandbox.fault("stall_review", platform="penguin", path=SUBMIT)
    waits = [run_until_waiting(plugin, job).after for _poll in POLL_S]
    assert waits == list(POLL_S) and 23 * 3600 < sum(POLL_S) < 25 * 3600
    assert run_until_waiting(plugin, job).after is None


def test_what_was_stored_is_sent_again_as_it_was(plugin, server, job, pictures):
    server.sandbox.fault("http_429", platform="penguin", path=SUBMIT)
    with pytest.raises(Retry):
        plugin.publish(job)
    stored = job.items[0].payload
    pictures[0].public_url = "http://127.0.0.1:9/moved.png"
    assert settle(plugin, job, server) and job.items[0].payload == stored


def test_what_penguin_refused_is_looked_for_before_it_is_submitted_again(plugin, server, job):
    """No table of its codes is known: it may have taken the article all the same."""
    server.sandbox.fault("error", platform="penguin", path=SUBMIT, code=10005)
    with pytest.raises(Rejected):
        plugin.publish(job)
    assert run_until_waiting(plugin, job).after is not None
    assert server.calls().count(SUBMIT) == 1


# --- what the sandbox does not say ------------------------------------------------------------------------


def told(**content):
    return {"code": "0", "msg": "success", "data": content}


@pytest.fixture
def scripted(script, make_job):
    """A job on a server that accepts the submission and then says what the test lets it say."""
    script.answer("/omoauth2/accesstoken", told(access_token="T", expires_in=7200))
    script.answer(SUBMIT, told(transaction_id=1596123412341234567))
    return make_job(MemoryAccount("清溪女声", script.url, {"client_id": "om1", "client_secret": "s"}))


def status(word, flag="", url="https://kuaibao.example/a/1"):
    article = {"article_id": "A1", "article_title": TITLE, "article_pub_flag": flag, "article_url": url}
    return told(transaction_status=word, article_info=article if word != "处理中" else {})


@pytest.mark.parametrize("flag", ["发布成功", ""])
def test_success_with_an_address_is_live(plugin, script, scripted, flag):
    script.answer(INFO, status("成功", flag))
    [live] = plugin.publish(scripted)
    assert live.url == "https://kuaibao.example/a/1"
    assert live.remote == {"transaction_id": "1596123412341234567", "article_id": "A1"}


@pytest.mark.parametrize(
    "answer",
    [status("处理中"), status("成功", "审核中"), status("成功", "发布成功", url=""), status("未知词")],
)
def test_success_of_the_submission_alone_is_not_yet_live(plugin, script, scripted, answer):
    script.answer(INFO, answer)
    assert run_until_waiting(plugin, scripted).after == POLL_S[0]


@pytest.mark.parametrize("answer", [status("失败"), status("成功", "发布失败"), status("成功", "失败")])
def test_failure_goes_to_the_editor(plugin, script, scripted, answer):
    script.answer(INFO, answer)
    with pytest.raises(Rejected):
        plugin.publish(scripted)


def listed(script, *articles):
    """Let the list show articles that were published a moment ago, all with our title."""
    now = dt.datetime.now(CHINA).strftime("%Y-%m-%d %H:%M:%S")
    shown = [
        {"article_title": TITLE, "article_pub_time": now, "article_pub_flag": "发布成功", **article}
        for article in articles
    ]
    script.answer(LIST, told(articles=shown, total=len(shown)))


def lost(plugin, script, scripted):
    script.answer(SUBMIT, None)
    with pytest.raises(OutcomeUnknown):
        plugin.publish(scripted)


def page(script, number, html):
    """Let ``html`` stand at the address of an article, and return what the list tells of it."""
    script.answer(f"/a/{number}", html.encode())
    return {"article_id": f"A{number}", "article_url": f"{script.url}/a/{number}"}


def test_where_pages_show_no_link_the_only_new_article_with_the_title_is_ours(plugin, script, scripted):
    lost(plugin, script, scripted)
    listed(script, page(script, 1, "<p>正文</p>"))
    [live] = plugin.publish(scripted)
    assert live.remote == {"article_id": "A1"}


def test_a_page_that_is_not_there_proves_nothing_whatever_stands_on_it(plugin, script, scripted):
    lost(plugin, script, scripted)
    shown = page(script, 1, "")
    script.answer("/a/1", f"<p>https://hub.example/r/{OTHER}</p>".encode(), status=404)
    listed(script, shown)
    assert plugin.publish(scripted)[0].remote == {"article_id": "A1"}


@pytest.mark.parametrize(("behind", "is_ours"), [(4, True), (10, False)])
def test_penguins_clock_may_be_some_minutes_behind_the_hubs(plugin, script, scripted, behind, is_ours):
    lost(plugin, script, scripted)
    moment = dt.datetime.now(CHINA) - dt.timedelta(minutes=behind)
    shown = page(script, 1, "<p>正文</p>")
    listed(script, {**shown, "article_pub_time": moment.strftime("%Y-%m-%d %H:%M:%S")})
    if is_ours:
        assert plugin.publish(scripted)[0].remote == {"article_id": "A1"}
    else:
        assert run_until_waiting(plugin, scripted).after is not None


def test_where_pages_show_no_link_two_new_articles_with_the_title_go_to_a_person(plugin, script, scripted):
    lost(plugin, script, scripted)
    listed(
        script, page(script, 1, "<p>正文</p>"), {"article_id": "A2", "article_url": "http://127.0.0.1:9/a"}
    )
    assert run_until_waiting(plugin, scripted).after is None


def test_an_article_that_is_listed_twice_while_the_pages_move_is_one(plugin, script, scripted):
    lost(plugin, script, scripted)
    shown = page(script, 1, "<p>正文</p>")
    listed(script, shown, shown)
    assert plugin.publish(scripted)[0].remote == {"article_id": "A1"}


def test_an_article_with_anothers_link_is_never_ours(plugin, script, scripted):
    lost(plugin, script, scripted)
    theirs = page(script, 1, f'<a href="https://hub.example/r/{OTHER}">阅读原文</a>')
    listed(script, theirs, page(script, 2, f'<a href="https://hub.example/r/{TOKEN}">阅读原文</a>'))
    assert plugin.publish(scripted)[0].remote == {"article_id": "A2"}
    assert [path for _m, path, _q, _b in script.requests].count(SUBMIT) == 1


@pytest.mark.parametrize(
    "article",
    [
        {"article_title": "另一个标题"},
        {"article_pub_time": "2020-01-01 08:00:00"},
        {"article_pub_time": ""},
        {"article_pub_flag": "审核中"},
        {"article_pub_flag": "审核不通过"},
        {"article_url": ""},
    ],
)
def test_what_is_old_or_not_live_or_has_another_title_is_not_ours(plugin, script, scripted, article):
    lost(plugin, script, scripted)
    listed(script, {**page(script, 1, "<p>正文</p>"), **article})
    assert run_until_waiting(plugin, scripted).after is not None


def test_the_word_of_the_list_counts_later_too(plugin, script, scripted):
    script.answer(INFO, status("成功", "发布成功"))
    scripted.items[0].observed = plugin.publish(scripted)[0].remote
    now = dt.datetime.now(dt.UTC)
    for hours, flag, is_live in ((0, "发布成功", True), (1, "审核不通过", False)):
        shown = {**page(script, 1, ""), "article_pub_flag": flag}
        listed(script, {"article_id": "A0", "article_title": "别的文章"}, shown)
        with time_machine.travel(now + dt.timedelta(hours=hours)):
            [seen] = plugin.look(scripted)
        assert (seen.is_live, seen.title, seen.reason) == (is_live, TITLE, flag)


def test_one_list_serves_the_looks_at_all_of_an_accounts_articles(plugin, script, scripted):
    listed(script, *({"article_id": f"A{number}", "article_title": TITLE} for number in range(3)))
    for number in range(3):
        scripted.items[0].observed = {"article_id": f"A{number}"}
        plugin.look(scripted)
    assert len([path for _m, path, _q, _b in script.requests if path == LIST]) == 1


def test_an_article_that_is_not_listed_is_no_news(plugin, script, scripted):
    scripted.items[0].observed = {"article_id": "A1"}
    listed(script, {"article_id": "A0", "article_title": TITLE})
    with pytest.raises(Retry):
        plugin.look(scripted)
