"""Every call that the sheets name is answered, by the method that they name: one table of them all."""

import datetime as dt
import re
from itertools import product

import pytest
import requests
from django.conf import settings

from tests.sandbox.callers import TIMEOUT_S, picture

SHEETS = settings.BASE_DIR / "docs" / "platforms"
CHINA = dt.timezone(dt.timedelta(hours=8))
YESTERDAY = (dt.datetime.now(CHINA).date() - dt.timedelta(days=1)).isoformat()
DAY = {"begin_date": YESTERDAY, "end_date": YESTERDAY}
SEND = {"msgtype": "mpnews", "mpnews": {"media_id": "DRAFT"}}
COMMENT = {"msg_data_id": "MSG", "index": 0}
LIST = {"offset": 0, "count": 1, "no_content": 1}
FILE = {"media": ("a.jpg", picture(), "image/jpeg")}

#: Path → (method, what is sent, the errcode). What is sent: a body, files, or nothing (None). Words in
#: capitals stand for what an earlier call gave.
WECHAT = {
    "/cgi-bin/media/uploadimg": ("POST", {"files": FILE}, 0),
    "/cgi-bin/media/upload": ("POST", {"files": FILE, "query": {"type": "image"}}, 0),
    "/cgi-bin/material/add_material": ("POST", {"files": FILE, "query": {"type": "image"}}, 0),
    "/cgi-bin/material/get_material": ("POST", {"media_id": "COVER"}, 0),
    "/cgi-bin/material/del_material": ("POST", {"media_id": "nothing"}, 40007),
    "/cgi-bin/material/batchget_material": ("POST", {"type": "image", "offset": 0, "count": 1}, 0),
    "/cgi-bin/material/get_materialcount": ("GET", None, 0),
    "/cgi-bin/material/add_news": ("POST", {"articles": []}, 47009),
    "/cgi-bin/material/update_news": ("POST", {"articles": {}}, 47009),
    "/cgi-bin/draft/add": ("POST", {"articles": []}, 44003),
    "/cgi-bin/draft/update": ("POST", {"media_id": "DRAFT", "index": 7, "articles": {}}, 40114),
    "/cgi-bin/draft/get": ("POST", {"media_id": "DRAFT"}, 0),
    "/cgi-bin/draft/delete": ("POST", {"media_id": "nothing"}, 40007),
    "/cgi-bin/draft/count": ("GET", None, 0),
    "/cgi-bin/draft/batchget": ("POST", LIST, 0),
    "/cgi-bin/draft/switch": ("POST", {"query": {"checkonly": "1"}}, 0),
    "/cgi-bin/freepublish/submit": ("POST", {"media_id": "nothing"}, 40007),
    "/cgi-bin/freepublish/get": ("POST", {"publish_id": "PUBLISH"}, 0),
    "/cgi-bin/freepublish/delete": ("POST", {"article_id": "nothing", "index": 1}, 53600),
    "/cgi-bin/freepublish/getarticle": ("POST", {"article_id": "ARTICLE"}, 0),
    "/cgi-bin/freepublish/batchget": ("POST", LIST, 0),
    "/cgi-bin/message/mass/sendall": ("POST", {**SEND, "filter": {"is_to_all": False}}, 47001),
    "/cgi-bin/message/mass/send": ("POST", {**SEND, "touser": ["one"]}, 47001),
    "/cgi-bin/message/mass/preview": ("POST", {**SEND, "towxname": "reader"}, 0),
    "/cgi-bin/message/mass/delete": ("POST", {"msg_id": 1, "article_idx": 1}, 47001),
    "/cgi-bin/message/mass/get": ("POST", {"msg_id": "1"}, 47001),
    "/cgi-bin/message/mass/speed/get": ("POST", {}, 0),
    "/cgi-bin/message/mass/speed/set": ("POST", {"speed": 2}, 0),
    "/datacube/getarticlesummary": ("POST", DAY, 47009),
    "/datacube/getarticletotal": ("POST", DAY, 47009),
    "/datacube/getuserread": ("POST", DAY, 47009),
    "/datacube/getuserreadhour": ("POST", DAY, 47009),
    "/datacube/getusershare": ("POST", DAY, 47009),
    "/datacube/getusersharehour": ("POST", DAY, 47009),
    "/datacube/getarticleread": ("POST", DAY, 0),
    "/datacube/getarticleshare": ("POST", DAY, 0),
    "/datacube/getbizsummary": ("POST", DAY, 0),
    "/datacube/getarticletotaldetail": ("POST", DAY, 0),
    "/cgi-bin/comment/open": ("POST", COMMENT, 0),
    "/cgi-bin/comment/close": ("POST", COMMENT, 0),
    "/cgi-bin/comment/list": ("POST", {**COMMENT, "begin": 0, "count": 49, "type": 0}, 0),
    "/cgi-bin/comment/markelect": ("POST", COMMENT, 47001),
    "/cgi-bin/comment/unmarkelect": ("POST", COMMENT, 47001),
    "/cgi-bin/comment/delete": ("POST", COMMENT, 47001),
    "/cgi-bin/comment/reply/add": ("POST", COMMENT, 47001),
    "/cgi-bin/comment/reply/delete": ("POST", COMMENT, 47001),
    "/cgi-bin/openapi/quota/get": ("POST", {"cgi_path": "/cgi-bin/draft/add"}, 0),
    "/cgi-bin/openapi/rid/get": ("POST", {"rid": "65f2a1b3-0c9d8e7f-1a2b3c4d"}, 0),
    "/cgi-bin/clear_quota": ("POST", {"appid": "wxsandbox0001"}, 0),
}
TOKENS = {"/cgi-bin/stable_token", "/cgi-bin/token"}
VIDEO = {"title": "夜校", "tags": "夜校", "cat": "1"}
#: Path with X for client and auth → (method, fields, files, whether it is taken).
PENGUIN = {
    "/article/Xpubpic": ("POST", {"title": "夜校"}, {}, False),
    "/articlev2/Xpubpic": ("POST", {"title": "夜校"}, {}, False),
    "/article/Xpubvid": ("POST", {**VIDEO, "md5": "0"}, {"media": ("a.mp4", b"film")}, True),
    "/articlev2/Xpubvid": ("POST", {**VIDEO, "md5": "0"}, {}, False),
    "/article/Xpubvideo": ("POST", {**VIDEO, "vid": "v1"}, {}, True),
    "/article/Xpublive": ("POST", {"title": "夜校"}, {}, False),
    "/video/Xuploadready": ("POST", {"size": "4", "md5": "0", "sha": "0"}, {}, True),
    "/video/Xuploadtrunk": ("POST", {"transaction_id": "1", "start_offset": "0"}, {}, False),
    "/video/Xvideopic": ("POST", {"md5": "0", "vid": "v1"}, {"media": ("a.jpg", picture())}, True),
    "/transaction/infoX": ("GET", {"transaction_id": "1"}, {}, False),
    "/article/Xlist": ("GET", {"page": "1", "limit": "10"}, {}, True),
    "/media/basicinfoX": ("GET", {}, {}, True),
}
PENGUIN_OWN = {
    "/articlev2/clientpubgrpic": ("POST", {"title": "夜校"}, {}, False),
    "/article/clientpuburlvid": ("POST", {**VIDEO, "videourl": "https://a.cn/v"}, {}, True),
    "/media/statsclient": ("GET", {}, {}, True),
    "/article/statsclient": ("GET", {"article_id": "nothing"}, {}, False),
}
PENGUIN_TOKENS = {
    "/omoauth2/authorize",
    "/omoauth2/accesstoken",
    "/omoauth2/refreshtoken",
    "/omoauth2/checktoken",
}
#: They answered 404 already in 2018 (section 4).
PENGUIN_GONE = ("/media/dailystatsclient", "/article/dailystatsclient")
TOUTIAO = {
    "/oauth/authorize/": "GET",
    "/oauth/access_token/": "GET",
    "/oauth/refresh_token/": "GET",
    "/oauth/renew_refresh_token/": "GET",
    "/oauth/client_token/": "GET",
    "/oauth/userinfo/": "POST",
    "/auth/authorize/": "GET",
    "/auth/token/": "GET",
    "/data/user_profile/": "GET",
    "/open/new_article_post/": "POST",
    "/open/video/get_upload_url/": "GET",
    "/open/video/get_chunk_upload_info/": "GET",
}
YIDIAN = {
    "/auth/token": "GET",
    "/video/get_secretkey": "GET",
    "/video/upload_picture": "POST",
    "/video/post_video_info": "POST",
}


