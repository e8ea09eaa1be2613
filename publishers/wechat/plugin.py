"""WeChat as a publisher: what it is, and how articles go live there."""

import datetime as dt
import time
from collections.abc import Callable, Sequence

from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cms.document.model import Document, VariantText
from publishers.interface import (
    Absent,
    AccountSession,
    CapabilityMissing,
    CredentialField,
    Finding,
    Found,
    Item,
    Job,
    Json,
    Live,
    PermanentError,
    Picture,
    Platform,
    Publisher,
    Rejected,
    Rendition,
    Shown,
    Undecided,
)
from publishers.rendering import fill
from publishers.wechat import finding, looking, render
from publishers.wechat.client import Client
from publishers.wechat.errors import MediaUnknown
from publishers.wechat.quotas import QUOTAS

BODY_PICTURE_BYTES, COVER_BYTES, COVER_WIDTH = 999_999, 5_000_000, 1800
#: Between looks at a publish job: few enough for 100 a day over twenty articles (section 10).
POLL_S = (5, 20, 60, 180, 600, 1800, 7200, 86_400, 86_400, 86_400)
#: A media_id may be unknown for seconds after its upload (section 3).
MEDIA_LAG_S = (1, 2)


class WeChat(Publisher):
    platform = Platform(
        slug="wechat",
        name=render.NAME,
        colour="#07c160",
        base_url="https://api.weixin.qq.com",
        limits=render.LIMITS,
        credentials=(
            CredentialField("appid", "AppID", secret=False),
            CredentialField("secret", "AppSecret"),
        ),
        capabilities=("draft", "publish"),
        edition_size=8,
        can_withdraw=True,
        can_look=True,
        concurrency=2,
        quotas=QUOTAS,
        article_hosts=("mp.weixin.qq.com",),
        steps={
            "upload body": gettext_lazy("Upload a picture of the text"),
            "upload cover": gettext_lazy("Upload a cover"),
            "draft": gettext_lazy("Make the draft"),
            "submit": gettext_lazy("Submit for publication"),
            "poll:published": gettext_lazy("Ask whether it is published"),
            "withdraw": gettext_lazy("Delete the article"),
        },
    )
    #: How long a normal review takes; a submit whose answer was lost goes to a person after it (section 5.1).
    review_s = 30 * 60

    def render(self, document: Document, variant: VariantText) -> Rendition:
        return render.render(document, variant)

    def preview(self, rendition: Rendition, account_name: str) -> str:
        context = {"rendition": rendition, "account_name": account_name}
        return render_to_string("publishers/wechat/preview.html", context)

    def check(self, account: AccountSession) -> frozenset[str]:
        client = Client(account)
        probes = {"draft": client.count_drafts, "publish": client.probe_publishing}
        return frozenset(name for name, probe in probes.items() if _allowed(probe))

    def publish(self, job: Job) -> Sequence[Live]:
        client = Client(job.account)
        articles = [self._article(job, client, item) for item in job.items]
        draft = job.step(
            "draft",
            lambda: {"media_id": _add_draft(client, articles)},
            find=lambda: self._find_draft(client, job.items),
            given=articles,
        )
        if "article_id" in draft:
            return _live(job.items, draft, {})
        if "publish" not in job.account.capabilities:
            raise CapabilityMissing(
                "publish",
                _("The draft is in the account's draft box; publish it by hand at mp.weixin.qq.com."),
            )
        submitted = job.step(
            "submit",
            lambda: _submit(client, draft["media_id"]),
            find=lambda: self._find_publication(client, job.items, job.unknown_since("submit")),
            given=draft,
        )
        if "article_id" in submitted:
            return _live(job.items, submitted, {})
        ask = lambda: _outcome(client, submitted["publish_id"])  # noqa: E731
        return _live(job.items, job.poll("published", ask, delays=POLL_S), submitted)

    def withdraw(self, job: Job) -> None:
        client = Client(job.account)
        for item in job.items:
            place = {name: item.observed.get(name) for name in ("article_id", "index")}
            if not all(place.values()):
                raise CapabilityMissing(
                    "withdraw",
                    _("Delete the article by hand at mp.weixin.qq.com: it was not published here."),
                )
            job.step(
                "withdraw",
                lambda place=place: client.delete(**place),
                find=lambda place=place: _find_deletion(client, **place),
                item=item,
                given=place,
            )

    def look(self, job: Job) -> Sequence[Shown]:
        """Ask for the publications of the items, one call each (section 5.4).

        Raises CapabilityMissing for an article that WeChat does not list: mass-sent, or published by hand.
        """
        return looking.look(Client(job.account), job.items)

    def _article(self, job: Job, client: Client, item: Item) -> dict[str, Json]:
        """Return what draft/add gets for ``item``: made once, then as it was stored."""
        if item.payload is not None:
            return dict(item.payload)
        rendition = item.rendition
        addresses = {sha256: _body_picture(job, client, sha256) for sha256 in rendition.assets}
        content = fill(rendition.html, addresses.__getitem__)
        render.check_content(content)
        article = {
            "title": rendition.title,
            "author": rendition.author,
            "digest": rendition.digest,
            "content": content,
            "content_source_url": item.source_url,
            "thumb_media_id": _cover(job, client, rendition.cover),
            "need_open_comment": 0,
            "only_fans_can_comment": 0,
            **rendition.extra["crops"],
        }
        return dict(job.store_payload(item, article))

    def _find_draft(self, client: Client, items: Sequence[Item]) -> Finding:
        """Look in the box, then among what is published: a person may have published it meanwhile."""
        media_id = finding.in_draft_box(client, items)
        if media_id:
            return Found({"media_id": media_id})
        published = finding.published(client, items)
        return Found(published) if published else Absent()

    def _find_publication(self, client: Client, items: Sequence[Item], begun_at: dt.datetime) -> Finding:
        """Look for a submit whose answer was lost. It is never Absent.

        A draft leaves the box only when its review has succeeded, so one that is still there proves nothing,
        and a second submit could make a second article (section 5.1).
        """
        published = finding.published(client, items)
        if published:
            return Found(published)
        passed = (dt.datetime.now(dt.UTC) - begun_at).total_seconds()
        if passed < self.review_s:
            # Twice the time that has passed: eight looks in half an hour, out of 100 a day.
            wait = min(max(5, 2 * passed), self.review_s - passed)
            return Undecided(_("WeChat does not list the article yet."), after=wait)
        if finding.in_draft_box(client, items):
            return Undecided(
                _(
                    "It is not known whether WeChat took the article: it is not published after the time of "
                    "a normal review, and its draft is still in the draft box. Look at mp.weixin.qq.com."
                )
            )
        return Undecided(
            _(
                "It is not known whether WeChat published the article: its draft is no longer in the draft "
                "box, and WeChat does not list it as published. Look at mp.weixin.qq.com."
            )
        )


