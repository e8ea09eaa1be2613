"""The consoles: what an operator publishes, changes and takes down by hand, and what they do not take."""

import pytest
import requests

from tests.sandbox.callers import WeChat, picture

SLUGS = ("wechat", "toutiao", "penguin", "netease", "nanfang", "yidian", "partner")
ARTICLE = {
    "title": "木棉花开的地方",
    "html": "<p>她在村口办起了阅览室。</p>",
    "author": "林晓岚",
    "digest": "摘要",
}


class Operator:
    """A person at one platform's console."""

    def __init__(self, sandbox, slug):
        account = "wxsandbox0001" if slug == "wechat" else f"{slug}sandbox0001"
        self.sandbox, self.slug = sandbox, slug
        self.url = f"{sandbox.base_url(slug)}/console/{account}"

    def see(self, **query):
        return requests.get(self.url, params=query, timeout=20).text

    def send(self, covers=1, **fields):
        files = [("cover", (f"{n}.jpg", picture(), "image/jpeg")) for n in range(covers)]
        return requests.post(self.url, data=fields, files=files or None, timeout=20, allow_redirects=False)

    def publish(self, covers=1, **changes):
        """Publish and return the address of the reader's page."""
        answer = self.send(covers, **{**ARTICLE, **changes})
        assert answer.status_code == 303, answer.text
        return self.sandbox.url + answer.headers["location"]

    def refused(self, covers=1, **changes):
        """Return the page that says why."""
        answer = self.send(covers, **{**ARTICLE, **changes})
        assert answer.status_code == 400
        assert self.sandbox.articles(self.slug) == []
        return answer.text

    def stored(self, **changes):
        """Return the article as readers get it."""
        self.publish(**changes)
        return self.sandbox.articles(self.slug)[-1]["content"]


@pytest.fixture
def at(sandbox):
    return lambda slug: Operator(sandbox, slug)


@pytest.fixture(params=SLUGS)
def operator(request, at):
    return at(request.param)


def read(address):
    answer = requests.get(address, timeout=20)
    return answer.status_code, answer.text


def test_what_is_published_is_at_the_readers_page(operator, sandbox):
    address = operator.publish(source_url="https://hub.example/r/1")
    status, html = read(address)
    assert status == 200 and "她在村口办起了阅览室。" in html and "木棉花开的地方" in html
    [entry] = sandbox.articles(operator.slug)
    assert (entry["url"], entry["via"], entry["status"]) == (address, "console", "live")
    assert entry["source_url"] == "https://hub.example/r/1"
    assert requests.get(entry["cover_url"], timeout=20).headers["content-type"] == "image/jpeg"


def test_a_change_is_at_the_same_address(operator, sandbox):
    address = operator.publish()
    article = address.rpartition("/")[2]
    assert "木棉花开的地方" in operator.see(article=article)
    assert operator.publish(article=article, title="木棉花又开了", html="<p>更正后的正文。</p>") == address
    status, html = read(address)
    assert status == 200 and "更正后的正文。" in html and "阅览室" not in html
    [entry] = sandbox.articles(operator.slug)
    assert entry["title"] == "木棉花又开了" and entry["updated_at"]


def test_what_is_taken_down_is_gone_for_readers(operator, sandbox):
    address = operator.publish()
    answer = operator.send(0, action="withdraw", article=address.rpartition("/")[2])
    assert answer.status_code == 303
    status, html = read(address)
    assert status == 410 and "阅览室" not in html
    assert sandbox.articles(operator.slug)[0]["withdrawn_by"] == "operator"
    assert "已撤下" in operator.see()


def test_a_change_without_a_cover_keeps_the_earlier(operator, sandbox):
    article = operator.publish(covers=3 if operator.slug == "toutiao" else 1).rpartition("/")[2]
    before = sandbox.articles(operator.slug)[0]["cover_url"]
    operator.publish(0, article=article, title="木棉花又开了")
    assert sandbox.articles(operator.slug)[0]["cover_url"] == before


