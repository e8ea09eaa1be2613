"""docs/platforms/wechat.md, section 6: sending to followers. Section 9.2: figures."""

import datetime as dt

import pytest

from tests.sandbox.callers import WeChat

MASS = "message/mass/"


def sendall(wechat, media_id, key="k1", **changes):
    body = {
        "filter": {"is_to_all": True},
        "msgtype": "mpnews",
        "mpnews": {"media_id": media_id},
        "send_ignore_reprint": 0,
        "clientmsgid": key,
    }
    return wechat.call(MASS + "sendall", body | changes)


def test_section_6_a_mass_send_uses_the_draft_up_and_is_in_no_list(wechat, sandbox):
    answer = sendall(wechat, wechat.draft())
    assert answer["errcode"] == 0 and answer["msg_data_id"]
    assert wechat.call(MASS + "get", {"msg_id": answer["msg_id"]})["msg_status"] == "SEND_SUCCESS"
    assert wechat.call("draft/count", method="GET") == {"total_count": 0}
    assert wechat.call("freepublish/batchget", {"offset": 0, "count": 20})["total_count"] == 0
    assert [article["via"] for article in sandbox.articles("wechat")] == ["mass"]


def test_section_6_a_clientmsgid_is_never_sent_twice_and_names_the_first_message(wechat, sandbox):
    sandbox.settings(review_s=3600, wechat_mass_per_day=9)
    media_id = wechat.draft()
    first = sendall(wechat, media_id)
    assert sendall(wechat, media_id)["errcode"] == 45066
    sandbox.settings(clock_offset_s=61)
    again = sendall(wechat, media_id)
    assert (again["errcode"], again["msg_id"]) == (45065, first["msg_id"])
    assert wechat.call(MASS + "get", {"msg_id": first["msg_id"]})["msg_status"] == "SENDING"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"clientmsgid": "k" * 65}, 45067),
        ({"mpnews": {"media_id": "gone"}}, 40007),
        ({"msgtype": "text"}, 40008),
        ({"filter": {"is_to_all": "yes"}}, 47001),
        ({"filter": {"is_to_everybody": True}}, 47001),
    ],
)
def test_section_6_a_wrong_request_is_refused(wechat, changes, code):
    assert sendall(wechat, wechat.draft(), **changes)["errcode"] == code


def test_section_6_one_successful_send_a_day(wechat, sandbox):
    sandbox.fault("reject_review", platform="wechat")
    failed = sendall(wechat, wechat.draft(), "k1")
    assert wechat.call(MASS + "get", {"msg_id": failed["msg_id"]})["msg_status"] == "SEND_FAIL"
    assert [sendall(wechat, wechat.draft(), key)["errcode"] for key in ("k2", "k3")] == [0, 45028]


def test_section_6_delete_takes_the_page_down(wechat, sandbox):
    msg_id = sendall(wechat, wechat.draft())["msg_id"]
    wechat.call(MASS + "get", {"msg_id": msg_id})
    assert wechat.call(MASS + "delete", {"msg_id": msg_id, "article_idx": 1})["errcode"] == 0
    assert [article["status"] for article in sandbox.articles("wechat")] == ["withdrawn"]
    assert wechat.call(MASS + "get", {"msg_id": msg_id})["msg_status"] == "DELETE"


def test_section_6_without_the_right_every_call_is_48001(sandbox):
    wechat = WeChat(sandbox, "wxsandbox0002")
    assert wechat.call(MASS + "speed/get")["errcode"] == 48001
    assert sendall(wechat, wechat.draft())["errcode"] == 48001


def figures(wechat, begin, end):
    answer = wechat.http.post(
        f"{wechat.url}/datacube/getarticletotaldetail",
        params={"access_token": wechat.token},
        json={"begin_date": begin, "end_date": end},
    )
    return answer.json()


def day(sandbox, days):
    """Return the China date ``days`` from today, by the sandbox's clock."""
    offset = sandbox.settings()["clock_offset_s"]
    now = dt.datetime.now(dt.timezone(dt.timedelta(hours=8))) + dt.timedelta(seconds=offset, days=days)
    return now.date().isoformat()


def at_ten_in_two_days(sandbox):
    """Set the sandbox's clock to ten in China, two days on."""
    china = dt.timezone(dt.timedelta(hours=8))
    now = dt.datetime.now(china)
    ten = (now + dt.timedelta(days=2)).replace(hour=10, minute=0, second=0, microsecond=0)
    sandbox.settings(clock_offset_s=int((ten - now).total_seconds()), token_ttl_s=10**6)


def test_section_9_2_rows_are_cumulative_and_keyed_by_msg_data_id_and_index(wechat, sandbox):
    sandbox.settings(token_ttl_s=10**6)
    published = wechat.submit(
        wechat.add_draft(wechat.article(title="一"), wechat.article(title="二"))["media_id"]
    )
    wechat.publication(published["publish_id"])
    today = day(sandbox, 0)
    at_ten_in_two_days(sandbox)
    answer = figures(wechat, today, today)
    assert answer["is_delay"] is False
    assert [row["msgid"] for row in answer["list"]] == [f"{published['msg_data_id']}_{idx}" for idx in (1, 2)]
    first, second = answer["list"][0]["detail_list"]
    assert first["stat_date"] == today and second["read_user"] == 2 * first["read_user"] > 0
    assert answer["list"][0]["publish_type"] == 1


def test_section_9_2_wrong_dates_long_spans_and_early_questions_are_refused(wechat, sandbox):
    sandbox.settings(token_ttl_s=10**6)
    at_ten_in_two_days(sandbox)
    assert figures(wechat, "soon", "soon")["errcode"] == 61500
    assert figures(wechat, day(sandbox, 0), day(sandbox, 0))["errcode"] == 61500
    assert figures(wechat, day(sandbox, -60), day(sandbox, -1))["errcode"] == 61501
    sandbox.settings(clock_offset_s=sandbox.settings()["clock_offset_s"] - 3 * 3600)
    assert figures(wechat, day(sandbox, -1), day(sandbox, -1))["errcode"] == 61503
