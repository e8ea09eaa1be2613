"""The control page: every fault, setting and account of every platform, by hand."""

import pytest
import requests

from tests.sandbox.callers import WeChat
from tests.sandbox.test_console import SLUGS, Operator


@pytest.fixture
def see(sandbox):
    return lambda **query: requests.get(f"{sandbox.url}/_control/", params=query, timeout=20).text


@pytest.fixture
def press(sandbox):
    """Return a person at the control page: sends a form and gives the page that she sees then."""

    def send(form, **fields):
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = requests.post(f"{sandbox.url}/_control/{form}", data=fields, headers=headers, timeout=20)
        assert answer.history[0].status_code == 303 and answer.status_code == 200
        return answer.text

    return send


def test_a_fault_is_switched_on_and_off_with_forms(sandbox, press):
    fields = {"platform": "wechat", "path": "/cgi-bin/draft/add", "times": "2", "code": "45009", "skip": "1"}
    html = press("faults", kind="error", **fields)
    for shown in (
        "平台返回给定的错误码，未执行",
        "微信公众号",
        "/cgi-bin/draft/add",
        "错误码 45009",
        "还剩 2 次，先放过 1 次",
    ):
        assert shown in html
    [fault] = sandbox.faults()
    assert (fault["kind"], fault["code"], fault["times_left"]) == ("error", 45009, 2)
    press("faults", kind="http_500", times="")
    press("faults/remove", id=fault["id"])
    [left] = sandbox.faults()
    assert (left["kind"], left["times_left"]) == ("http_500", None)
    assert "没有故障，一切正常。" in press("faults/clear")


@pytest.mark.parametrize("slug", SLUGS)
def test_every_kind_that_a_platform_knows_can_be_pressed_on_its_page(sandbox, see, press, slug):
    offered = [part.partition('"')[0] for part in see(platform=slug).split('<button name="kind" value="')[1:]]
    assert {"http_500", "lost_answer", "reject_review", "ban_later"} <= set(offered)
    for kind in offered:
        press("faults", kind=kind, platform=slug, times="1", code="1", shown=slug)
    assert [fault["kind"] for fault in sandbox.faults()] == offered


def test_a_platform_is_offered_its_own_kinds_calls_and_accounts(see):
    shown = {slug: see(platform=slug) for slug in SLUGS}
    for slug, html in shown.items():
        assert ("微信）</span>" in html) == (slug == "wechat"), "what only WeChat has"
        assert ('value="token_expired"' in html) == (slug in ("wechat", "toutiao", "penguin"))
        assert f"/{slug}/console/" in html and html.count(">读者主页</a>") == (3 if slug == "wechat" else 2)
    assert "/open/new_article_post/" in shown["toutiao"] and "/open/new_article_post/" not in shown["netease"]


def test_a_kind_that_the_platform_does_not_have_is_refused(press, sandbox):
    assert "网易号没有 event_lost 这种故障。" in press("faults", kind="event_lost", platform="netease")
    assert sandbox.faults() == []


def test_the_page_stays_with_the_platform_that_was_chosen(press):
    html = press("faults", kind="http_500", platform="yidian", times="1", shown="yidian")
    assert 'href="?platform=yidian" aria-current="page"' in html


@pytest.mark.parametrize(
    ("form", "fields", "sentence"),
    [
        ("faults", {"kind": "error"}, "error 需要错误码"),
        ("faults", {"kind": "http_500", "times": "often"}, "times 与 skip"),
        ("settings", {"no_such": "1"}, "没有名为 no_such 的设置。"),
        ("settings", {"penguin_parameters": "body"}, "penguin_parameters 只能是"),
        ("settings", {"wechat_daily_quota": "{"}, "wechat_daily_quota 的值类型不对"),
        ("accounts", {"platform": "netease", "id": "x"}, "缺少 secret、name。"),
    ],
)
def test_what_is_wrong_is_said_on_the_page(press, sandbox, form, fields, sentence):
    assert sentence in press(form, **fields)
    assert sandbox.faults() == []


