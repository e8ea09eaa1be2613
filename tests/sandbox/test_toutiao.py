"""Toutiao's stand-in keeps docs/platforms/toutiao.md: today's OAuth (1), the interface of 2017–18 (2)."""

import time
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests

BACK = "https://hub.example/back"
APP, HOLDER = "toutiaosandbox0001", "toutiaosandbox0002"
DAY_S = 86400


class Toutiao:
    """An application and what it calls."""

    def __init__(self, sandbox):
        self.sandbox, self.url = sandbox, sandbox.base_url("toutiao")

    def call(self, path, method="GET", **query):
        answer = requests.request(method, self.url + path, params=query, timeout=20)
        assert answer.status_code == 200
        return answer.json()

    def agree(self, page, **changes):
        """Agree as the account's holder; return what the application is told."""
        asked = {"response_type": "code", "client_key": APP, "redirect_uri": BACK, "state": "s7", **changes}
        shown = requests.get(self.url + page, params=asked, timeout=20)
        assert shown.status_code == 200 and "云山女声" in shown.text
        went = requests.post(
            self.url + page, params=asked, data={"account": HOLDER}, timeout=20, allow_redirects=False
        )
        target = urlsplit(went.headers["location"])
        assert f"{target.scheme}://{target.netloc}{target.path}" == BACK
        return dict(parse_qsl(target.query))

    def tokens(self, **changes):
        code = self.agree("/oauth/authorize/", scope="toutiao.one,toutiao.two")["code"]
        asked = {"client_key": APP, "client_secret": f"secret-{APP}", "grant_type": "authorization_code"}
        return self.call("/oauth/access_token/", **{**asked, "code": code, **changes})

    def old_token(self, **changes):
        code = self.agree("/auth/authorize/", auth_only=1)["code"]
        asked = {"client_key": APP, "client_secret": f"secret-{APP}", "grant_type": "authorize_code"}
        return self.call("/auth/token/", **{**asked, "code": code, **changes})

    def post(self, token=None, **changes):
        token = token or self.old_token()["data"]["access_token"]
        article = {"title": "木棉花开的地方", "content": "<p>正文一段。</p>", **changes}
        answer = requests.post(
            f"{self.url}/open/new_article_post/",
            params={"access_token": token, "client_key": APP},
            data=article,
            timeout=20,
        )
        assert answer.status_code == 200
        return answer.json()


@pytest.fixture
def toutiao(sandbox):
    return Toutiao(sandbox)


# --- section 1: today's OAuth -----------------------------------------------------------------------------


def test_section_1_a_holder_agrees_and_the_application_gets_her_tokens(toutiao):
    assert toutiao.agree("/oauth/authorize/", scope="toutiao.one")["state"] == "s7"
    told = toutiao.tokens()
    assert told["message"] == "success"
    data = told["data"]
    assert (data["expires_in"], data["refresh_expires_in"]) == (15 * DAY_S, 30 * DAY_S)
    assert data["scope"] == "toutiao.one,toutiao.two"
    who = toutiao.call("/oauth/userinfo/", "POST", access_token=data["access_token"], open_id=data["open_id"])
    assert who["data"]["nickname"] == "云山女声" and who["data"]["open_id"] == data["open_id"]
    assert requests.get(who["data"]["avatar"], timeout=20).status_code == 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"response_type": "token"},
        {"client_key": "nobody"},
        {"redirect_uri": "javascript:alert(1)"},
        {"scope": "video.create"},
        {"scope": "toutiao.one video.create"},
    ],
)
def test_section_1_an_improper_request_is_shown_to_nobody(toutiao, wrong):
    asked = {
        "response_type": "code",
        "client_key": APP,
        "redirect_uri": BACK,
        "scope": "toutiao.one",
        **wrong,
    }
    address = f"{toutiao.url}/oauth/authorize/"
    assert requests.get(address, params=asked, timeout=20).status_code == 404
    sent = requests.post(address, params=asked, data={"account": HOLDER}, timeout=20, allow_redirects=False)
    assert sent.status_code == 404


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"code": ""}, 10005),
        ({"code": "none"}, 10002),
        ({"client_secret": "wrong"}, 10002),
        ({"client_key": "nobody"}, 10002),
        ({"grant_type": "password"}, 10002),
    ],
)
def test_section_1_errors_come_with_http_200_and_their_shape(toutiao, changes, code):
    told = toutiao.tokens(**changes)
    assert told["message"] == "error"
    assert set(told["data"]) == {"error_code", "description", "desc_url", "captcha"}
    assert told["data"]["error_code"] == code and told["data"]["description"]