def named(sheet, pattern):
    """Return the addresses that a sheet names; ``{a,b}`` in one stands for each."""
    text = (SHEETS / sheet).read_text(encoding="utf-8")
    return {each for found in re.findall(pattern, text) for each in _spelt_out(found)}


def _spelt_out(path):
    parts = [part.split(",") for part in re.split(r"[{}]", path)]
    return {"".join(chosen) for chosen in product(*parts)}


def test_the_table_has_every_address_that_the_sheets_name():
    # A folder, "…/*" or "…/", is no call.
    wechat = named("wechat.md", r"(?:POST|GET) `?(/(?:cgi-bin|datacube)/[\w/{},]+[\w}])")
    assert len(wechat) > 25 and wechat - TOKENS <= set(WECHAT)
    penguin = named("penguin.md", r"`(/(?:article|articlev2|video|transaction|media|omoauth2)/\w+)`")
    assert penguin <= {*PENGUIN, *PENGUIN_OWN, *PENGUIN_TOKENS, *PENGUIN_GONE}
    toutiao = named("toutiao.md", r"(?:snssdk|toutiao)\.com(/[\w/]+/)(?:\?|`)") | named(
        "toutiao.md", r"`(/oauth/\w+/)`"
    )
    assert len(toutiao) > 8 and toutiao <= set(TOUTIAO)
    assert named("yidian.md", r"(?:GET|POST) `(/\w+/\w+)") == set(YIDIAN)