def test_a_change_of_wechats_image_message_keeps_its_pictures(at, sandbox):
    wechat = WeChat(sandbox, "wxsandbox0001")
    images = {"image_list": [{"image_media_id": wechat.material()["media_id"]} for _ in range(2)]}
    sent = {"article_type": "newspic", "title": "图集", "content": "一行字", "image_info": images}
    article = wechat.publish(sent)["article_id"]
    page = sandbox.articles("wechat")[0]["url"]
    at("wechat").publish(0, article=page.rpartition("/")[2], title="改过的图集")
    assert read(page)[1].count('class="plate"') == 2
    [item] = wechat.call("freepublish/getarticle", {"article_id": article})["news_item"]
    assert (item["article_type"], item["title"], len(item["image_info"]["image_list"])) == (
        "newspic",
        "改过的图集",
        2,
    )


def test_a_link_to_the_original_is_a_web_address(operator):
    assert "原文链接要用" in operator.refused(source_url="javascript:alert(1)")


def test_a_change_is_dated_for_readers(operator):
    address = operator.publish()
    assert "更新</small>" not in read(address)[1] and "修改</small>" not in read(address)[1]
    operator.publish(article=address.rpartition("/")[2])
    word = "修改" if operator.slug == "wechat" else "更新"
    assert f" {word}</small>" in read(address)[1]


def test_an_account_shows_three_covers_where_there_are_three(at, sandbox):
    at("toutiao").publish(covers=3)
    html = requests.get(f"{sandbox.base_url('toutiao')}/u/toutiaosandbox0001", timeout=20).text
    assert html.partition('class="trio"')[2].count("<img") == 3


def test_readers_wait_for_the_review(operator, sandbox):
    sandbox.settings(review_s=600)
    address = operator.publish()
    status, html = read(address)
    assert status == 404 and "还在审核" in html and sandbox.articles(operator.slug) == []
    assert "审核中" in operator.see()
    sandbox.finish_reviews()
    assert read(address)[0] == 200


def test_a_review_may_refuse(operator, sandbox):
    sandbox.fault("reject_review", platform=operator.slug, msg="标题有夸大")
    address = operator.publish()
    assert read(address)[0] == 404
    assert "未通过" in operator.see() and "标题有夸大" in operator.see()


def test_a_platform_may_take_it_down_later(operator, sandbox):
    sandbox.fault("ban_later", platform=operator.slug)
    assert read(operator.publish())[0] == 410
    assert sandbox.articles(operator.slug)[0]["withdrawn_by"] == "platform"


def test_scripts_go_and_pictures_are_fetched(operator, sandbox):
    address = WeChat(sandbox, "wxsandbox0001").upload()["url"]
    content = operator.stored(html=f'<p onclick="x()">正文<script>alert(1)</script></p><img src="{address}">')
    assert "script" not in content and "onclick" not in content
    shown = content.partition('<img src="')[2].partition('"')[0]
    assert shown.startswith(f"/{operator.slug}/")
    assert requests.get(sandbox.url + shown, timeout=20).headers["content-type"] == "image/jpeg"


def test_a_picture_that_cannot_be_fetched_is_left_out_and_the_person_told(operator, sandbox):
    content = operator.stored(html=f'<p>正文</p><img src="{sandbox.url}/none.jpg">')
    assert "<img" not in content
    assert "取不到的图片" in operator.see()


def test_a_cover_may_be_an_address(operator, sandbox):
    address = WeChat(sandbox, "wxsandbox0001").upload()["url"]
    operator.publish(0, cover=address)
    assert sandbox.articles(operator.slug)[0]["cover_url"].startswith(f"{sandbox.url}/{operator.slug}/")
    assert "封面用不了" in operator.send(0, **ARTICLE, cover=f"{sandbox.url}/none.jpg").text


@pytest.mark.parametrize(
    ("slug", "shortest", "longest"),
    [("wechat", 1, 32), ("toutiao", 2, 30), ("penguin", 5, 64), ("netease", 5, 64)],
)
def test_a_title_has_the_length_that_the_sheet_says(at, slug, shortest, longest):
    console = at(slug)
    assert f"标题至少 {shortest} 字" in console.refused(title="花" * (shortest - 1))
    assert f"标题最多 {longest} 字，现在 {longest + 1} 字。" in console.refused(title="花" * (longest + 1))
    for fitting in (shortest, longest):
        console.publish(title="花" * fitting)


@pytest.mark.parametrize("slug", ["nanfang", "yidian", "partner"])
def test_where_no_limit_is_known_none_is_made_up(at, slug):
    at(slug).publish(covers=0, title="花" * 300, digest="摘" * 1000)
    assert "公开资料" in at("nanfang").see()


