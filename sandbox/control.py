"""The sandbox's own interface: accounts, settings, faults, the operator's hand, the ledger.

Every POST takes JSON; what is wrong is answered with 400 and one sentence. The page at ``/_control/`` has
forms, which come back to it (console.py). There is no log-in: it is meant for one machine or a closed test
network.
"""

from collections.abc import Mapping
from itertools import chain

from starlette.requests import Request

from . import accounts, faults, grants, ledger, rooms, settings, wechat
from .asking import Asked, Wrong, base_url, is_form, routes, wanted
from .platforms import PLATFORMS
from .store import Json, Store
from .wechat import events
from .wechat.answers import Refusal
from .wechat.publish import start_job

EMPTIED = (
    "published", "drafts", "jobs", "transactions", "media", "blobs", "tokens", "counters", "faults", "calls",
    "settings", "submissions", "mass_sends", "callbacks", "told", "events",
)  # fmt: skip


def health(store: Store, asked: Asked, request: Request) -> Json:
    return {"ok": True}


def list_accounts(store: Store, asked: Asked, request: Request) -> Json:
    return accounts.listing(store)


def add_account(store: Store, asked: Asked, request: Request) -> Json:
    platform, account_id, secret, name = wanted(asked, "platform", "id", "secret", "name")
    known = accounts.CAPABILITIES.get(platform)
    if known is None:
        raise Wrong(f"platform 只能是 {'、'.join(accounts.CAPABILITIES)}。")
    granted = asked.get("capabilities")
    if granted is not None and (not isinstance(granted, list) or set(granted) - set(known)):
        raise Wrong(f"capabilities 只能是 {'、'.join(known)} 的列表。")
    accounts.register(store, platform, account_id, secret, name, granted)
    return next(
        one for one in accounts.listing(store) if (one["platform"], one["id"]) == (platform, account_id)
    )


def show_settings(store: Store, asked: Asked, request: Request) -> dict[str, Json]:
    return {name: store.setting(name) for name in settings.DEFAULTS}


def change_settings(store: Store, asked: Asked, request: Request) -> dict[str, Json]:
    if is_form(request):
        asked = settings.from_form(asked)
    for name, value in asked.items():
        problem = settings.setting_problem(name, value)
        if problem:
            raise Wrong(problem)
    with store.transaction():
        for name, value in asked.items():
            store.set_setting(name, value)
    return show_settings(store, asked, request)


def list_faults(store: Store, asked: Asked, request: Request) -> Json:
    return faults.listing(store)


def add_faults(store: Store, asked: Asked, request: Request) -> Json:
    if is_form(request):
        asked = faults.from_form(asked)
    problem = faults.problem(asked, rooms.kinds_of()) or _never(asked["kind"], asked.get("match", {}))
    if problem:
        raise Wrong(problem)
    faults.add(store, asked)
    return faults.listing(store)


def _never(kind: str, match: Mapping[str, str]) -> str | None:
    """A fault that could never strike, because there is no such call or kind there: better said at once."""
    paths = rooms.paths()
    platform, path = match.get("platform"), match.get("path")
    if platform is not None and platform not in PLATFORMS:
        return f"platform 只能是 {'、'.join(PLATFORMS)}。"
    if platform is not None and kind not in rooms.kinds_of(platform):
        return f"{PLATFORMS[platform]}没有 {kind} 这种故障。"
    known = paths.get(platform, ()) if platform else chain.from_iterable(paths.values())
    return f"没有名为 {path} 的接口。" if path is not None and path not in known else None


def remove_fault(store: Store, asked: Asked, request: Request) -> Json:
    return {"removed": store.run("DELETE FROM faults WHERE id = ?", asked.get("id"))}


def clear_faults(store: Store, asked: Asked, request: Request) -> Json:
    store.run("DELETE FROM faults")
    return []


