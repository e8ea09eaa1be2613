"""The sandbox's own interface: accounts, settings, faults, the operator's hand, the ledger.

Every POST takes JSON; what is wrong is answered with 400 and one sentence. The page at ``/_control/`` has
forms, which come back to it (console.py). There is no log-in: it is meant for one machine or a closed test
network.
"""

import json
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, RedirectResponse
from starlette.routing import Route

from . import accounts, faults, ledger, penguin, reviews, settings, wechat
from .calls import expire_tokens as expire
from .wechat import events
from .wechat.answers import Refusal
from .wechat.publish import start_job

FORM = "application/x-www-form-urlencoded"
EMPTIED = (
    "published", "drafts", "jobs", "transactions", "media", "blobs", "tokens", "counters", "faults", "calls",
    "settings", "mass_sends", "callbacks", "told", "events",
)  # fmt: skip


class Wrong(Exception):
    """What was asked cannot be done; the message says why."""


def answering(work):
    """Make an endpoint of ``work(store, asked, request)``, run in a thread."""

    async def endpoint(request):
        from_page = request.headers.get("content-type", "").startswith(FORM)
        try:
            asked = _form(dict(await request.form())) if from_page else _read(await request.body())
            answer = await run_in_threadpool(work, request.app.state.store, asked, request)
        except Wrong as wrong:
            if from_page:
                return RedirectResponse(f"/_control/?{urlencode({'problem': str(wrong)})}", status_code=303)
            return JSONResponse({"error": str(wrong)}, status_code=400)
        return RedirectResponse("/_control/", status_code=303) if from_page else JSONResponse(answer)

    return endpoint


def _read(raw):
    try:
        asked = json.loads(raw or "{}")
    except ValueError as error:
        raise Wrong("请求体要用 JSON。") from error
    if not isinstance(asked, dict):
        raise Wrong("请求体要用 JSON 对象。")
    return asked


def _form(form):
    """Return what a form of the control page asks for."""
    if "json" in form:
        return _read(form["json"])
    return faults.from_form(form) if "kind" in form else form


def _wanted(asked, *names):
    missing = [name for name in names if not isinstance(asked.get(name), str)]
    if missing:
        raise Wrong(f"缺少 {'、'.join(missing)}。")
    return [asked[name] for name in names]


def health(store, asked, request):
    return {"ok": True}


def list_accounts(store, asked, request):
    return accounts.listing(store)


def add_account(store, asked, request):
    platform, account_id, secret, name = _wanted(asked, "platform", "id", "secret", "name")
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


def show_settings(store, asked, request):
    return {name: store.setting(name) for name in settings.DEFAULTS}


def change_settings(store, asked, request):
    for name, value in asked.items():
        problem = settings.setting_problem(name, value)
        if problem:
            raise Wrong(problem)
    with store.transaction():
        for name, value in asked.items():
            store.set_setting(name, value)
    return show_settings(store, asked, request)


def list_faults(store, asked, request):
    return faults.listing(store)


def add_faults(store, asked, request):
    problem = faults.problem(asked) or _unknown_call(asked.get("match", {}))
    if problem:
        raise Wrong(problem)
    faults.add(store, asked)
    return faults.listing(store)


def _unknown_call(match):
    """A fault at a call that does not exist would never strike: better said at once."""
    paths = {"wechat": wechat.PATHS, "penguin": penguin.PATHS}
    platform, path = match.get("platform"), match.get("path")
    if platform is not None and platform not in paths:
        return f"platform 只能是 {'、'.join(paths)}。"
    known = paths[platform] if platform else [*wechat.PATHS, *penguin.PATHS]
    return f"没有名为 {path} 的接口。" if path is not None and path not in known else None


def clear_faults(store, asked, request):
    store.run("DELETE FROM faults")
    return []


def reset(store, asked, request):
    """Empty everything; accounts stay, unless ``{"accounts": true}`` brings back only the shipped ones."""
    with store.transaction():
        for table in EMPTIED:
            store.run(f"DELETE FROM {table}")  # noqa: S608  (our own table names)
        if asked.get("accounts"):
            store.run("DELETE FROM accounts")
        accounts.add_demo_accounts(store)
    return {"ok": True}


def expire_tokens(store, asked, request):
    """Let every token of an account (or of all) run out now."""
    return {"expired": expire(store, asked.get("account"))}


def finish_reviews(store, asked, request):
    """End the running reviews of an account (or of all) now."""
    reviews.finish(store, asked.get("account"))
    return {"ok": True}


