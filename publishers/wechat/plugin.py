"""WeChat as a publisher: what it is, and how articles go live there."""

import datetime as dt
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
    Incoming,
    Job,
    Json,
    Live,
    Platform,
    Publisher,
    Received,
    Rendition,
    Shown,
)
from publishers.wechat import callbacks, drafts, looking, publishing, render
from publishers.wechat.client import Client
from publishers.wechat.quotas import QUOTAS


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
            CredentialField("callback_token", gettext_lazy("Callback token"), required=False),
            CredentialField("aes_key", "EncodingAESKey", required=False),
            CredentialField(
                "previous_aes_key", gettext_lazy("EncodingAESKey before the present one"), required=False
            ),
        ),
        capabilities=("draft", "publish"),
        edition_size=8,
        can_withdraw=True,
        can_look=True,
        can_receive=True,
        concurrency=2,
        quotas=QUOTAS,
        article_hosts=("mp.weixin.qq.com",),
        steps={
            "upload body": gettext_lazy("Upload a picture of the text"),
            "upload cover": gettext_lazy("Upload a cover"),
            "draft": gettext_lazy("Make the draft"),
            "update": gettext_lazy("Bring the draft back to what was signed off"),
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
        draft = drafts.make(job, client)
        if "article_id" in draft:
            return publishing.live(job.items, draft, {})
        if "publish" not in job.account.capabilities:
            return publishing.by_hand(job, client, draft["media_id"])
        return publishing.submit(job, client, draft["media_id"], self.review_s)

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

    def receive(self, account: AccountSession, incoming: Incoming) -> Received:
        return callbacks.receive(account.credentials, incoming, dt.datetime.now(dt.UTC))


def _allowed(probe: Callable[[], Json]) -> bool:
    try:
        probe()
    except CapabilityMissing:
        return False
    return True


def _find_deletion(client: Client, article_id: str, index: int) -> Finding:
    article = client.article(article_id).articles[index - 1]
    return Found(None) if article.get("is_deleted") else Absent()
