"""What a person does at a platform's console: publish, change, take down."""

import json
import re
from dataclasses import dataclass, field

from .. import ledger, submissions
from ..calls import Call
from ..fetching import fetched, kept
from ..store import Row, Store
from ..wechat import articles as wechat_articles
from ..wechat.answers import Refusal
from ..wechat.content import WeChatCleaner
from ..wechat.publish import start_job
from .editor import Editor
from .rules import RULES, Rules, problems

FIELDS = ("title", "digest", "author", "html", "source_url")
_FIRST_PICTURE = re.compile(r'<img\b[^>]*?\bsrc="([^"]+)"')


class NotTaken(Exception):
    """The console does not take it; ``sentences`` say why."""

    def __init__(self, *sentences: str) -> None:
        super().__init__(*sentences)
        self.sentences = sentences


@dataclass
class Sheet:
    """A console's form as it was sent: texts, cover addresses, cover files as ``(name, bytes)``."""

    fields: dict[str, str]
    cover_urls: list[str] = field(default_factory=list)
    cover_files: list[tuple[str, bytes]] = field(default_factory=list)


def publish(store: Store, slug: str, account: str, sheet: Sheet, article: str = "") -> str:
    """Take an article into review, or a change of the published one; return the slug of its page.

    A change that brings no cover keeps the earlier. Raises NotTaken.
    """
    present = ledger.at(store, slug, account, article) if article else None
    if article and present is None:
        raise NotTaken("没有这篇文章。")
    if present and not (sheet.cover_urls or sheet.cover_files):
        sheet.cover_urls = covers_of(present)
    rules = RULES[slug]
    found = problems(rules, sheet.fields, len(sheet.cover_urls) + len(sheet.cover_files))
    if found:
        raise NotTaken(*found)
    editor = Editor.clean(sheet.fields["html"], rules, lambda url: _picture(store, slug, account, url))
    content = editor.html
    if slug == "wechat":
        content = WeChatCleaner.clean(content, store, account).html
    if not editor.text and not editor.pictures:
        raise NotTaken("编辑器去掉不收的内容以后，正文是空的。")
    fields = _stored(sheet, content, _covers(store, slug, account, sheet, rules, content))
    if slug == "wechat":
        own = wechat_articles.changed_by_console if present else wechat_articles.by_console
        fields["extra"] |= own(fields)
    return submissions.add(store, _call(slug, account), fields, notes=editor.notes, slug=article)


def covers_of(row: Row) -> list[str]:
    """Return the paths of a published article's covers."""
    return json.loads(row["extra"]).get("covers") or [path for path in (row["cover_path"],) if path]


def _stored(sheet: Sheet, content: str, covers: list[str]) -> Row:
    return {
        **{name: sheet.fields[name] for name in ("title", "author", "digest", "source_url")},
        "content": content,
        "cover_path": covers[0] if covers else "",
        "extra": {"covers": covers},
    }


def _covers(store: Store, slug: str, account: str, sheet: Sheet, rules: Rules, content: str) -> list[str]:
    try:
        covers = [kept(store, slug, account, "image", data, name) for name, data in sheet.cover_files]
        covers += [_picture(store, slug, account, url) for url in sheet.cover_urls]
    except ValueError as error:
        raise NotTaken(f"封面用不了：{error}。") from error
    if not covers and rules.own_cover:
        covers = _FIRST_PICTURE.findall(content)[:1]
    return covers


def _picture(store: Store, slug: str, account: str, url: str) -> str:
    """Return the path of a picture: one that is here already, or fetched now."""
    own = re.fullmatch(rf"/{slug}/(?:image|mmbiz)/([\w-]+)\.\w+", url)
    if own and store.picture(slug, own[1]):
        return url
    return fetched(store, slug, account, url)


def take_down(store: Store, slug: str, account: str, article: str) -> None:
    """Take a published article down, as its author. Raises NotTaken."""
    row = ledger.at(store, slug, account, article)
    if row is None:
        raise NotTaken("没有这篇文章。")
    ledger.withdraw(store, [row], by="operator")


def send_draft(store: Store, slug: str, account: str, draft: str) -> None:
    """Publish a draft that an interface left in the box. Raises NotTaken."""
    if slug == "wechat":
        try:
            start_job(store, account, draft, via="console")
        except Refusal as refusal:
            raise NotTaken("草稿箱里没有这篇草稿。") from refusal
        return
    row = store.one(
        "SELECT id FROM submissions WHERE platform = ? AND account = ? AND id = ? AND status = ?",
        slug,
        account,
        draft,
        submissions.DRAFT,
    )
    if row is None:
        raise NotTaken("草稿箱里没有这篇草稿。")
    submissions.review(store, _call(slug, account), row["id"])


def _call(slug: str, account: str) -> Call:
    return Call(slug, "POST", "/console", "", {}, account=account)