def console_publish(store, asked, request):
    """Do what a person does in WeChat's console: publish a draft. ``how`` mass hides it from batchget."""
    account, media_id = _wanted(asked, "account", "media_id")
    via = {"publish": "console", "mass": "mass"}.get(asked.get("how", "publish"))
    if via is None:
        raise Wrong("how 只能是 publish 或 mass。")
    try:
        start_job(store, account, media_id, via=via, review_s=0)
    except Refusal as refusal:
        raise Wrong("草稿箱里没有这篇草稿。") from refusal
    reviews.settle(store)
    return ledger.entries(store, _base_url(request), "wechat", account)[-1]


def edit_draft(store, asked, request):
    """Do what a person does to a draft in WeChat's console: ``changes`` of one article, null deletes it."""
    account, media_id = _wanted(asked, "account", "media_id")
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


def delete_draft(store, asked, request):
    """Delete a draft in WeChat's console."""
    account, media_id = _wanted(asked, "account", "media_id")
    return {"deleted": store.run("DELETE FROM drafts WHERE account = ? AND media_id = ?", account, media_id)}


def set_callback(store, asked, request):
    """Enter where an account's events go, as in WeChat's console: the address must give the echo back."""
    account, url, token = _wanted(asked, "account", "url", "token")
    mode, form, aes_key = asked.get("mode", "plain"), asked.get("format", "xml"), asked.get("aes_key", "")
    if mode not in events.MODES or form not in events.FORMATS:
        raise Wrong("mode 只能是 plain、compatible、safe，format 只能是 xml、json。")
    if mode != "plain" and len(aes_key) != 43:
        raise Wrong("加密方式需要 43 个字符的 aes_key。")
    row = {"account": account, "url": url, "token": token, "aes_key": aes_key, "mode": mode, "format": form}
    row["base_url"] = _base_url(request)
    if asked.get("verify", True) and not events.verify(row, int(store.now())):
        raise Wrong("Token 验证失败：这个地址没有原样返回 echostr。")
    store.run("REPLACE INTO callbacks VALUES (?, ?, ?, ?, ?, ?, ?)", *row.values())
    return {"ok": True}


def send_events(store, asked, request):
    """Send every event that is due now."""
    reviews.settle(store)
    return {"tried": events.send_due(store)}


def show_events(store, asked, request):
    reviews.settle(store)
    return events.listing(store, request.query_params.get("account"))


def take_down(store, asked, request):
    """Take an article down outside the API: ``by`` operator (in the console) or platform (a ban)."""
    platform, account, article_id = _wanted(asked, "platform", "account", "article_id")
    by = asked.get("by", "platform")
    rows = ledger.of_article(store, platform, account, article_id)
    if by not in ("operator", "platform") or not rows:
        raise Wrong("by 只能是 operator 或 platform，且文章要存在。")
    ledger.withdraw(store, rows, by)
    return {"withdrawn": len(rows)}


def show_ledger(store, asked, request):
    reviews.settle(store)
    query = request.query_params
    chosen = query.get("platform"), query.get("account")
    return {
        "accounts": ledger.summary(store, *chosen),
        "articles": ledger.entries(store, _base_url(request), *chosen),
    }


def show_calls(store, asked, request):
    query = request.query_params
    return ledger.calls(store, query.get("platform"), query.get("account"), query.get("path"))


def show_drafts(store, asked, request):
    reviews.settle(store)
    return ledger.drafts(store, request.query_params.get("account"))


def show_quotas(store, asked, request):
    return wechat.quota.counts(store, request.query_params.get("account"))


def _base_url(request):
    return f"{request.url.scheme}://{request.url.netloc}"


def _route(path, **methods):
    return [Route(path, answering(work), methods=[name.upper()]) for name, work in methods.items()]


ROUTES = [
    *_route("/_control/health", get=health),
    *_route("/_control/accounts", get=list_accounts, post=add_account),
    *_route("/_control/settings", get=show_settings, post=change_settings),
    *_route("/_control/faults", get=list_faults, post=add_faults, delete=clear_faults),
    *_route("/_control/faults/clear", post=clear_faults),
    *_route("/_control/reset", post=reset),
    *_route("/_control/tokens/expire", post=expire_tokens),
    *_route("/_control/reviews/finish", post=finish_reviews),
    *_route("/_control/console/publish", post=console_publish),
    *_route("/_control/callbacks", post=set_callback),
    *_route("/_control/events/send", post=send_events),
    *_route("/_control/drafts/edit", post=edit_draft),
    *_route("/_control/drafts/delete", post=delete_draft),
    *_route("/_control/takedown", post=take_down),
    *_route("/_ledger/calls", get=show_calls),
    *_route("/_ledger/drafts", get=show_drafts),
    *_route("/_ledger/events", get=show_events),
    *_route("/_ledger/quotas", get=show_quotas),
]
