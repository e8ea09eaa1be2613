"""The article interface of 2017–18: docs/platforms/toutiao.md, section 2.

The life of its token is not known: the setting ``token_ttl_s`` stands for it. Nothing refreshes it.
"""

import secrets
from collections.abc import Mapping

from .. import consent, grants, submissions
from ..calls import Call
from ..console.editor import Editor
from ..console.rules import RULES
from ..fetching import fetched
from ..store import Row, Store
from .answers import ArticleRefused, Refusal, RetRefused

CODE_S = 300
TITLE = (5, 30)
ABSTRACT_CHARS = 140
FIELDS = {"title", "content", "abstract", "save", "article_tag", "article_type"}
ACCESS = {"access_token", "client_key"}
NO_KEY, WRONG_KEY, WRONG_GRANT_TYPE, WRONG_SECRET, CODE_EXPIRED = 1, 2, 5, 6, 7
TOKEN_EXPIRED, TOKEN_MISSING, PARAMETER_MISSING = 10, 11, 12


def request_of(store: Store, query: Mapping[str, str]) -> Row | None:
    """Return the application that asks (its row), or None when the address is not a proper request."""
    proper = query.get("response_type") == "code" and consent.is_web(query.get("redirect_uri", ""))
    if store.setting("toutiao_https_redirect") and not query.get("redirect_uri", "").startswith("https:"):
        return None
    return store.account("toutiao", query.get("client_key", "")) if proper else None


def agreed(store: Store, query: Mapping[str, str], account_id: str) -> str:
    """Return where the browser goes when the holder of ``account_id`` agreed: ``code`` and ``state``."""
    code = grants.mint(store, "toutiao", account_id, "old_code", CODE_S, query["client_key"])
    return consent.way_back(query, code=code["token"])


def token(store: Store, call: Call) -> Row:
    """Give the token for a code. ``expires_in`` is the moment of its end, in Unix seconds."""
    app = _application(store, call.query)
    if call.query.get("grant_type") != "authorize_code":
        raise RetRefused(WRONG_GRANT_TYPE, "grant_type 不对")
    for name in ("client_secret", "code"):
        if not call.query.get(name):
            raise RetRefused(PARAMETER_MISSING, f"缺少参数 {name}")
    if not secrets.compare_digest(call.query["client_secret"].encode(), app["secret"].encode()):
        raise RetRefused(WRONG_SECRET, "client_secret 不对")
    spent = grants.spend(store, "toutiao", call.query["code"], "old_code")
    if spent is None or spent["app"] != app["id"]:
        raise RetRefused(CODE_EXPIRED, "code 已过期")
    row = grants.mint(
        store, "toutiao", spent["account"], "article", store.setting("token_ttl_s"), spent["app"]
    )
    identity = _identity(store.holder("toutiao", row["account"]))
    return {
        "ret": 0,
        "data": {"access_token": row["token"], "expires_in": int(row["expires_at"]), **identity},
    }


def user_profile(store: Store, call: Call) -> Row:
    """Tell whose token it is; the sheet names no other field of a profile."""
    return {"ret": 0, "data": _identity(holder(store, call, RetRefused))}


def new_article_post(store: Store, call: Call) -> Row:
    """Keep an article as a draft (``save`` 0) or send it into review (1); only its id comes back."""
    account = holder(store, call, ArticleRefused)
    if "publish" not in account["capabilities"]:
        raise ArticleRefused(0, "没有发布文章的权限")
    form = call.form
    unknown = set(form) - FIELDS
    if unknown or set(call.query) - ACCESS:
        raise ArticleRefused(0, f"未知参数 {sorted(unknown or set(call.query) - ACCESS)[0]}")
    _check(form)
    editor = Editor.clean(
        form["content"], RULES["toutiao"], lambda url: fetched(store, "toutiao", account["id"], url)
    )
    fields = {
        "title": form["title"],
        "author": "",
        "digest": form.get("abstract", "")[:ABSTRACT_CHARS],
        "source_url": "",
        "content": editor.html,
        "cover_path": "",
        "extra": {"tag": form.get("article_tag", "")},
    }
    call.account, draft = account["id"], form.get("save", "0") == "0"
    slug = submissions.add(store, call, fields, notes=editor.notes, via="api", draft=draft)
    return {"message": "success", "data": {"article_id": slug}}


def _check(form: Mapping[str, str]) -> None:
    length = title_length(form.get("title", ""))
    if not TITLE[0] <= length <= TITLE[1]:
        raise ArticleRefused(0, f"标题字数应在 {TITLE[0]} 到 {TITLE[1]} 之间")
    if not form.get("content", "").strip():
        raise ArticleRefused(0, "正文不能为空")
    if form.get("save", "0") not in ("0", "1"):
        raise ArticleRefused(0, "save 只能是 0 或 1")
    if form.get("article_type", "0") != "0":
        raise ArticleRefused(0, "沙盒不收视频文章")


def title_length(title: str) -> float:
    """A Chinese character counts 1, two Latin letters count 1."""
    return sum(0.5 if character.isascii() else 1 for character in title)


def _application(store: Store, query: Mapping[str, str]) -> Row:
    if not query.get("client_key"):
        raise RetRefused(NO_KEY, "缺少 client_key")
    app = store.account("toutiao", query["client_key"])
    if app is None:
        raise RetRefused(WRONG_KEY, "client_key 不对")
    return app


def holder(store: Store, call: Call, refused: type[Refusal]) -> Row:
    """Return the account whose token came with the call."""
    given = call.query.get("access_token")
    if not given:
        raise refused(TOKEN_MISSING, "缺少 access_token")
    if not call.query.get("client_key"):
        raise refused(NO_KEY, "缺少 client_key")
    row = grants.living(store, "toutiao", given, "article")
    if row is None or row["app"] != call.query["client_key"]:
        raise refused(TOKEN_EXPIRED, "access_token 无效或已过期")
    return store.holder("toutiao", row["account"])


def _identity(account: Row) -> Row:
    return {"uid": account["openid"][:12], "uid_type": 12, "open_id": account["openid"]}