@pytest.fixture
def given(wechat, sandbox):
    """Return what the words in capitals stand for."""
    sandbox.settings(clock_offset_s=_to_ten_o_clock())
    published = wechat.submit(wechat.draft())
    publication = wechat.publication(published["publish_id"])
    return {
        "DRAFT": wechat.draft(),
        "COVER": wechat.material()["media_id"],
        "PUBLISH": published["publish_id"],
        "MSG": published["msg_data_id"],
        "ARTICLE": publication["article_id"],
    }


def _to_ten_o_clock():
    """Return how far off tomorrow's ten o'clock in China is: figures are ready from eight on."""
    now = dt.datetime.now(CHINA)
    return int((now.replace(hour=10, minute=0) + dt.timedelta(days=1) - now).total_seconds())


def filled(body, given):
    return {
        name: filled(value, given)
        if isinstance(value, dict)
        else given.get(value, value)
        if isinstance(value, str)
        else value
        for name, value in body.items()
    }


def ask(wechat, path, method, sent):
    sent = dict(sent or {})
    options = {name: sent.pop(name) for name in ("files", "query") if name in sent}
    body = sent if sent or (method == "POST" and not options) else None
    query = {"access_token": wechat.token, **options.get("query", {})}
    return requests.request(
        method, wechat.url + path, params=query, json=body, files=options.get("files"), timeout=TIMEOUT_S
    )