def test_every_setting_can_be_written_and_keeps_its_type(press, sandbox, see):
    before = sandbox.settings()
    assert all(f'name="{name}"' in see() for name in before)
    press("settings", review_s="2.5", push_at_once="true", wechat_daily_quota='{"/cgi-bin/draft/add": 3}')
    after = {"review_s": 2.5, "push_at_once": True, "wechat_daily_quota": {"/cgi-bin/draft/add": 3}}
    assert sandbox.settings() == {**before, **after}


def test_the_page_ends_reviews_and_tokens_and_empties(sandbox, press):
    press("settings", review_s="600")
    wechat = WeChat(sandbox, "wxsandbox0001")
    publish_id = wechat.submit(wechat.draft())["publish_id"]
    assert wechat.publication(publish_id)["publish_status"] == 1
    press("reviews/finish")
    assert wechat.publication(publish_id)["publish_status"] == 0
    press("tokens/expire")
    assert wechat.call("draft/count", method="GET")["errcode"] == 42001
    assert 'role="alert"' not in press("feeds/read")
    press("reset")
    assert sandbox.articles() == [] and sandbox.settings()["review_s"] == 1.0
    assert len(sandbox.accounts()) == 15, "the accounts stay"


def test_an_account_is_added_and_no_secret_is_shown(sandbox, press):
    html = press(
        "accounts", platform="nanfang", id="nf9", secret="top-secret", name="榕溪女声", shown="nanfang"
    )
    assert "榕溪女声（nf9）" in html
    assert "top-secret" not in str(sandbox.accounts()) + html


def test_a_consent_is_listed_and_can_be_taken_back(sandbox, press, see):
    url, app, holder = sandbox.base_url("toutiao"), "toutiaosandbox0001", "toutiaosandbox0002"
    asked = {"response_type": "code", "client_key": app, "redirect_uri": "https://a.cn/b"}
    went = requests.post(
        f"{url}/auth/authorize/", params=asked, data={"account": holder}, timeout=20, allow_redirects=False
    )
    code = went.headers["location"].partition("code=")[2].partition("&")[0]
    given = {
        "client_key": app,
        "client_secret": f"secret-{app}",
        "grant_type": "authorize_code",
        "code": code,
    }
    token = requests.get(f"{url}/auth/token/", params=given, timeout=20).json()["data"]["access_token"]
    assert "授权给" in see(platform="toutiao") and "授权给" not in see(platform="penguin")
    assert "授权给" not in press("consents/revoke", platform="toutiao", account=holder, app=app)
    query = {"access_token": token, "client_key": app}
    assert requests.get(f"{url}/data/user_profile/", params=query, timeout=20).json()["ret"] == 10


def test_the_ledger_of_every_platform_is_on_the_page(sandbox, see):
    for slug in SLUGS:
        Operator(sandbox, slug).publish(title=f"写给{slug}的文章")
    assert all(f"写给{slug}的文章" in see() for slug in SLUGS)
    assert "写给netease的文章" in see(platform="netease") and "写给yidian的文章" not in see(
        platform="netease"
    )
    ledger = requests.get(
        f"{sandbox.url}/_ledger", params={"platform": "yidian"}, headers={"Accept": "text/html"}, timeout=20
    ).text
    assert "写给yidian的文章" in ledger and "写给netease的文章" not in ledger


@pytest.mark.browser
def test_what_happens_meanwhile_comes_by_itself(browser, sandbox):
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.goto(f"{sandbox.url}/_control/")
    page.fill("input[name=code]", "4")
    Operator(sandbox, "yidian").publish(title="刚刚发表的文章")
    sandbox.fault("http_500", platform="yidian")
    page.wait_for_selector("#latest >> text=刚刚发表的文章")
    page.wait_for_selector("#now >> text=返回 HTTP 500，未执行")
    assert page.input_value("input[name=code]") == "4", "what is being written stays"
    page.click("#now >> text=关掉")
    page.wait_for_selector("text=没有故障，一切正常。")
    page.close()
