"""What people see of the sandbox: readers' pages of WeChat and Penguin, the first page, the ledger."""

import re

import pytest
import requests

from tests.sandbox.callers import Penguin, WeChat

SOURCE = "https://hub.example/r/7b7b"
HARM = "<script>alert(1)</script>"


@pytest.fixture
def see(sandbox):
    """Return a reader: gives the page at an address as (status, HTML)."""

    def read(address, **options):
        address = address if address.startswith("http") else sandbox.url + address
        answer = requests.get(address, headers={"Accept": "text/html"}, timeout=20, **options)
        return answer.status_code, answer.text

    return read


def publish_on_wechat(sandbox, **changes):
    wechat = WeChat(sandbox, "wxsandbox0001")
    wechat.publish(wechat.article(content_source_url=SOURCE, **changes))
    return sandbox.articles("wechat")[-1]


def publish_on_penguin(sandbox, **changes):
    Penguin(sandbox, "penguinsandbox0001").publish(
        original_url=SOURCE, original_platform="南粤女声", **changes
    )
    return sandbox.articles("penguin")[-1]


PLATFORMS = {"wechat": publish_on_wechat, "penguin": publish_on_penguin}


@pytest.fixture(params=PLATFORMS)
def publish(request, sandbox):
    return lambda **changes: PLATFORMS[request.param](sandbox, **changes)


# --- the article ------------------------------------------------------------------------------------------


def test_an_article_shows_what_a_reader_of_the_platform_sees(publish, see, sandbox):
    article = publish(title="木棉花开的地方", content="<p>她在村口办起了阅览室。</p>")
    status, html = see(article["url"])
    assert status == 200
    for shown in ("木棉花开的地方", "她在村口办起了阅览室。", "岭南女声", f'href="{SOURCE}"'):
        assert shown in html
    assert re.search(r"<time>20\d\d年\d+月\d+日 \d\d:\d\d</time>", html)


def test_wechats_article_has_its_author_and_the_link_to_the_original(sandbox, see):
    _status, html = see(publish_on_wechat(sandbox, author="林晓岚")["url"])
    assert "<span>林晓岚</span>" in html and "阅读原文" in html


def test_penguins_article_names_its_source(sandbox, see):
    _status, html = see(publish_on_penguin(sandbox)["url"])
    assert "来源：" in html and "南粤女声" in html


def test_an_image_message_shows_its_pictures(sandbox, see):
    wechat = WeChat(sandbox, "wxsandbox0001")
    media = [wechat.material()["media_id"] for _ in range(2)]
    images = {"image_list": [{"image_media_id": each} for each in media]}
    wechat.publish({"article_type": "newspic", "title": "图集", "content": "一行字", "image_info": images})
    _status, html = see(sandbox.articles("wechat")[-1]["url"])
    plates = re.findall(r'<img class="plate" src="([^"]+)"', html)
    assert len(plates) == 2
    assert {requests.get(sandbox.url + plate).status_code for plate in plates} == {200}


def test_pages_have_the_shape_of_a_phone(publish, see):
    _status, html = see(publish()["url"])
    assert 'name="viewport" content="width=device-width, initial-scale=1"' in html
    assert '<main class="phone">' in html and 'lang="zh-Hans"' in html


def test_nothing_in_an_article_can_run_or_tell_who_reads(publish, sandbox):
    article = publish(title=f"题目{HARM}"[:32], content=f"<p>正文{HARM}</p>")
    answer = requests.get(article["url"])
    assert "<script" not in answer.text
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "script" not in policy and "img-src 'self'" in policy
    assert 'name="referrer" content="no-referrer"' in answer.text


def test_an_article_that_was_taken_down_says_by_whom_and_shows_nothing_of_it(sandbox, see):
    said = {"operator": "该内容已被发布者删除。", "platform": "此内容因违规无法查看。"}
    for by, sentence in said.items():
        article = publish_on_wechat(sandbox, title=f"题目{by}", content="<p>她的故事</p>")
        sandbox.take_down("wechat", article["account"], article["remote_ids"]["article_id"], by)
        status, html = see(article["url"])
        assert status == 410 and sentence in html and "她的故事" not in html
    article = publish_on_penguin(sandbox, content="<p>她的故事</p>")
    sandbox.take_down("penguin", article["account"], article["remote_ids"]["article_id"])
    status, html = see(article["url"])
    assert status == 410 and "文章已下线。" in html and "她的故事" not in html


