"""The draft of a delivery: made once, and brought back to what was signed before it is published.

docs/platforms/wechat.md, sections 3 and 4.
"""

import datetime as dt
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from django.utils.translation import gettext as _

from publishers.interface import (
    Absent,
    CapabilityMissing,
    Evidence,
    Finding,
    Found,
    Item,
    Job,
    Json,
    PermanentError,
    Picture,
    Undecided,
)
from publishers.platforms.wechat import finding, render
from publishers.platforms.wechat.client import Client
from publishers.platforms.wechat.errors import MediaUnknown, NoComments
from publishers.rendering import fill
from publishers.rendering.reading import reading

COVER_BYTES, COVER_WIDTH = 5_000_000, 1800
#: A media_id may be unknown for seconds after its upload (section 3).
MEDIA_LAG_S = (1, 2)
#: Lists in which a draft cannot be found are read again no sooner: it may be ten calls of the day's hundred.
LISTS_AGAIN_S = 600
#: Compared by its letters. The cover is not: whether WeChat shows the id that it was given is not known.
COMPARED = ("title", "author", "content_source_url")
CLOSED = {"need_open_comment": 0, "only_fans_can_comment": 0}
OPEN = {"open": {"need_open_comment": 1}, "followers": {"need_open_comment": 1, "only_fans_can_comment": 1}}


def make(job: Job, client: Client, review_s: float) -> Mapping[str, Json]:
    """Return {"media_id"} of the draft, or {"article_id", "urls"} when a person has published it."""
    articles = [_article(job, client, item) for item in job.items]
    made = _made(job, client, "draft", articles, _added_if_comments, review_s)
    if "no_comments" in made:
        # 88000: the account has none, so the article goes without; told once more, it is a refusal.
        closed = [{**each, **CLOSED} for each in articles]
        return _made(job, client, "draft without comments", closed, _added, review_s)
    return made


def _made(
    job: Job,
    client: Client,
    name: str,
    articles: list[dict[str, Json]],
    add: Callable[[Client, list[dict[str, Json]]], dict[str, Json]],
    review_s: float,
) -> Mapping[str, Json]:
    return job.step(
        name,
        lambda: add(client, articles),
        find=lambda: _find(job, client, job.unknown_since(name), review_s),
        given=articles,
    )


def set_right(job: Job, client: Client, media_id: str) -> None:
    """Update what somebody changed in the draft since it was made.

    Raises MediaUnknown when it is no longer in the box, PermanentError when it cannot be set right.
    """
    if _update(job, client, media_id) and _differing(job.items, client.draft(media_id).articles):
        raise PermanentError(
            _("The draft in the box is not what was signed off, and stays so after an update.")
        )


def left(refusal: CapabilityMissing, why: str, media_id: str) -> CapabilityMissing:
    """Return the refusal of what was to become of the draft, with where the draft is and what to do."""
    sentence = _(
        "{why} The draft is in the draft box of mp.weixin.qq.com (media_id {media_id}): publish it there, "
        "then try again here."
    ).format(why=why, media_id=media_id)
    evidence: Evidence = {
        "status": refusal.status,
        "code": refusal.code,
        "request_id": refusal.request_id,
        "body": refusal.body,
    }
    return CapabilityMissing(refusal.name, sentence, **evidence)


def _update(job: Job, client: Client, media_id: str) -> bool:
    shown = client.draft(media_id).articles
    if len(shown) != len(job.items):
        raise PermanentError(_("The draft in the box holds other articles than were put there."))
    differing = _differing(job.items, shown)
    for index in differing:
        item = job.items[index]
        article = dict(item.payload or {})
        job.step(
            "update",
            # Doing it twice leaves the same draft.
            partial(client.update_draft, media_id, index, article),
            item=item,
            given={"media_id": media_id, "index": index, "article": article, "shown": _told(shown[index])},
            repeatable=True,
        )
    return bool(differing)


def _differing(items: Sequence[Item], shown: Sequence[Mapping[str, Json]]) -> list[int]:
    """Return the positions whose article in the box is not what is stored to be sent."""
    pairs = enumerate(zip(items, shown, strict=True))
    return [at for at, (item, article) in pairs if not _is_as_sent(article, item.payload or {})]


def _is_as_sent(shown: Mapping[str, Json], payload: Mapping[str, Json]) -> bool:
    """Compare what readers would notice: WeChat rewrites markup and fills an empty digest by itself."""
    digest = payload.get("digest") or shown.get("digest")
    sent = {**payload, "digest": digest}
    is_alike = _facts(shown) == _facts(sent)
    # Markup that nobody touched need not be read.
    return is_alike and (shown.get("content") == sent.get("content") or _words(shown) == _words(sent))


