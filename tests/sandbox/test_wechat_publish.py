"""docs/platforms/wechat.md, section 5: publishing is asynchronous."""

import pytest
import requests

from tests.sandbox.callers import WeChat


def test_section_5_1_submit_only_accepts_and_the_review_takes_its_time(wechat, sandbox):
    sandbox.settings(review_s=60)
    media_id = wechat.draft()
    answer = wechat.submit(media_id)
    assert answer["errcode"] == 0
    assert answer["publish_id"] and answer["msg_data_id"]
    assert wechat.publication(answer["publish_id"])["publish_status"] == 1
    assert wechat.call("draft/count", method="GET") == {"total_count": 1}
    assert sandbox.articles("wechat", wechat.appid) == []

    sandbox.settings(clock_offset_s=61)
    done = wechat.publication(answer["publish_id"])
    assert (done["publish_status"], done["fail_idx"]) == (0, [])
    assert wechat.call("draft/count", method="GET") == {"total_count": 0}
    assert "木棉花开" in requests.get(done["article_detail"]["item"][0]["article_url"]).text


def test_section_5_1_a_consumed_draft_answers_40007(wechat):
    media_id = wechat.draft()
    wechat.submit(media_id)
    assert wechat.submit(media_id)["errcode"] == 40007


def test_section_5_1_a_second_submit_during_the_review_makes_a_second_article(wechat, sandbox):
    sandbox.settings(review_s=60)
    media_id = wechat.draft()
    assert [wechat.submit(media_id)["errcode"] for _ in range(2)] == [0, 0]
    sandbox.finish_reviews()
    (account,) = sandbox.ledger("wechat", wechat.appid)["accounts"]
    assert (account["ever_visible"], account["duplicates"]) == (2, {"木棉花开": 2})


def test_section_5_1_msg_data_id_may_be_missing(wechat, sandbox):
    sandbox.settings(wechat_submit_tells_msg_data_id=False)
    assert set(wechat.submit(wechat.draft())) == {"errcode", "errmsg", "publish_id"}


def test_section_5_2_a_publication_of_two_lists_both_counted_from_1(wechat):
    done = wechat.publish(wechat.article(title="一"), wechat.article(title="二"))
    detail = done["article_detail"]
    assert (detail["count"], [item["idx"] for item in detail["item"]]) == (2, [1, 2])


@pytest.mark.parametrize(("status", "failed"), [(2, [1]), (3, []), (4, [1])])
def test_section_5_2_a_refused_review_leaves_the_draft_in_the_box(wechat, sandbox, status, failed):
    sandbox.fault("reject_review", platform="wechat", status=status)
    done = wechat.publish()
    assert (done["publish_status"], done["fail_idx"]) == (status, failed)
    assert "article_id" not in done
    assert wechat.call("draft/count", method="GET") == {"total_count": 1}
    assert sandbox.articles() == []


def test_section_5_2_taken_down_by_the_operator_is_5_and_by_the_platform_6(wechat, sandbox):
    for by, status in (("operator", 5), ("platform", 6)):
        publish_id = wechat.submit(wechat.draft())["publish_id"]
        article_id = wechat.publication(publish_id)["article_id"]
        sandbox.take_down("wechat", wechat.appid, article_id, by)
        assert wechat.publication(publish_id)["publish_status"] == status


def test_section_5_2_another_accounts_publish_id_is_not_known(wechat, sandbox):
    publish_id = wechat.submit(wechat.draft())["publish_id"]
    assert WeChat(sandbox, "wxsandbox0002").publication(publish_id)["errcode"] == 47001


def test_section_5_4_delete_counts_from_1_and_0_takes_all_down(wechat):
    first = wechat.publish(wechat.article(title="一"), wechat.article(title="二"))
    article_id = first["article_id"]
    assert wechat.call("freepublish/delete", {"article_id": article_id, "index": 2})["errcode"] == 0
    items = wechat.call("freepublish/getarticle", {"article_id": article_id})["news_item"]
    assert [(item["title"], item["is_deleted"]) for item in items] == [("一", False), ("二", True)]
    assert wechat.call("freepublish/delete", {"article_id": article_id, "index": 3})["errcode"] == 40114
    assert wechat.call("freepublish/delete", {"article_id": article_id, "index": 0})["errcode"] == 0
    assert requests.get(items[0]["url"]).status_code == 410


def test_section_5_4_a_wrong_article_id_is_53600(wechat, sandbox):
    article_id = wechat.publish()["article_id"]
    other = WeChat(sandbox, "wxsandbox0002")
    for path in ("getarticle", "delete"):
        assert other.call(f"freepublish/{path}", {"article_id": article_id})["errcode"] == 53600


