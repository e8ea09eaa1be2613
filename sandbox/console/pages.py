"""The console as a page and its form."""

import json
from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from .. import ledger, submissions
from ..pages import missing, templates
from ..platforms import ORDER
from ..room import Endpoint
from ..store import Row, Store
from . import work
from .rules import RULES

#: An article may be long; Starlette stops at one megabyte of its own accord.
FIELD_BYTES = 8 * 1024 * 1024
#: The page's own script fills the editor; what was pasted may show pictures of anywhere, and run nothing.
_POLICY = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; img-src * data:;"
    " style-src 'self' 'unsafe-inline'; base-uri 'none'; frame-ancestors 'self'"
}
_EMPTY = dict.fromkeys((*work.FIELDS, "covers"), "")


def console(slug: str) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        store = request.app.state.store
        await run_in_threadpool(request.app.state.settle, store)
        account = await run_in_threadpool(store.account, slug, request.path_params["account"])
        if account is None:
            return missing(request)
        if request.method == "GET":
            asked = request.query_params
            return await run_in_threadpool(_shown, request, account, asked.get("article", ""))
        async with request.form(max_part_size=FIELD_BYTES) as form:
            return await run_in_threadpool(_done, request, account, form, await _sheet(form))

    return endpoint


async def _sheet(form: FormData) -> work.Sheet:
    covers = form.getlist("cover")
    files = [(each.filename or "", await each.read()) for each in covers if isinstance(each, UploadFile)]
    written = "\n".join(each for each in covers if isinstance(each, str))
    return work.Sheet(
        {name: str(form.get(name, "")).strip() for name in work.FIELDS},
        [line.strip() for line in written.splitlines() if line.strip()],
        [(name, content) for name, content in files if content],
    )


def _done(request: Request, account: Row, form: FormData, sheet: work.Sheet) -> Response:
    store, slug, name = request.app.state.store, account["platform"], account["id"]
    action, article = form.get("action", ""), str(form.get("article", ""))
    try:
        if action == "withdraw":
            work.take_down(store, slug, name, article)
        elif action == "send":
            work.send_draft(store, slug, name, str(form.get("draft", "")))
        else:
            page = {"platform": slug, "slug": work.publish(store, slug, name, sheet, article)}
            return RedirectResponse(ledger.path(page), status_code=303)
    except work.NotTaken as refused:
        written = {**sheet.fields, "covers": "\n".join(sheet.cover_urls)}
        return _shown(request, account, article, refused.sentences, written)
    said = {"withdraw": "已撤下。", "send": "已提交。"}[action]
    return RedirectResponse(f"{request.url.path}?{urlencode({'said': said})}", status_code=303)


def _shown(
    request: Request,
    account: Row,
    article: str = "",
    problems: Sequence[str] = (),
    written: Mapping[str, str] | None = None,
) -> Response:
    store, slug = request.app.state.store, account["platform"]
    row = ledger.at(store, slug, account["id"], article)
    context = {
        "account": account,
        "rules": RULES[slug],
        "article": article if row else "",
        "fields": written or (_written(row) if row else _EMPTY),
        "problems": problems,
        "said": request.query_params.get("said", ""),
        "published": _published(store, account),
        "submissions": _open_submissions(store, account),
        "drafts": ledger.drafts(store, account["id"]) if slug == "wechat" else (),
    }
    status = 400 if problems else 200
    return templates.TemplateResponse(request, "console.html", context, status, _POLICY)


def _written(row: Row) -> dict[str, str]:
    texts = {name: row[name] for name in ("title", "digest", "author", "source_url")}
    return {**texts, "html": row["content"], "covers": "\n".join(work.covers_of(row))}


def _published(store: Store, account: Row) -> list[Row]:
    rows = store.all(
        "SELECT * FROM published WHERE platform = ? AND account = ? ORDER BY published_at DESC, idx",
        account["platform"],
        account["id"],
    )
    return [{**row, "notes": json.loads(row["extra"]).get("notes", ())} for row in rows]


def _open_submissions(store: Store, account: Row) -> list[Row]:
    rows = submissions.of_account(store, account["platform"], account["id"])
    return [row for row in rows if row["status"] != submissions.DONE]


ROUTES = tuple(
    Route(f"/{slug}/console/{{account}}", console(slug), methods=["GET", "POST"]) for slug in ORDER
)