def reset(store: Store, asked: Asked, request: Request) -> Json:
    """Empty everything; accounts stay, unless ``{"accounts": true}`` brings back only the shipped ones."""
    with store.transaction():
        for table in (*EMPTIED, *rooms.tables()):
            store.run(f"DELETE FROM {table}")  # noqa: S608  (our own table names)
        if asked.get("accounts"):
            store.run("DELETE FROM accounts")
        accounts.add_demo_accounts(store)
    return {"ok": True}


def expire_tokens(store: Store, asked: Asked, request: Request) -> Json:
    """Let every token of an account (or of all) run out now; refresh tokens with ``{"kind": "refresh"}``."""
    return {"expired": grants.expire(store, asked.get("account"), kind=asked.get("kind"))}


def revoke_consent(store: Store, asked: Asked, request: Request) -> Json:
    """Take back what an account's holder let an application do."""
    platform, account, app = wanted(asked, "platform", "account", "app")
    return {"revoked": grants.revoke(store, platform, account, app)}


def finish_reviews(store: Store, asked: Asked, request: Request) -> Json:
    """End the running reviews of an account (or of all) now."""
    rooms.finish(store, asked.get("account"))
    return {"ok": True}


def console_publish(store: Store, asked: Asked, request: Request) -> Json:
    """Do what a person does in WeChat's console: publish a draft. ``how`` mass hides it from batchget."""
    account, media_id = wanted(asked, "account", "media_id")
    via = {"publish": "console", "mass": "mass"}.get(asked.get("how", "publish"))
    if via is None:
        raise Wrong("how 只能是 publish 或 mass。")
    try:
        start_job(store, account, media_id, via=via, review_s=0)
    except Refusal as refusal:
        raise Wrong("草稿箱里没有这篇草稿。") from refusal
    rooms.settle(store)
    return ledger.entries(store, base_url(request), "wechat", account)[-1]


def edit_draft(store: Store, asked: Asked, request: Request) -> Json:
    """Do what a person does to a draft in WeChat's console: ``changes`` of one article, null deletes it."""
    account, media_id = wanted(asked, "account", "media_id")
    index, changes = asked.get("index", 0), asked.get("changes")
    with store.transaction():
        try:
            stored = wechat.drafts.draft_articles(store, account, media_id)
        except Refusal as refusal:
            raise Wrong("草稿箱里没有这篇草稿。") from refusal
        if not isinstance(index, int) or not 0 <= index < len(stored):
            raise Wrong("index 从 0 起，不超过篇数。")
        stored[index : index + 1] = [] if changes is None else [{**stored[index], **changes}]
        wechat.drafts.keep(store, media_id, stored)
    return {"articles": len(stored)}


def delete_draft(store: Store, asked: Asked, request: Request) -> Json:
    """Delete a draft in WeChat's console."""
    account, media_id = wanted(asked, "account", "media_id")
    return {"deleted": store.run("DELETE FROM drafts WHERE account = ? AND media_id = ?", account, media_id)}


def publish_older(store: Store, asked: Asked, request: Request) -> Json:
    """Let an account have published for years: ``count`` articles, one a day before now.

    Lists by number show them after all later ones (``order`` newest: the newest first), before them (oldest:
    the oldest first), or between them (none). So do ``drafts`` in WeChat's box.
    """
    platform, account = wanted(asked, "platform", "account")
    order, count = asked.get("order", "none"), int(asked.get("count", 0))
    if order not in ledger.ORDERS:
        raise Wrong(f"order 只能是 {'、'.join(ledger.ORDERS)}。")
    with store.transaction():
        ledger.publish_older(store, platform, account, count, order)
        for number in range(int(asked.get("drafts", 0))):
            wechat.drafts.store_older(store, account, number, order)
    return {"ok": True}