def test_every_call_of_wechats_sheet_is_answered_as_it_is_sent_there(wechat, given):
    for path, (method, sent, code) in WECHAT.items():
        answer = ask(wechat, path, method, sent and filled(sent, given))
        assert answer.status_code == 200, path
        told = answer.json() if "json" in answer.headers["content-type"] else {}
        assert told.get("errcode", 0) == code, (path, told)


def test_no_call_of_wechats_is_taken_by_another_method(wechat):
    for path, (method, _sent, _code) in WECHAT.items():
        other = "GET" if method == "POST" else "POST"
        told = ask(wechat, path, other, None).json()
        assert told["errcode"] == (43002 if method == "POST" else 43001), path


@pytest.mark.parametrize("path", ["/cgi-bin/no/such", "/cgi-bin/draft", "/datacube/getnothing"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_what_is_no_interface_of_wechats_is_refused_in_its_words(wechat, path, method):
    told = ask(wechat, path, method, None).json()
    assert told["errcode"] == 40066 and " rid: " in told["errmsg"]


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        ("/cgi-bin/message/mass/speed/set", {"speed": "2"}),
        ("/cgi-bin/message/mass/speed/set", {"speed": 5}),
        ("/cgi-bin/message/mass/send", {**SEND, "touser": "all"}),
        ("/cgi-bin/message/mass/preview", SEND),
        ("/cgi-bin/comment/list", {"msg_data_id": "MSG", "index": 0, "begin": 0, "count": 50, "type": 0}),
        ("/cgi-bin/comment/list", {"msg_data_id": "MSG", "index": 0, "begin": "0", "count": 5, "type": 0}),
        ("/cgi-bin/comment/open", {"msg_data_id": "MSG", "index": 1}),
        ("/cgi-bin/openapi/rid/get", {"rid": 7}),
        ("/datacube/getarticleread", {"begin_date": 1, "end_date": 1}),
        ("/cgi-bin/freepublish/get", {"publish_id": "PUBLISH", "article_id": "1"}),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused(wechat, given, path, wrong):
    assert ask(wechat, path, "POST", filled(wrong, given)).json()["errcode"] == 47001


def test_figures_of_one_day_are_asked_for_one_day(wechat, given):
    two = {**DAY, "begin_date": (dt.date.fromisoformat(YESTERDAY) - dt.timedelta(days=1)).isoformat()}
    assert ask(wechat, "/datacube/getarticleread", "POST", two).json()["errcode"] == 61501


def test_an_account_without_comments_hears_so(sandbox, wechat, given):
    sandbox.add_account("wechat", wechat.appid, f"secret-{wechat.appid}", "岭南女声", capabilities=["draft"])
    told = ask(wechat, "/cgi-bin/comment/list", "POST", filled(COMMENT, given)).json()
    assert told["errcode"] == 88000


def test_voice_and_video_are_kept_as_their_kind(wechat):
    files = {"media": ("a.mp3", b"voice", "audio/mpeg")}
    assert "media_id" in wechat.call("material/add_material", query={"type": "voice"}, files=files)
    files = {"media": ("a.mp4", b"film", "video/mp4")}
    assert wechat.call("material/add_material", query={"type": "video"}, files=files)["errcode"] == 47001
    files["description"] = (None, '{"title": "夜校", "introduction": "灯亮着"}')
    assert "media_id" in wechat.call("material/add_material", query={"type": "video"}, files=files)
    counts = wechat.call("material/get_materialcount", method="GET")
    assert (counts["voice_count"], counts["video_count"]) == (1, 1)


def test_every_call_of_penguins_sheet_is_answered(penguin):
    calls = {path.replace("X", "client"): call for path, call in PENGUIN.items()} | PENGUIN_OWN
    for path, (method, fields, files, is_taken) in calls.items():
        sent = {"params" if method == "GET" else "data": {"access_token": penguin.token, **fields}}
        answer = requests.request(method, penguin.url + path, files=files or None, timeout=TIMEOUT_S, **sent)
        assert answer.status_code == 200, path
        assert (str(answer.json()["code"]) == "0") == is_taken, (path, answer.json())
    for path in PENGUIN:
        # Of the other kind of application: this token is refused, and not the address.
        path = path.replace("X", "auth")
        method = PENGUIN[path.replace("auth", "X")][0]
        told = requests.request(method, penguin.url + path, params={"access_token": penguin.token}, timeout=9)
        assert told.status_code == 200 and str(told.json()["code"]) != "0"
    for path in PENGUIN_GONE:
        gone = requests.get(penguin.url + path, params={"access_token": penguin.token}, timeout=TIMEOUT_S)
        assert gone.status_code == 404


def test_penguin_takes_a_video_in_chunks(penguin):
    begun = penguin.post("video/clientuploadready", size="6", md5="0", sha="0")["data"]["transaction_id"]
    offsets = []
    for start, part in ((0, b"abcd"), (4, b"ef")):
        fields = {"access_token": penguin.token, "transaction_id": str(begun), "start_offset": str(start)}
        told = requests.post(
            f"{penguin.url}/video/clientuploadtrunk",
            data=fields,
            files={"mediatrunk": ("part", part)},
            timeout=TIMEOUT_S,
        ).json()["data"]
        offsets.append((told["start_offset"], told["end_offset"]))
    assert offsets == [(0, 4), (6, 6)], "equal offsets say that all is there"
    penguin.sandbox.finish_reviews()
    assert penguin.transaction(str(begun))["data"]["transaction_status"] == "处理中"


def test_every_call_of_toutiaos_sheet_is_there_by_its_method(sandbox):
    url = sandbox.base_url("toutiao")
    query = {"response_type": "code", "client_key": "toutiaosandbox0001", "redirect_uri": "https://a.cn/"}
    for path, method in TOUTIAO.items():
        answer = requests.request(method, url + path, params=query, timeout=TIMEOUT_S)
        assert answer.status_code == 200, path
        if "authorize" not in path:
            other = "POST" if method == "GET" else "GET"
            assert requests.request(other, url + path, timeout=TIMEOUT_S).status_code == 405, path


def test_every_call_of_yidians_sheet_is_answered(sandbox):
    url, account = f"{sandbox.base_url('yidian')}/apis", "yidiansandbox0001"
    asked = {"grant_type": "client_credentials", "client_id": account, "client_secret": f"secret-{account}"}
    token = requests.get(f"{url}/auth/token", params=asked, timeout=TIMEOUT_S).json()["access_token"]
    with_token = {"params": {"access_token": token}, "timeout": TIMEOUT_S}
    refused = requests.get(f"{url}/video/get_secretkey", **with_token).json()
    assert refused == {"status": "failed", "error_code": 2}
    with_name = {**with_token, "params": {"access_token": token, "filename": "a.mp4"}}
    slot = requests.get(f"{url}/video/get_secretkey", **with_name).json()
    headers = {name: slot[name] for name in ("Date", "Content-Type", "Authorization")}
    assert requests.put(slot["url"], data=b"film", headers=headers, timeout=TIMEOUT_S).status_code == 200
    files = {"pic": ("a.gif", b"GIF89a", "image/gif")}
    told = requests.post(f"{url}/video/upload_picture", files=files, **with_token).json()
    assert told == {"error": "pic ext invalid"}
    files = {"pic": ("a.jpg", picture(), "image/jpeg")}
    cover = requests.post(f"{url}/video/upload_picture", files=files, **with_token).json()
    assert requests.get(cover["url"], timeout=TIMEOUT_S).content == picture()
    said = {"video_url": slot["url"], "title": "夜校", "cate_a": "社会", "cate_b": "教育"}
    post = f"{url}/video/post_video_info"
    assert "error" in requests.post(post, json=said, **with_token).json()
    told = requests.post(post, json={**said, "poster_url": cover["url"]}, **with_token).json()
    assert told == {"status": "success", "code": 0}