def test_toutiao_takes_one_cover_or_three(at, sandbox):
    console = at("toutiao")
    for wrong in (0, 2, 4):
        assert f"封面要 1 张或 3 张，现在 {wrong} 张。" in console.refused(wrong)
    console.publish(covers=3)
    console.publish(covers=1)


def test_netease_flattens_headings_and_drops_forms(at):
    html = "<h1>一</h1><h2>二</h2><h5>五</h5><form><p>表单</p></form><input value=x><p>正文</p>"
    assert at("netease").stored(html=html) == "<h5>一</h5><h5>二</h5><h5>五</h5><p>正文</p>"
    assert "各级标题变成了同一级" in at("netease").see()
    for slug in ("toutiao", "nanfang", "yidian", "partner"):
        assert at(slug).stored(html="<h2>二</h2><p>正文</p>") == "<h2>二</h2><p>正文</p>"


def test_netease_takes_the_first_picture_for_a_cover(at, sandbox):
    address = WeChat(sandbox, "wxsandbox0001").upload()["url"]
    at("netease").publish(0, html=f'<p>正文</p><img src="{address}">')
    assert sandbox.articles("netease")[0]["cover_url"].startswith(sandbox.url + "/netease/image/")


@pytest.mark.parametrize(
    ("slug", "stays"), [("wechat", False), ("penguin", False), ("toutiao", True), ("nanfang", True)]
)
def test_a_foreign_link_goes_only_where_the_sheet_says_so(at, slug, stays):
    content = at(slug).stored(html='<p><a href="https://elsewhere.example/">别处</a></p>')
    assert "别处" in content and ("elsewhere.example" in content) is stays


def test_wechats_draft_box_is_published_by_hand(at, sandbox):
    wechat = WeChat(sandbox, "wxsandbox0003")
    media_id = wechat.draft(title="只能存草稿的账号")
    url = f"{sandbox.base_url('wechat')}/console/wxsandbox0003"
    assert "只能存草稿的账号" in requests.get(url, timeout=20).text
    requests.post(url, data={"action": "send", "draft": media_id}, timeout=20)
    [entry] = sandbox.articles("wechat", "wxsandbox0003")
    assert (entry["title"], entry["via"]) == ("只能存草稿的账号", "console")


def test_wechats_interface_knows_what_the_console_published(at, wechat):
    article = at("wechat").publish(covers=0).rpartition("/")[2]
    [item] = wechat.call("freepublish/getarticle", {"article_id": article})["news_item"]
    assert item["title"] == ARTICLE["title"] and not item["is_deleted"]


def test_nothing_is_done_to_what_is_not_there(operator, sandbox):
    for fields in (
        {"action": "withdraw", "article": "none"},
        {"action": "send", "draft": "none"},
        {**ARTICLE, "article": "none"},
    ):
        answer = operator.send(1, **fields)
        assert answer.status_code == 400 and "没有这篇" in answer.text
    assert requests.get(f"{sandbox.base_url(operator.slug)}/console/nobody", timeout=20).status_code == 404


def test_the_form_comes_back_with_what_was_written(operator):
    html = operator.send(1, **{**ARTICLE, "html": "<script>x</script>", "title": "题" * 6}).text
    assert "正文是空的" in html and "题题题题题题" in html and "&lt;script&gt;" in html


@pytest.mark.browser
def test_a_person_pastes_into_the_page_and_publishes_on_a_phone(browser, at, sandbox):
    console = at("nanfang")
    page, complaints = browser.new_page(viewport={"width": 390, "height": 844}), []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(console.url)
    page.fill("input[name=title]", "木棉花开的地方")
    # What a paste of rich text does in a field like this one.
    pasted = "<h2>从一盏灯开始</h2><p>她在村口办起了<b>阅览室</b>。</p>"
    page.click("#editor")
    page.evaluate("html => document.execCommand('insertHTML', false, html)", pasted)
    page.click("button.main")
    page.wait_for_url("**/nanfang/a/*")
    assert page.inner_text(".content h2") == "从一盏灯开始" and page.inner_text(".content b") == "阅览室"
    page.goto(console.url)
    page.click("text=修改")
    assert "阅览室" in page.inner_text("#editor")
    page.goto(console.url)
    page.click("button >> text=撤下")
    page.wait_for_selector("text=已撤下。")
    assert sandbox.articles("nanfang")[0]["status"] == "withdrawn" and complaints == []
    page.close()