def test_section_5_4_getarticle_and_batchget_show_what_was_published(wechat):
    sent = wechat.article(digest="摘要", content_source_url="https://example.org/r/1")
    article_id = wechat.publish(sent)["article_id"]
    (item,) = wechat.call("freepublish/getarticle", {"article_id": article_id})["news_item"]
    assert {name: item[name] for name in sent} == sent
    listed = wechat.call("freepublish/batchget", {"offset": 0, "count": 20, "no_content": 0})
    assert (listed["total_count"], listed["item_count"]) == (1, 1)
    assert listed["item"][0]["article_id"] == article_id
    assert listed["item"][0]["content"]["news_item"] == [item]


def test_section_5_4_batchget_lists_what_the_console_published_but_never_what_was_mass_sent(wechat, sandbox):
    for how, total in (("publish", 1), ("mass", 1)):
        sandbox.console_publish(wechat.appid, wechat.draft(), how)
        listed = wechat.call("freepublish/batchget", {"offset": 0, "count": 20, "no_content": 1})
        assert listed["total_count"] == total
    assert [article["via"] for article in sandbox.articles()] == ["console", "mass"]


def test_section_10_a_call_over_the_days_quota_is_45009_until_midnight_in_china(wechat, sandbox):
    sandbox.settings(wechat_daily_quota={"/cgi-bin/draft/count": 2})
    codes = [wechat.call("draft/count", method="GET").get("errcode", 0) for _ in range(3)]
    assert codes == [0, 0, 45009]
    sandbox.settings(clock_offset_s=86400, token_ttl_s=2 * 86400)
    fresh = WeChat(sandbox, wechat.appid)
    assert "errcode" not in fresh.call("draft/count", method="GET")


def test_section_10_delete_has_ten_calls_a_day(wechat):
    article_id = wechat.publish()["article_id"]
    body = {"article_id": article_id, "index": 1}
    codes = [wechat.call("freepublish/delete", body)["errcode"] for _ in range(11)]
    assert codes == [0] * 10 + [45009]
    quota = wechat.call("openapi/quota/get", {"cgi_path": "/cgi-bin/freepublish/delete"})["quota"]
    assert quota == {"daily_limit": 10, "used": 10, "remain": 0}
    assert wechat.call("clear_quota", {"appid": wechat.appid})["errcode"] == 0
    assert wechat.call("freepublish/delete", body)["errcode"] == 0


def test_section_10_quotas_belong_to_each_account(wechat, sandbox):
    sandbox.settings(wechat_daily_quota={"/cgi-bin/draft/count": 1})
    for appid in ("wxsandbox0001", "wxsandbox0002"):
        assert "errcode" not in WeChat(sandbox, appid).call("draft/count", method="GET")


def test_section_11_an_error_is_http_200_and_its_errmsg_ends_with_a_rid(wechat):
    answer = wechat.call("draft/get", {"media_id": "nobody's"})
    assert answer["errcode"] == 40007
    assert answer["errmsg"].split(" rid: ")[1]


@pytest.mark.parametrize(
    "path",
    ["draft/get", "draft/delete", "draft/batchget", "freepublish/submit", "freepublish/get",
     "freepublish/delete", "freepublish/getarticle", "freepublish/batchget"],
)  # fmt: skip
def test_a_field_that_the_sheet_does_not_name_is_refused(wechat, path):
    assert wechat.call(path, {"misspelt": 1})["errcode"] == 47001


def test_section_6_a_call_over_the_minutes_quota_is_45011_until_the_next_minute(wechat, sandbox):
    sandbox.settings(wechat_minute_quota={"/cgi-bin/draft/count": 2})
    codes = [wechat.call("draft/count", method="GET").get("errcode") for _ in range(3)]
    assert codes == [None, None, 45011]
    sandbox.settings(clock_offset_s=60)
    assert "total_count" in wechat.call("draft/count", method="GET")


def test_what_was_called_and_what_was_refused_is_counted_per_day(wechat, sandbox):
    sandbox.settings(wechat_daily_quota={"/cgi-bin/draft/count": 1}, token_ttl_s=100_000)
    for offset in (0, 0, 24 * 3600):
        sandbox.settings(clock_offset_s=offset)
        wechat.call("draft/count", method="GET")
    counted = [row for row in sandbox.quotas(wechat.appid) if row["path"].endswith("/cgi-bin/draft/count")]
    assert [(row["path"], row["used"]) for row in counted] == [
        ("/cgi-bin/draft/count", 1), ("/cgi-bin/draft/count", 1), ("refused /cgi-bin/draft/count", 1),
    ]  # fmt: skip
    assert counted[0]["window"] < counted[1]["window"] and counted[0]["limit"] == 1