@pytest.mark.parametrize(
    "address", ["/wechat/s/none", "/penguin/a/none", "/wechat/u/none", "/wechat/draft/no/0"]
)
def test_what_is_not_there_is_said_in_words(see, address):
    status, html = see(address)
    assert status == 404 and "这里没有内容。" in html


def test_a_draft_has_a_preview_while_it_is_in_the_box(sandbox, see):
    wechat = WeChat(sandbox, "wxsandbox0001")
    media_id = wechat.draft(title="还没有发表的题目")
    address = wechat.call("draft/get", {"media_id": media_id})["news_item"][0]["url"]
    status, html = see(address)
    assert status == 200 and "草稿预览，尚未发表" in html and "还没有发表的题目" in html
    wechat.submit(media_id)
    wechat.call("draft/count", method="GET")
    assert see(address)[0] == 404


# --- accounts ---------------------------------------------------------------------------------------------


def test_an_account_shows_what_is_live_the_newest_first(sandbox, see):
    for number in range(3):
        publish_on_wechat(sandbox, title=f"第{number}篇文章")
    gone = sandbox.articles("wechat")[1]
    sandbox.take_down("wechat", gone["account"], gone["remote_ids"]["article_id"])
    _status, html = see("/wechat/u/wxsandbox0001")
    assert re.findall(r"<strong>(第\d篇文章)</strong>", html) == ["第2篇文章", "第0篇文章"]
    assert "2 篇文章" in html


def test_the_first_page_leads_to_every_account(sandbox, see):
    publish_on_penguin(sandbox, title="木棉花开的地方")
    _status, html = see("/")
    for account in sandbox.accounts():
        assert f'href="/{account["platform"]}/u/{account["id"]}"' in html
    assert "木棉花开的地方" in html and html.count("还没有发表过文章。") == len(sandbox.accounts()) - 1


# --- the ledger -------------------------------------------------------------------------------------------


def test_the_ledger_counts_and_names_what_was_seen_more_than_once(sandbox, see):
    for _ in range(2):
        publish_on_wechat(sandbox, title="木棉花开")
    _status, html = see("/_ledger")
    assert "曾经可见 2 篇" in html and "重复：《木棉花开》出现过 2 次" in html
    [counted] = [one for one in sandbox.ledger("wechat")["accounts"] if one["id"] == "wxsandbox0001"]
    assert (counted["ever_visible"], counted["live"], counted["duplicates"]) == (2, 2, {"木棉花开": 2})


def test_the_ledger_shows_every_call_and_no_secret(sandbox, see):
    wechat = WeChat(sandbox, "wxsandbox0001")
    wechat.publish()
    _status, html = see("/_ledger")
    for path in ("stable_token", "draft/add", "freepublish/submit"):
        assert f"/wechat/cgi-bin/{path}" in html
    for shown in (html, str(sandbox.calls())):
        assert wechat.token not in shown and "secret-wxsandbox0001" not in shown
    assert re.search(r"<time>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d</time>", html)


def test_programs_get_the_ledger_as_json(sandbox):
    publish_on_wechat(sandbox, title="木棉花开")
    answer = requests.get(f"{sandbox.url}/_ledger")
    assert answer.headers["content-type"] == "application/json"
    [article] = answer.json()["articles"]
    assert (article["title"], article["status"], article["via"]) == ("木棉花开", "live", "api")


def test_the_ledger_can_be_asked_for_one_account(sandbox):
    publish_on_wechat(sandbox)
    publish_on_penguin(sandbox)
    assert [one["platform"] for one in sandbox.articles("penguin")] == ["penguin"]
    assert sandbox.articles("wechat", "wxsandbox0002") == []
    assert {call["platform"] for call in sandbox.calls("penguin")} == {"penguin"}
