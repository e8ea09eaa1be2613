"""docs/platforms/wechat.md, section 2: tokens."""

import pytest

from tests.sandbox.callers import WeChat


def test_section_2_1_the_stable_token_is_the_same_while_it_lives(wechat):
    first, second = wechat.stable_token(), wechat.stable_token()
    assert first["access_token"] == second["access_token"]
    assert 0 < second["expires_in"] <= 7200


def test_section_2_1_the_stable_token_is_rolled_five_minutes_early_and_both_work_meanwhile(wechat, sandbox):
    old = wechat.stable_token()["access_token"]
    sandbox.settings(clock_offset_s=7200 - 299)
    new = wechat.stable_token()["access_token"]
    assert new != old
    for token in (old, new):
        assert wechat.call("draft/count", method="GET", token=token) == {"total_count": 0}


def test_section_2_1_a_token_expires(wechat, sandbox):
    token = wechat.token
    sandbox.settings(clock_offset_s=7201)
    assert wechat.call("draft/count", method="GET", token=token)["errcode"] == 42001


def test_section_2_1_force_refresh_kills_the_token_but_not_within_thirty_seconds(wechat, sandbox):
    first = wechat.stable_token()["access_token"]
    assert wechat.stable_token(force_refresh=True)["access_token"] == first
    sandbox.settings(clock_offset_s=31)
    second = wechat.stable_token(force_refresh=True)["access_token"]
    assert second != first
    assert wechat.call("draft/count", method="GET", token=first)["errcode"] == 40001


def test_section_2_1_force_refresh_works_twenty_times_a_day(wechat, sandbox):
    sandbox.settings(token_ttl_s=86400)
    codes = []
    for turn in range(21):
        sandbox.settings(clock_offset_s=31 * turn)
        codes.append(wechat.stable_token(force_refresh=True).get("errcode", 0))
    assert codes == [0] * 20 + [45009]


def test_section_2_2_each_legacy_token_retires_the_one_before_and_leaves_the_stable_one(wechat):
    stable, old = wechat.token, wechat.legacy_token()["access_token"]
    new = wechat.legacy_token()["access_token"]
    assert wechat.call("draft/count", method="GET", token=old)["errcode"] == 40001
    for token in (stable, new):
        assert "errcode" not in wechat.call("draft/count", method="GET", token=token)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"appid": "nobody"}, 40013),
        ({"secret": "wrong"}, 40125),
        ({"secret": ""}, 41004),
        ({"grant_type": "password"}, 47001),
        ({"force_refresh": "yes"}, 47001),
        ({"appid": ["wxsandbox0001"]}, 47001),
        ({"app_id": "misspelt"}, 47001),
    ],
)
def test_section_2_3_a_wrong_token_request_is_refused(wechat, changes, code):
    assert wechat.stable_token(**changes)["errcode"] == code


@pytest.mark.parametrize(("token", "code"), [("short", 40014), ("12_" + "a" * 128, 40001)])
def test_section_11_a_token_that_was_never_given_is_refused(wechat, token, code):
    assert wechat.call("draft/count", method="GET", token=token)["errcode"] == code


def test_section_1_an_account_without_freepublish_is_refused_with_48001(sandbox):
    draft_only = WeChat(sandbox, "wxsandbox0003")
    media_id = draft_only.draft()
    assert draft_only.submit(media_id)["errcode"] == 48001
    assert (
        draft_only.call("freepublish/batchget", {"offset": 0, "count": 1, "no_content": 1})["errcode"]
        == 48001
    )