def _allowed(probe: Callable[[], Json]) -> bool:
    try:
        probe()
    except CapabilityMissing:
        return False
    return True


def _body_picture(job: Job, client: Client, sha256: str) -> str:
    picture = job.picture(sha256)
    return job.uploaded(
        "body", picture, lambda: client.upload_image(picture.jpeg(max_bytes=BODY_PICTURE_BYTES))
    )


def _cover(job: Job, client: Client, sha256: str) -> str:
    picture: Picture = job.picture(sha256)
    return job.uploaded(
        "cover",
        picture,
        lambda: client.add_image(picture.jpeg(max_bytes=COVER_BYTES, max_width=COVER_WIDTH)),
    )


def _add_draft(client: Client, articles: list[dict[str, Json]]) -> str:
    for pause_s in MEDIA_LAG_S:
        try:
            return client.add_draft(articles)
        except MediaUnknown:
            time.sleep(pause_s)
    return client.add_draft(articles)


def _submit(client: Client, media_id: str) -> dict[str, Json]:
    submitted = client.submit(media_id)
    return {"publish_id": submitted.publish_id, "msg_data_id": submitted.msg_data_id}


def _outcome(client: Client, publish_id: str) -> dict[str, Json] | None:
    """Return {"article_id", "urls"} when the job has succeeded, None while it runs (section 5.2)."""
    publication = client.publication(publish_id)
    if publication.status == 0:
        return {"article_id": publication.article_id, "urls": list(publication.urls)}
    if publication.status == 1:
        return None
    which = "、".join(str(index) for index in publication.failed)
    code = f"publish_status {publication.status}"
    if publication.status == 2:
        raise Rejected(
            _("WeChat's check of originality failed (articles: {which}).").format(which=which), code=code
        )
    if publication.status == 4:
        raise Rejected(
            _("WeChat's review refused the text (articles: {which}).").format(which=which), code=code
        )
    sentences = {
        3: _("WeChat could not publish the article and gives no reason; trying once more is reasonable."),
        5: _("The article was published and then deleted in WeChat's console."),
        6: _("The article was published and then taken down by WeChat."),
    }
    unknown = _("WeChat answers with a publish status that is not known.")
    raise PermanentError(sentences.get(publication.status, unknown), code=code)


def _live(items: Sequence[Item], published: dict[str, Json], submitted: dict[str, Json]) -> list[Live]:
    """Return what is known of each article; ``index`` counts from 1, as deletion and statistics do."""
    urls = published["urls"]
    remote = {**submitted, "article_id": published["article_id"]}
    return [Live(urls[at] if at < len(urls) else "", {**remote, "index": at + 1}) for at in range(len(items))]


def _find_deletion(client: Client, article_id: str, index: int) -> Finding:
    article = client.article(article_id).articles[index - 1]
    return Found(None) if article.get("is_deleted") else Absent()
