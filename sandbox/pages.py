"""What people see: readers' pages of every platform, at the width of a phone."""

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.templating import Jinja2Templates

from . import accounts, ledger, submissions
from .platforms import ORDER, PLATFORMS
from .room import Endpoint
from .store import Json, Row, Store, china_time

HERE = Path(__file__).parent
LATEST = 3
#: Pictures are shown from wherever the sandbox stands now, which may be another port than at the upload.
_OWN_PICTURE = re.compile(r"https?://[^/\"'\s]+(?=/wechat/mmbiz/|/[a-z]+/image/)")
#: The text comes from outside: nothing in it may run, and no other server may learn who reads.
_POLICY = {
    "Content-Security-Policy": "default-src 'none'; img-src 'self' data:; style-src 'self' 'unsafe-inline';"
    " base-uri 'none'; frame-ancestors 'self'"
}

#: What a template shows; None: it is not there.
Read = Callable[[Store, Request], Row | None]

templates = Jinja2Templates(HERE / "templates")
templates.env.filters["day"] = lambda seconds: china_time(seconds, "%Y年%-m月%-d日")
templates.env.filters["minute"] = lambda seconds: china_time(seconds, "%Y年%-m月%-d日 %H:%M")
templates.env.filters["home"] = lambda account: f"/{account['platform']}/u/{account['id']}"
templates.env.filters["address"] = ledger.path
templates.env.filters["covers"] = lambda article: json.loads(article["extra"]).get("covers", ())
templates.env.globals["PLATFORMS"] = PLATFORMS


def page(template: str, read: Read, policy: Mapping[str, str] = _POLICY) -> Endpoint:
    """Make an endpoint that shows ``read(store, request)`` (a dict, or None: not found) with a template."""

    async def endpoint(request: Request) -> Response:
        store = request.app.state.store
        context = await run_in_threadpool(_settled, store, read, request)
        if context is None:
            return missing(request)
        status = 410 if context.get("gone") else 200
        return templates.TemplateResponse(request, template, context, status, policy)

    return endpoint


def missing(request: Request, said: str = "这里没有内容。") -> Response:
    return templates.TemplateResponse(request, "missing.html", {"said": said}, 404, _POLICY)


def _settled(store: Store, read: Read, request: Request) -> Row | None:
    request.app.state.settle(store)
    return read(store, request)


def index(store: Store, request: Request) -> Row:
    rows = accounts.rows(store)
    return {
        "accounts": [{**row, "articles": _live(store, row["platform"], row["id"], LATEST)} for row in rows]
    }


def account_page(platform: str) -> Endpoint:
    def read(store: Store, request: Request) -> Row | None:
        account = store.account(platform, request.path_params["account"])
        return account and {"account": account, "articles": _live(store, platform, account["id"], 200)}

    return page("account.html", read)


def article_page(platform: str) -> Endpoint:
    def read(store: Store, request: Request) -> Row | None:
        row = store.one(
            "SELECT * FROM published WHERE platform = ? AND slug = ?", platform, request.path_params["slug"]
        )
        return row and _reading(store, platform, row["account"], row, gone=row["withdrawn_by"])

    shown = page("wechat_article.html" if platform == "wechat" else "article.html", read)

    async def endpoint(request: Request) -> Response:
        answer = await shown(request)
        slug = request.path_params["slug"]
        if answer.status_code == 404 and submissions.waits(request.app.state.store, platform, slug):
            return missing(request, "文章还在审核，通过以后读者才能看到。")
        return answer

    return endpoint


def draft(store: Store, request: Request) -> Row | None:
    """Show a draft at its preview link, which lives as long as the draft is in the box."""
    row = store.one("SELECT * FROM drafts WHERE media_id = ?", request.path_params["media_id"])
    articles = json.loads(row["articles"]) if row else []
    if row is None or request.path_params["index"] >= len(articles):
        return None
    article = articles[request.path_params["index"]]
    shown = {**article, "source_url": article["content_source_url"], "published_at": row["updated_at"]}
    return _reading(store, "wechat", row["account"], {**shown, "extra": json.dumps(article)}, preview=True)


def _reading(store: Store, platform: str, account_id: str, row: Row, **more: Json) -> Row:
    extra = json.loads(row["extra"])
    return {
        "account": store.account(platform, account_id)
        or {"platform": platform, "id": account_id, "name": "—"},
        "article": row,
        "content": _OWN_PICTURE.sub("", row["content"]),
        "gallery": extra.get("gallery", ()),
        "source_name": extra.get("source_name", ""),
        "updated_at": extra.get("updated_at"),
        **more,
    }


def _live(store: Store, platform: str, account_id: str, limit: int) -> list[Row]:
    return store.all(
        "SELECT * FROM published WHERE platform = ? AND account = ? AND withdrawn_at IS NULL"
        " ORDER BY published_at DESC, idx LIMIT ?",
        platform,
        account_id,
        limit,
    )


def picture(platform: str) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        store, name = request.app.state.store, request.path_params["name"]
        found = await run_in_threadpool(store.picture, platform, name.rpartition(".")[0])
        if found is None:
            return PlainTextResponse("Not Found", status_code=404)
        headers = {"Cache-Control": "max-age=86400", "X-Content-Type-Options": "nosniff"}
        return Response(found[1], media_type=found[0], headers=headers)

    return endpoint


def avatar(request: Request) -> Response:
    """Draw an account's picture: the first character of its name."""
    platform = request.url.path.split("/")[1]
    account = request.app.state.store.account(platform, request.path_params["account"])
    if account is None:
        return PlainTextResponse("Not Found", status_code=404)
    return templates.TemplateResponse(request, "avatar.svg", {"account": account}, media_type="image/svg+xml")


ROUTES = [
    Route("/", page("index.html", index)),
    *(Route(f"/{slug}/u/{{account}}", account_page(slug)) for slug in ORDER),
    *(Route(f"/{slug}/a/{{slug}}", article_page(slug)) for slug in ORDER if slug != "wechat"),
    *(Route(f"/{slug}/image/{{name}}", picture(slug)) for slug in ORDER if slug != "wechat"),
    Route("/wechat/s/{slug}", article_page("wechat")),
    Route("/wechat/draft/{media_id}/{index:int}", page("wechat_article.html", draft)),
    Route("/wechat/mmbiz/{name}", picture("wechat")),
    *(Route(f"/{slug}/avatar/{{account}}.svg", avatar) for slug in ("penguin", "toutiao")),
    Mount("/_static", StaticFiles(directory=HERE / "static")),
]
