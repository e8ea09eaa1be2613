"""What can be set by ``POST /_control/settings``."""

import json
from collections.abc import Mapping
from typing import Any

#: A value of JSON. Not narrower: what callers say is of any shape, and read where it is used.
Json = Any

#: name → default. The type of the default is the type that is accepted (a whole number may stand for 1.0).
DEFAULTS: dict[str, Json] = {
    #: Seconds that a review takes on every platform.
    "review_s": 1.0,
    #: Life of a token (docs/platforms/wechat.md, section 2.1; docs/platforms/penguin.md, section 2).
    "token_ttl_s": 7200,
    #: Moves the sandbox's clock forward, so that a test sees expiry and midnight without waiting.
    "clock_offset_s": 0,
    #: {"/cgi-bin/freepublish/submit": 3} replaces the sheet's daily quota of that call.
    "wechat_daily_quota": {},
    #: The same for the quota of one minute.
    "wechat_minute_quota": {},
    #: Reports differ on foreign links (docs/platforms/wechat.md, section 8): unwrap, or refuse with 45166.
    "wechat_foreign_links": "unwrap",
    #: The submit page's own example shows no msg_data_id (section 5.1): false leaves it out.
    "wechat_submit_tells_msg_data_id": True,
    #: How many mass sends a day may succeed (section 6: one for a verified 订阅号).
    "wechat_mass_per_day": 1,
    #: MASSSENDJOBFINISH can arrive with an empty ArticleUrlResult (section 6): false leaves it empty.
    "wechat_mass_event_tells_urls": True,
    #: is_delay of the figures (section 9.2): true says that they may change.
    "wechat_figures_delayed": False,
    #: Toutiao's old authorisation comes back to https only (toutiao.md, section 2, code 8); a trial has http.
    "toutiao_https_redirect": False,
    #: Where Penguin reads parameters is in conflict (penguin.md, section 4): both, form, query.
    "penguin_parameters": "both",
    #: One client notes the key refresh_toekn in the old documentation (section 2): true answers so.
    "penguin_misspelt_refresh": False,
    #: The sheet has 6–30 from client code of 2017 and 5–64 from today's console: the wider one counts here.
    "penguin_title_min": 5,
    "penguin_title_max": 64,
    #: Seconds that Penguin waits for a cover or body picture which it fetches.
    "penguin_fetch_s": 5.0,
    #: It fetches them while the review runs (penguin.md, section 5); true answers when they are fetched.
    "penguin_answers_fetched": False,
    #: A partner of our push answers 200 and has published (partner-feed-contract.md, part B); false: 202.
    "push_at_once": False,
    #: It gives its figures as CSV (part C); false: as JSON.
    "push_figures_csv": False,
}

CHOICES = {
    "wechat_foreign_links": ("unwrap", "refuse"),
    "penguin_parameters": ("both", "form", "query"),
}

#: What the control page calls them.
WORDS = {
    "review_s": "审核要多少秒",
    "token_ttl_s": "凭据有效多少秒",
    "clock_offset_s": "时钟拨快多少秒",
    "wechat_daily_quota": "微信：接口每天的次数（JSON，代替资料里的）",
    "wechat_minute_quota": "微信：接口每分钟的次数（JSON）",
    "wechat_foreign_links": "微信：外链去掉（unwrap）还是拒绝（refuse）",
    "wechat_submit_tells_msg_data_id": "微信：提交发布时给出 msg_data_id",
    "wechat_mass_per_day": "微信：每天群发几次",
    "wechat_mass_event_tells_urls": "微信：群发事件带上文章地址",
    "wechat_figures_delayed": "微信：数据标为还会变",
    "toutiao_https_redirect": "头条号：旧授权只回到 https 地址",
    "penguin_parameters": "企鹅号：参数从哪里读（both、form、query）",
    "penguin_misspelt_refresh": "企鹅号：refresh_token 拼成 refresh_toekn",
    "penguin_title_min": "企鹅号：标题最少几字",
    "penguin_title_max": "企鹅号：标题最多几字",
    "penguin_fetch_s": "取图片最多等多少秒",
    "penguin_answers_fetched": "企鹅号：取完图片才回答",
    "push_at_once": "推送：直接发布，不经审核",
    "push_figures_csv": "推送：数据用 CSV",
}


def from_form(form: Mapping[str, str]) -> dict[str, Json]:
    """Return the settings of a form, each in its own type; what cannot be read stays text."""
    return {name: _read(DEFAULTS.get(name), value) for name, value in form.items()}


def _read(default: Json, written: str) -> Json:
    if isinstance(default, str):
        return written
    try:
        return json.loads(written)
    except ValueError:
        return written


def setting_problem(name: str, value: Json) -> str | None:
    """Return one sentence that says what is wrong with a setting, or None."""
    if name not in DEFAULTS:
        return f"没有名为 {name} 的设置。"
    if name in CHOICES and value not in CHOICES[name]:
        return f"{name} 只能是 {'、'.join(CHOICES[name])}。"
    default = DEFAULTS[name]
    if isinstance(default, bool) or isinstance(value, bool):
        fits = isinstance(default, bool) and isinstance(value, bool)
    elif isinstance(default, int | float):
        fits = isinstance(value, int | float) and value >= 0
    else:
        fits = isinstance(value, type(default))
    return None if fits else f"{name} 的值类型不对，默认值是 {default!r}。"