def _told(article: Mapping[str, Json]) -> list[Json]:
    return [*_facts(article), _words(article)]


def _facts(article: Mapping[str, Json]) -> list[Json]:
    return [*(article.get(name) or "" for name in (*COMPARED, "digest")), _pictures(article)]


def _words(article: Mapping[str, Json]) -> list[Json]:
    return list(reading(article.get("content") or ""))


def _pictures(article: Mapping[str, Json]) -> int:
    return len((article.get("image_info") or {}).get("image_list") or ())


def _article(job: Job, client: Client, item: Item) -> dict[str, Json]:
    """Return what draft/add gets for ``item``: made once, then as it was stored."""
    if item.payload is not None:
        return dict(item.payload)
    rendition = item.rendition
    article = _pictures_only if rendition.extra.get("form") == "pictures" else _text
    comments = {**CLOSED, **OPEN.get(rendition.extra.get("comments", ""), {})}
    shared = {
        "title": rendition.title,
        "author": rendition.author,
        "digest": rendition.digest,
        "content_source_url": item.source_url,
        **comments,
    }
    return dict(job.store_payload(item, {**shared, **article(job, client, item)}))


def _text(job: Job, client: Client, item: Item) -> dict[str, Json]:
    rendition = item.rendition
    assert rendition.cover is not None  # render takes no article without
    addresses = {sha256: _body_picture(job, client, sha256) for sha256 in rendition.assets}
    content = fill(rendition.html, addresses.__getitem__)
    render.check_content(content)
    return {
        "content": content,
        "thumb_media_id": _cover(job, client, rendition.cover),
        **rendition.extra["crops"],
    }


def _pictures_only(job: Job, client: Client, item: Item) -> dict[str, Json]:
    """Return a picture message: permanent pictures, the first of which is the cover, and plain text."""
    # Whether WeChat shows the link to the original here is not known [?]: it stands in the text, too.
    text = f"{item.rendition.extra['text']}\n原文：{item.source_url}"
    render.check_content(text)
    media_ids = [_cover(job, client, sha256) for sha256 in item.rendition.assets]
    return {
        "article_type": "newspic",
        "content": text,
        "image_info": {"image_list": [{"image_media_id": media_id} for media_id in media_ids]},
    }


def _body_picture(job: Job, client: Client, sha256: str) -> str:
    picture, rules = job.picture(sha256), render.PICTURES
    made = lambda: picture.jpeg(max_bytes=rules.max_bytes, max_width=rules.max_width)  # noqa: E731
    return job.uploaded("body", picture, lambda: client.upload_image(made()))


def _cover(job: Job, client: Client, sha256: str) -> str:
    picture: Picture = job.picture(sha256)
    return job.uploaded(
        "cover",
        picture,
        lambda: client.add_image(picture.jpeg(max_bytes=COVER_BYTES, max_width=COVER_WIDTH)),
    )


def _added_if_comments(client: Client, articles: list[dict[str, Json]]) -> dict[str, Json]:
    try:
        return _added(client, articles)
    except NoComments as refusal:
        return {"no_comments": refusal.code}


def _added(client: Client, articles: list[dict[str, Json]]) -> dict[str, Json]:
    for pause_s in MEDIA_LAG_S:
        try:
            return {"media_id": client.add_draft(articles)}
        except MediaUnknown:
            time.sleep(pause_s)
    return {"media_id": client.add_draft(articles)}


def _find(job: Job, client: Client, begun_at: dt.datetime, review_s: float) -> Finding:
    """Look in the box, then among what is published: a person may have published it meanwhile.

    Absent only where both lists were read as far as that says something: else a person would find two.
    """
    draft = finding.in_draft_box(job.account, client, job.items, begun_at)
    if draft.found:
        return Found({"media_id": draft.found})
    published = finding.published(job.account, client, job.items, begun_at)
    if published.found:
        return Found(published.found)
    if draft.decides and published.decides:
        return Absent()
    wait_s = finding.wait_s((job.now() - begun_at).total_seconds(), review_s)
    if wait_s is not None:
        return Undecided(
            _("WeChat's lists could not be read far enough to find the draft; the hub looks again."),
            after=max(wait_s, LISTS_AGAIN_S),
        )
    return Undecided(
        _(
            "It is not known whether WeChat took the draft: its lists are too long, or today's calls for "
            "them are used up. Look for “{title}” at mp.weixin.qq.com, in the draft box and among what is "
            "published: publish a draft that is there and record the article's address here; if nothing is "
            "there, cancel this delivery and distribute the article anew."
        ).format(title=job.items[0].rendition.title)
    )
