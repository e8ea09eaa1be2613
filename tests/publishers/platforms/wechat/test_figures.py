"""What is read of WeChat's figures."""

import datetime as dt

from publishers.platforms.wechat.client import Client
from publishers.platforms.wechat.statistics import figures
from tests.publishers.platforms.wechat.test_plugin import scripted_account

DAY = {"stat_date": "2026-03-01", "read_user": 7}


def test_a_day_that_cannot_be_read_hides_none_of_the_others(script):
    account = scripted_account(script)
    broken = [{"read_user": 1}, {**DAY, "stat_date": "1. März"}, {**DAY, "read_user": "many"}]
    rows = [{"msgid": "D_1", "detail_list": [*broken, DAY]}, {"msgid": "D_2", "detail_list": [DAY]}]
    script.answer("/datacube/getarticletotaldetail", {"list": rows, "is_delay": False})
    told = figures(Client(account), dt.date(2026, 3, 1))
    assert [(each.about["index"], each.value) for each in told] == [("1", 7), ("2", 7)]


def test_each_figure_stands_under_its_own_name(script):
    told = {"read_user": 6, "share_user": 5, "zaikan_user": 4, "like_user": 3, "collection_user": 2}
    detail = {"stat_date": "2026-03-01", **told, "comment_count": 1}
    rows = [{"msgid": "D_1", "detail_list": [detail]}]
    script.answer("/datacube/getarticletotaldetail", {"list": rows, "is_delay": False})
    kept = figures(Client(scripted_account(script)), dt.date(2026, 3, 1))
    names = ("read_users", "shares", "wows", "likes", "favourites", "comments")
    assert [(each.name, each.value) for each in kept] == list(zip(names, (6, 5, 4, 3, 2, 1), strict=True))