def test_section_1_an_application_without_permission_is_16(toutiao, sandbox):
    sandbox.add_account("toutiao", "bare", "s3cret", "没有权限的应用", capabilities=[])
    told = toutiao.call("/oauth/client_token/", client_key="bare", client_secret="s3cret")
    assert told["data"]["error_code"] == 16


def test_section_1_a_code_is_good_once(toutiao):
    code = toutiao.agree("/oauth/authorize/", scope="toutiao.one")["code"]
    assert toutiao.tokens(code=code)["message"] == "success"
    assert toutiao.tokens(code=code)["message"] == "error"


def test_section_1_a_token_ends_after_15_days_and_is_refreshed(toutiao, sandbox):
    data = toutiao.tokens()["data"]
    identity = {"access_token": data["access_token"], "open_id": data["open_id"]}
    sandbox.settings(clock_offset_s=15 * DAY_S + 1)
    assert toutiao.call("/oauth/userinfo/", "POST", **identity)["message"] == "error"
    asked = {"client_key": APP, "refresh_token": data["refresh_token"]}
    fresh = toutiao.call("/oauth/refresh_token/", grant_type="refresh_token", **asked)["data"]
    assert toutiao.call("/oauth/userinfo/", "POST", **{**identity, "access_token": fresh["access_token"]})[
        "data"
    ]["nickname"]
    assert fresh["refresh_token"] == data["refresh_token"]
    renewed = toutiao.call("/oauth/renew_refresh_token/", **asked)["data"]
    assert renewed["refresh_token"] != data["refresh_token"] and renewed["expires_in"] == 30 * DAY_S
    assert toutiao.call("/oauth/renew_refresh_token/", **asked)["message"] == "error", (
        "replaced, so no longer"
    )


def test_section_1_a_refresh_token_ends_after_30_days_or_when_the_holder_takes_it_back(toutiao, sandbox):
    def refreshed(data):
        asked = {"client_key": APP, "refresh_token": data["refresh_token"], "grant_type": "refresh_token"}
        return toutiao.call("/oauth/refresh_token/", **asked)["message"]

    data = toutiao.tokens()["data"]
    assert sandbox.expire_tokens(HOLDER) and refreshed(data) == "success"
    assert sandbox.expire_tokens(HOLDER, kind="refresh") == 1 and refreshed(data) == "error"
    data = toutiao.tokens()["data"]
    assert sandbox.revoke_consent("toutiao", HOLDER, APP)["revoked"] >= 2 and refreshed(data) == "error"
    data = toutiao.tokens()["data"]
    sandbox.settings(clock_offset_s=30 * DAY_S + 1)
    assert refreshed(data) == "error"


# --- section 2: the article interface of 2017–18 ----------------------------------------------------------


def test_section_2_expires_in_is_the_moment_of_the_end(toutiao, sandbox):
    before = int(time.time())
    answer = toutiao.old_token()
    assert answer["ret"] == 0
    assert before + 7200 <= answer["data"]["expires_in"] <= time.time() + 7200
    token = answer["data"]["access_token"]
    profile = toutiao.call("/data/user_profile/", access_token=token, client_key=APP)
    assert profile["data"]["open_id"] == answer["data"]["open_id"]
    sandbox.expire_tokens(HOLDER)
    assert toutiao.call("/data/user_profile/", access_token=token, client_key=APP)["ret"] == 10


@pytest.mark.parametrize(
    ("changes", "ret"),
    [
        ({"client_key": ""}, 1),
        ({"client_key": "nobody"}, 2),
        ({"grant_type": "authorization_code"}, 5),
        ({"client_secret": "wrong"}, 6),
        ({"code": "none"}, 7),
        ({"code": ""}, 12),
    ],
)
def test_section_2_what_is_wrong_is_a_ret_code(toutiao, changes, ret):
    assert toutiao.old_token(**changes)["ret"] == ret


