"""docs/platforms/wechat.md, section 4: the draft box."""

import json

import pytest
import requests

from tests.sandbox.callers import WeChat


def content_of(characters):
    return "<p>" + "字" * (characters - 7) + "</p>"


def test_section_4_1_a_draft_comes_back_as_it_was_sent(wechat):
    sent = wechat.article(digest="摘要", content_source_url="https://example.org/r/1")
    media_id = wechat.add_draft(sent)["media_id"]
    (item,) = wechat.call("draft/get", {"media_id": media_id})["news_item"]
    assert {name: item[name] for name in sent} == sent
    assert requests.get(item["thumb_url"]).headers["content-type"] == "image/jpeg"
    assert "草稿预览" in requests.get(item["url"]).text


@pytest.mark.parametrize(
    ("field", "fits", "too_long", "code"),
    [
        ("title", "字" * 32, "字" * 33, 45003),
        ("author", "字" * 16, "字" * 17, 47001),
        ("digest", "字" * 120, "字" * 121, 45004),
        ("content", content_of(19_999), content_of(20_000), 45002),
        ("content_source_url", "https://a.cn/" + "u" * 1011, "https://a.cn/" + "u" * 1012, 45005),
    ],
)
def test_section_4_1_limits(wechat, field, fits, too_long, code):
    assert "media_id" in wechat.add_draft(wechat.article(**{field: fits}))
    assert wechat.add_draft(wechat.article(**{field: too_long}))["errcode"] == code


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"title": ""}, 47001),
        ({"title": 7}, 47001),
        ({"title": None}, 47001),
        ({"content": None}, 47001),
        ({"content": ""}, 45166),
        ({"thumb_media_id": ""}, 40007),
        ({"thumb_media_id": "nobody's"}, 40007),
        ({"content_source_url": "javascript:alert(1)"}, 41039),
        ({"article_type": "video"}, 47001),
        ({"need_open_comment": 2}, 47001),
        ({"summary": "misspelt digest"}, 47001),
        ({"pic_crop_235_1": "0_0_1"}, 47001),
        ({"cover_info": {"crop_percent_list": [{"ratio": "4_3"}]}}, 47001),
        ({"product_info": {"footer_product_info": {"product_key": "k"}}}, 53406),
        ({"article_type": "newspic", "image_info": []}, 47001),
        ({"article_type": "newspic", "image_info": {"image_list": ["id"]}}, 47001),
    ],
)
def test_section_4_1_a_wrong_field_is_refused(wechat, changes, code):
    assert wechat.add_draft(wechat.article(**changes))["errcode"] == code


def test_section_4_1_the_cover_belongs_to_the_same_account(wechat, sandbox):
    foreign = WeChat(sandbox, "wxsandbox0002").material()["media_id"]
    assert wechat.add_draft(wechat.article(thumb_media_id=foreign))["errcode"] == 40007


def test_section_4_1_without_digest_the_first_54_characters_stand_in(wechat):
    assert wechat.stored(content=f"<p>{'一二三' * 30}</p>")["digest"] == "一二三" * 18


def test_section_4_1_comments_need_the_privilege(sandbox):
    for appid, code in (("wxsandbox0001", 0), ("wxsandbox0002", 88000)):
        account = WeChat(sandbox, appid)
        assert account.add_draft(account.article(need_open_comment=1)).get("errcode", 0) == code


def test_section_4_1_up_to_eight_articles(wechat):
    article = wechat.article()
    assert "media_id" in wechat.add_draft(*[article] * 8)
    assert wechat.add_draft(*[article] * 9)["errcode"] == 45008
    assert wechat.call("draft/add", {"articles": []})["errcode"] == 44003


def test_section_4_1_an_image_message_has_its_own_permanent_pictures(wechat):
    ids = [{"image_media_id": wechat.material()["media_id"]} for _ in range(2)]
    stored = wechat.stored(article_type="newspic", image_info={"image_list": ids}, content="一句话")
    assert stored["image_info"] == {"image_list": ids}


def test_section_4_escapes_are_shown_as_text_in_title_and_author(wechat):
    sent = {"articles": [wechat.article(title="木棉", author="女声")]}
    media_id = wechat.call("draft/add", raw=json.dumps(sent).encode())["media_id"]
    (item,) = wechat.call("draft/get", {"media_id": media_id})["news_item"]
    assert (item["title"], item["author"]) == ("\\u6728\\u68c9", "\\u5973\\u58f0")


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", 44002),
        (b"{", 47001),
        (b"[]", 47001),
        (b'{"articles": "\\ud83d"}', 47001),
        ("{}".encode("utf-16"), 47001),
    ],
)
def test_section_11_an_empty_or_malformed_body_is_refused(wechat, raw, code):
    assert wechat.call("draft/add", raw=raw)["errcode"] == code


def test_section_11_get_for_post_is_refused(wechat):
    assert wechat.call("draft/add", method="GET")["errcode"] == 43002


def test_section_4_2_update_replaces_one_article_counted_from_0(wechat):
    media_id = wechat.add_draft(wechat.article(title="一"), wechat.article(title="二"))["media_id"]
    change = {"media_id": media_id, "index": 1, "articles": wechat.article(title="三")}
    assert wechat.call("draft/update", change)["errcode"] == 0
    items = wechat.call("draft/get", {"media_id": media_id})["news_item"]
    assert [item["title"] for item in items] == ["一", "三"]
    assert wechat.call("draft/update", {**change, "index": 2})["errcode"] == 40114
    assert wechat.call("draft/update", {**change, "articles": [wechat.article()]})["errcode"] == 47001
    assert wechat.call("draft/update", {"media_id": media_id, "index": 0})["errcode"] == 47001


def test_section_4_2_delete_count_and_get(wechat, sandbox):
    media_id = wechat.draft()
    assert wechat.call("draft/count", method="GET") == {"total_count": 1}
    other = WeChat(sandbox, "wxsandbox0002")
    assert other.call("draft/get", {"media_id": media_id})["errcode"] == 40007
    assert other.call("draft/delete", {"media_id": media_id})["errcode"] == 40007
    assert wechat.call("draft/delete", {"media_id": media_id})["errcode"] == 0
    assert wechat.call("draft/delete", {"media_id": media_id})["errcode"] == 40007
    assert wechat.call("draft/count", method="GET") == {"total_count": 0}


def test_section_4_2_batchget_gives_up_to_twenty_drafts(wechat):
    article = wechat.article(title="同题")
    ids = {wechat.add_draft(article)["media_id"] for _ in range(21)}
    pages = [
        wechat.call("draft/batchget", {"offset": offset, "count": 20, "no_content": 0}) for offset in (0, 20)
    ]
    assert [(page["total_count"], page["item_count"]) for page in pages] == [(21, 20), (21, 1)]
    assert {item["media_id"] for page in pages for item in page["item"]} == ids
    assert pages[0]["item"][0]["content"]["news_item"][0]["content"] == article["content"]
    bare = wechat.call("draft/batchget", {"offset": 0, "count": 1, "no_content": 1})
    assert "content" not in bare["item"][0]["content"]["news_item"][0]


@pytest.mark.parametrize(
    "body", [{"offset": 0, "count": 21}, {"offset": 0, "count": 0}, {"offset": -1, "count": 1}]
)
def test_section_4_2_batchget_is_bounded(wechat, body):
    assert wechat.call("draft/batchget", body)["errcode"] == 47001