def set_callback(store: Store, asked: Asked, request: Request) -> Json:
    """Enter where an account's events go, as in WeChat's console: the address must give the echo back."""
    account, url, token = wanted(asked, "account", "url", "token")
    mode, form, aes_key = asked.get("mode", "plain"), asked.get("format", "xml"), asked.get("aes_key", "")
    if mode not in events.MODES or form not in events.FORMATS:
        raise Wrong("mode 只能是 plain、compatible、safe，format 只能是 xml、json。")
    if mode != "plain" and len(aes_key) != 43:
        raise Wrong("加密方式需要 43 个字符的 aes_key。")
    row = {"account": account, "url": url, "token": token, "aes_key": aes_key, "mode": mode, "format": form}
    row["base_url"] = base_url(request)
    if asked.get("verify", True) and not events.verify(row, int(store.now())):
        raise Wrong("Token 验证失败：这个地址没有原样返回 echostr。")
    store.run("REPLACE INTO callbacks VALUES (?, ?, ?, ?, ?, ?, ?)", *row.values())
    return {"ok": True}


def send_events(store: Store, asked: Asked, request: Request) -> Json:
    """Send every event that is due now."""
    rooms.settle(store)
    return {"tried": events.send_due(store)}


def show_events(store: Store, asked: Asked, request: Request) -> Json:
    rooms.settle(store)
    return events.listing(store, request.query_params.get("account"))


def take_down(store: Store, asked: Asked, request: Request) -> Json:
    """Take an article down outside the API: ``by`` operator (in the console) or platform (a ban)."""
    platform, account, article_id = wanted(asked, "platform", "account", "article_id")
    by = asked.get("by", "platform")
    rows = ledger.of_article(store, platform, account, article_id)
    if by not in ("operator", "platform") or not rows:
        raise Wrong("by 只能是 operator 或 platform，且文章要存在。")
    ledger.withdraw(store, rows, by)
    return {"withdrawn": len(rows)}


def show_ledger(store: Store, asked: Asked, request: Request) -> dict[str, Json]:
    rooms.settle(store)
    query = request.query_params
    chosen = query.get("platform"), query.get("account")
    return {
        "accounts": ledger.summary(store, *chosen),
        "articles": ledger.entries(store, base_url(request), *chosen),
    }


def show_calls(store: Store, asked: Asked, request: Request) -> Json:
    query = request.query_params
    return ledger.calls(store, query.get("platform"), query.get("account"), query.get("path"))


def show_drafts(store: Store, asked: Asked, request: Request) -> Json:
    rooms.settle(store)
    return ledger.drafts(store, request.query_params.get("account"))


def show_quotas(store: Store, asked: Asked, request: Request) -> Json:
    return wechat.quota.counts(store, request.query_params.get("account"))


ROUTES = [
    *routes("/_control/health", get=health),
    *routes("/_control/accounts", get=list_accounts, post=add_account),
    *routes("/_control/settings", get=show_settings, post=change_settings),
    *routes("/_control/faults", get=list_faults, post=add_faults, delete=clear_faults),
    *routes("/_control/faults/remove", post=remove_fault),
    *routes("/_control/faults/clear", post=clear_faults),
    *routes("/_control/reset", post=reset),
    *routes("/_control/tokens/expire", post=expire_tokens),
    *routes("/_control/consents/revoke", post=revoke_consent),
    *routes("/_control/reviews/finish", post=finish_reviews),
    *routes("/_control/console/publish", post=console_publish),
    *routes("/_control/older", post=publish_older),
    *routes("/_control/callbacks", post=set_callback),
    *routes("/_control/events/send", post=send_events),
    *routes("/_control/drafts/edit", post=edit_draft),
    *routes("/_control/drafts/delete", post=delete_draft),
    *routes("/_control/takedown", post=take_down),
    *routes("/_ledger/calls", get=show_calls),
    *routes("/_ledger/drafts", get=show_drafts),
    *routes("/_ledger/events", get=show_events),
    *routes("/_ledger/quotas", get=show_quotas),
]
