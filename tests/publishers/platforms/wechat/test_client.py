"""WeChat's calls on the wire, each as an exchange of docs/platforms/wechat.md, replayed over real HTTP."""

import json
from pathlib import Path

import pytest

from publishers.platforms.wechat.client import Client, Entry
from publishers.testing.job import MemoryAccount

EXCHANGES = sorted(Path(__file__).with_name("exchanges").glob("*.json"))
CALLS = {
    "stable_token": lambda client: client.stable_token(),
    "uploadimg": lambda client: client.upload_image(b"\xff\xd8jpeg"),
    "add_material": lambda client: client.add_image(b"\x89PNGpicture"),
    "draft_add": lambda client: client.add_draft([{"title": "夜校的灯“亮”", "content": "<p>好</p>"}]),
    "draft_count": lambda client: client.count_drafts(),
    "draft_batchget": lambda client: [entry.id for entry in client.page_of_drafts(0)[0]],
    "freepublish_submit": lambda client: client.submit("MEDIA"),
    "freepublish_get": lambda client: client.publication("2247483647"),
    "freepublish_batchget": lambda client: [
        entry.id for entry in client.page_of_publications(0, with_texts=True)[0]
    ],
    "freepublish_getarticle": lambda client: client.article("ARTICLE").articles[0]["is_deleted"],
    "freepublish_delete": lambda client: client.delete("ARTICLE", 2),
}


@pytest.fixture
def client(script):
    script.answer("/cgi-bin/stable_token", {"access_token": "ACCESS", "expires_in": 7200})
    return Client(MemoryAccount("清溪女声", script.url, {"appid": "wx1", "secret": "s3cret"}))


@pytest.mark.parametrize("file", EXCHANGES, ids=lambda file: file.stem)
def test_each_exchange_of_the_contract_is_spoken(client, script, file):
    exchange = json.loads(file.read_text(encoding="utf-8"))
    wanted = exchange["request"]
    script.answer(wanted["path"], exchange["response"])
    answer = CALLS[file.stem.partition(".")[0]](client)
    assert repr(answer) == exchange["gives"]
    method, path, query, body = script.requests[-1]
    assert (method, path) == (wanted["method"], wanted["path"])
    assert query == wanted.get("query", {})
    if "json" in wanted:
        assert json.loads(body) == wanted["json"]
    for part in wanted.get("body_has", ()):
        assert part.encode() in body


def test_chinese_is_sent_as_it_is_and_never_as_an_escape(client, script):
    script.answer("/cgi-bin/draft/add", {"media_id": "M"})
    client.add_draft([{"title": "女声 “引号” 🌺"}])
    body = script.requests[-1][3]
    assert "女声 “引号” 🌺".encode() in body
    assert b"\\u" not in body


@pytest.mark.parametrize(
    ("updated", "moment"),
    [
        (1_767_000_000, 1_767_000_000),
        (1_767_000_000_000, 1_767_000_000),
        (0, None),
        (12, None),
        (9**18, None),
    ],
)
def test_a_time_is_one_where_its_unit_shows(updated, moment):
    assert Entry("M", (), updated).moment == moment


@pytest.mark.parametrize("delete", [Client.delete, Client.delete_sent])
def test_an_article_is_never_deleted_without_its_position(client, script, delete):
    with pytest.raises(ValueError, match="index"):
        delete(client, "4711", 0)
    assert script.requests == []


@pytest.mark.parametrize(
    ("call", "path"),
    [(Client.upload_image, "/cgi-bin/media/uploadimg"), (Client.add_image, "/cgi-bin/material/add_material")],
)
def test_with_a_fresh_token_a_call_is_made_again_whole(client, script, call, path):
    tokens = ({"access_token": word, "expires_in": 7200} for word in ("first", "second"))
    script.answer("/cgi-bin/stable_token", *tokens)
    given = {"url": "https://mmbiz.qpic.cn/a/0", "media_id": "COVER"}
    script.answer(path, {"errcode": 42001, "errmsg": "no"}, given)
    assert call(client, b"\xff\xd8jpeg") in given.values()
    first, second = [
        ({**query, "access_token": ""}, b"\xff\xd8jpeg" in body)
        for _method, asked, query, body in script.requests
        if asked == path
    ]
    assert first == second and second[1]