def test_section_2_a_missing_token_is_11_and_a_token_of_today_is_none(toutiao):
    assert toutiao.call("/data/user_profile/", client_key=APP)["ret"] == 11
    today = toutiao.tokens()["data"]["access_token"]
    assert toutiao.call("/data/user_profile/", client_key=APP, access_token=today)["ret"] == 10
    assert toutiao.post(token=today)["message"] == "error"


def test_section_2_only_https_is_gone_back_to_where_it_is_asked(toutiao, sandbox):
    asked = {"response_type": "code", "client_key": APP, "redirect_uri": "http://127.0.0.1:8000/back"}
    address = f"{toutiao.url}/auth/authorize/"
    assert requests.get(address, params=asked, timeout=20).status_code == 200
    sandbox.settings(toutiao_https_redirect=True)
    assert requests.get(address, params=asked, timeout=20).status_code == 404


def test_section_2_save_1_publishes_for_the_holder_after_the_review(toutiao, sandbox):
    sandbox.settings(review_s=600)
    told = toutiao.post(save="1", abstract="摘" * 150, article_tag="社会")
    assert told["message"] == "success" and told["data"]["article_id"]
    assert sandbox.articles("toutiao") == []
    sandbox.finish_reviews()
    [entry] = sandbox.articles("toutiao", HOLDER)
    assert (entry["via"], entry["title"]) == ("api", "木棉花开的地方")
    assert entry["digest"] == "摘" * 140, "cut"


@pytest.mark.parametrize("save", [{}, {"save": "0"}])
def test_section_2_save_0_or_none_is_a_draft_that_a_person_publishes(toutiao, sandbox, save):
    toutiao.post(**save)
    assert sandbox.articles("toutiao") == []
    console = f"{toutiao.url}/console/{HOLDER}"
    html = requests.get(console, timeout=20).text
    assert "草稿" in html and "木棉花开的地方" in html
    draft = html.partition('name="draft" value="')[2].partition('"')[0]
    requests.post(console, data={"action": "send", "draft": draft}, timeout=20)
    assert [entry["title"] for entry in sandbox.articles("toutiao")] == ["木棉花开的地方"]


@pytest.mark.parametrize("title", ["花" * 5, "花" * 30, "ab" * 5, "ab" * 30, "花花花花ab"])
def test_section_2_a_title_of_5_to_30_is_taken(toutiao, title):
    assert toutiao.post(title=title)["message"] == "success"


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": "花" * 4},
        {"title": "花" * 31},
        {"title": "abcdefgh"},
        {"content": " "},
        {"save": "2"},
        {"article_type": "1"},
        {"cover": "https://a.cn/1.jpg"},
    ],
)
def test_section_2_a_refusal_has_its_reason_in_data(toutiao, sandbox, wrong):
    told = toutiao.post(**wrong)
    assert told["message"] == "error" and isinstance(told["data"], str) and told["data"]
    assert sandbox.articles("toutiao") == []


def test_section_2_a_token_that_ended_is_told_by_words_and_ret(toutiao, sandbox):
    token = toutiao.old_token()["data"]["access_token"]
    sandbox.expire_tokens(HOLDER)
    told = toutiao.post(token=token)
    assert told["message"] == "error" and told["ret"] == 10 and "access_token" in told["data"]


def test_faults_strike_the_article_call_too(toutiao, sandbox):
    token = toutiao.old_token()["data"]["access_token"]
    sandbox.fault("lost_answer", platform="toutiao", path="/open/new_article_post/")
    with pytest.raises(requests.ConnectionError):
        toutiao.post(token=token, save="1")
    assert len(sandbox.articles("toutiao")) == 1, "done, though nobody was told"
    sandbox.fault("error", platform="toutiao", path="/oauth/client_token/", code=10002, msg="坏了")
    told = toutiao.call("/oauth/client_token/", client_key=APP, client_secret=f"secret-{APP}")
    assert told["data"]["error_code"] == 10002 and told["data"]["description"] == "坏了"


def test_calls_are_noted_without_secrets(toutiao, sandbox):
    data = toutiao.tokens()["data"]
    toutiao.post()
    noted = str(sandbox.calls("toutiao"))
    assert "/open/new_article_post/" in noted
    for secret in (data["access_token"], data["refresh_token"], f"secret-{APP}"):
        assert secret not in noted
