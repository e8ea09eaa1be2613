"""The newspaper as a publisher: what it is, and how an article goes live there."""

import datetime as dt
from collections.abc import Mapping, Sequence

from cms.document.model import Document, VariantText
from django.template.loader import render_to_string
from publishers.interface import (
    Absent,
    AccountSession,
    CapabilityMissing,
    CredentialField,
    Figure,
    Finding,
    Found,
    Incoming,
    Item,
    Job,
    Json,
    Live,
    Platform,
    Publisher,
    Quota,
    Received,
    Rejected,
    Rendition,
    Shown,
)
from publishers.rendering import fill

from rongxi_daily import callbacks, figures, render
from rongxi_daily.client import ARTICLES, Client

#: Seconds between looks at an article in review: a day in all, then a person looks.
POLL_S = (5, 30, 60, 300, 900, 3600, 10_800, 28_800, 43_200)


class RongxiDaily(Publisher):
    platform = Platform(
        slug="rongxi_daily",
        name=render.NAME,
        colour="#8c2f2b",
        base_url="https://api.rongxi-daily.example",
        limits=render.LIMITS,
        credentials=(
            CredentialField("key", "接口密钥"),
            CredentialField("callback_secret", "回调密钥", required=False),
        ),
        can_correct=True,
        can_withdraw=True,
        can_look=True,
        can_receive=True,
        quotas=(Quota(ARTICLES, per_day=200),),
        article_hosts=("www.rongxi-daily.example",),
        figure_source="rongxi-daily figures",
        figure_days=14,
        steps={
            "submit": "提交稿件",
            "poll:published": "询问是否已发布",
            "replace": "替换为更正后的稿件",
            "remove": "撤下稿件",
        },
    )

    def render(self, document: Document, variant: VariantText, theme: str = "") -> Rendition:
        return render.render(document, variant)

    def preview(self, rendition: Rendition, account_name: str) -> str:
        context = {"rendition": rendition, "account_name": account_name}
        return render_to_string("publishers/rongxi_daily/preview.html", context)

    def check(self, account: AccountSession) -> frozenset[str]:
        Client(account).lookup("")
        return frozenset(self.platform.capabilities)

    def publish(self, job: Job) -> Sequence[Live]:
        client, [item] = Client(job.account), job.items
        fields = _fields(job, item)
        submitted = job.step(
            "submit",
            lambda: {"id": client.submit(fields)},
            find=lambda: _find(client, item),
            item=item,
            given=fields,
        )
        published = job.poll("published", lambda: _outcome(client, submitted["id"]), delays=POLL_S)
        return [Live(published["url"], submitted)]

    def correct(self, job: Job) -> Sequence[Live]:
        client, [item] = Client(job.account), job.items
        fields, article_id = _fields(job, item), _id_of(item)
        job.step(
            "replace",
            lambda: client.replace(article_id, fields),
            item=item,
            given=fields,
            repeatable=True,  # section 4: the same fields put in place twice are the same article
        )
        published = job.poll("published", lambda: _outcome(client, article_id), delays=POLL_S)
        return [Live(published["url"], {"id": article_id})]

    def withdraw(self, job: Job) -> None:
        client = Client(job.account)
        for item in job.items:
            article_id = _id_of(item)
            job.step(
                "remove",
                lambda article_id=article_id: client.remove(article_id),
                item=item,
                given={"id": article_id},
                repeatable=True,  # section 4: removing it again changes nothing
            )

    def look(self, job: Job) -> Sequence[Shown]:
        client = Client(job.account)
        return [_shown(client.article(_id_of(item))) for item in job.items]

    def figures(self, account: AccountSession, published_on: dt.date) -> Sequence[Figure]:
        return figures.figures(Client(account), published_on)

    def receive(self, account: AccountSession, incoming: Incoming) -> Received:
        return callbacks.receive(account.credentials, incoming, dt.datetime.now(dt.UTC))

    def sent(self, payload: Mapping[str, Json]) -> tuple[str, str]:
        return str(payload["title"]), str(payload["html"])


def _fields(job: Job, item: Item) -> Mapping[str, Json]:
    """Return what is sent for ``item`` (section 2): made once, then as it was stored."""
    if item.payload is not None:
        return item.payload
    rendition = item.rendition
    return job.store_payload(
        item,
        {
            "external_id": item.token,
            "title": rendition.title,
            "summary": rendition.digest,
            "author": rendition.author,
            "html": fill(rendition.html, lambda sha256: job.picture(sha256).public_url),
            "cover": job.picture(rendition.cover).public_url if rendition.cover else "",
            "source_url": item.source_url,
        },
    )


def _find(client: Client, item: Item) -> Finding:
    """Look for a submission whose answer was lost; the look-up is complete (section 3)."""
    ours = client.lookup(item.token)
    return Found({"id": ours[0]["id"]}) if ours else Absent()


def _outcome(client: Client, article_id: str) -> dict[str, Json] | None:
    """Return the published article, None while it is in review."""
    article = client.article(article_id)
    if article["state"] == "refused":
        raise Rejected(f"{render.NAME}的审核没有通过：{article.get('reason') or '没有说明原因'}。")
    return {"url": article["url"]} if article["state"] == "published" else None


def _id_of(item: Item) -> str:
    article_id = item.observed.get("id")
    if not article_id:
        raise CapabilityMissing("withdraw", f"这篇文章不是经接口发布的，请在{render.NAME}的后台处理。")
    return str(article_id)


def _shown(article: Mapping[str, Json]) -> Shown:
    if article["state"] != "published":
        return Shown(is_live=False, reason=str(article.get("reason") or article["state"]))
    return Shown(is_live=True, title=article["title"], html=article["html"])
