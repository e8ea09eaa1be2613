"""WeChat as a publisher: what it is, and how articles go live there."""

import datetime as dt
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cms.document.model import Document, VariantText
from publishers.interface import (
    Absent,
    AccountSession,
    CapabilityMissing,
    CredentialField,
    Figure,
    Finding,
    Found,
    Incoming,
    Job,
    Json,
    Live,
    Notifying,
    Platform,
    Publisher,
    PublisherError,
    QuotaExceeded,
    Received,
    Rendition,
    Retry,
    Shown,
)
from publishers.platforms.wechat import (
    callbacks,
    drafts,
    looking,
    mass,
    publishing,
    render,
    statistics,
    themes,
)
from publishers.platforms.wechat.client import Client
from publishers.platforms.wechat.quotas import QUOTAS

log = logging.getLogger(__name__)


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
            CredentialField(
                "callback_mode",
                gettext_lazy("Mode of the callbacks, as WeChat's console has it"),
                secret=False,
                required=False,
                choices=(
                    ("", gettext_lazy("Encrypted where there is an EncodingAESKey, else plain")),
                    (callbacks.PLAIN, gettext_lazy("Plain (明文模式)")),
                    (callbacks.COMPATIBLE, gettext_lazy("Compatible (兼容模式)")),
                    (callbacks.SAFE, gettext_lazy("Safe (安全模式)")),
                ),
            ),
            CredentialField("aes_key", "EncodingAESKey", required=False),
            CredentialField(
                "previous_aes_key", gettext_lazy("EncodingAESKey before the present one"), required=False
            ),
        ),
        capabilities=("draft", "publish", "mass"),
        edition_size=8,
        can_withdraw=True,
        can_look=True,
        can_receive=True,
        renderer=2,
        concurrency=2,
        quotas=QUOTAS,
        article_hosts=("mp.weixin.qq.com",),
        console="https://mp.weixin.qq.com/",
        figure_source=statistics.SOURCE,
        figure_days=statistics.DAYS,
        pictures=render.PICTURES,
        themes=themes.THEMES,
        notifying=Notifying(
            capability="mass",
            step="mass",
            instead_of="submit",
            warning=gettext_lazy(
                "Every follower of the account gets these articles as one message, and nobody can call it "
                "back. A 公众号 may send one message a day; a follower of a 服务号 gets at most four in a "
                "calendar month, from the console and the hub together."
            ),
        ),
        steps={
            "upload body": gettext_lazy("Upload a picture of the text"),
            "upload cover": gettext_lazy("Upload a cover"),
            "draft": gettext_lazy("Make the draft"),
            "draft without comments": gettext_lazy("Make the draft without comments: the account has none"),
            "update": gettext_lazy("Bring the draft back to what was signed off"),
            "submit": gettext_lazy("Submit for publication"),
            "poll:published": gettext_lazy("Ask whether it is published"),
            "mass": gettext_lazy("Send to the followers"),
            "poll:sent": gettext_lazy("Ask whether it is sent"),
            "poll:addresses": gettext_lazy("Wait for the addresses"),
            "withdraw": gettext_lazy("Delete the article"),
        },
    )
    #: How long a normal review takes; a submit whose answer was lost goes to a person after it (section 5.1).
    review_s = 30 * 60

    def render(self, document: Document, variant: VariantText, theme: str = "") -> Rendition:
        return render.render_wechat(document, variant, theme)

    def body_length(self, document: Document, variant: VariantText, theme: str = "") -> int:
        return render.body_length(document, variant, theme)

    def preview(self, rendition: Rendition, account_name: str) -> str:
        context = {
            "rendition": rendition,
            "account_name": account_name,
            "length": render.final_length(rendition.html),
            "limit": render.CONTENT_CHARS,
            "covers": render.shown_covers(rendition) if "crops" in rendition.extra else [],
        }
        return render_to_string("publishers/wechat/preview.html", context)

    def wrong_credentials(self, credentials: Mapping[str, str]) -> Mapping[str, str]:
        return callbacks.wrong_credentials(credentials)

    def check(self, account: AccountSession) -> frozenset[str]:
        """Ask what the account may do.

        Sending to followers is not needed for publishing, and the list that shows the right to publish has a
        quota that publishing does not use: where these cannot be asked, what is known stays.
        """
        client, known = Client(account), account.capabilities
        found = {"draft": _allowed(client.count_drafts)}
        found["publish"] = _allowed(
            client.probe_publishing, "publish" in known if known else None, (QuotaExceeded, Retry)
        )
        found["mass"] = _allowed(client.probe_mass, "mass" in known, (PublisherError,))
        return frozenset(name for name, is_allowed in found.items() if is_allowed)

    def publish(self, job: Job) -> Sequence[Live]:
        client = Client(job.account)
        draft = drafts.make(job, client, self.review_s)
        if "article_id" in draft:
            return publishing.live(job.items, draft, {})
        if job.notifies:
            return mass.send(job, client, draft["media_id"])
        if "publish" not in job.account.capabilities:
            return publishing.by_hand(job, client, draft["media_id"])
        return publishing.submit(job, client, draft["media_id"], self.review_s)

    def withdraw(self, job: Job) -> None:
        client = Client(job.account)
        for item in job.items:
            job.step("withdraw", **_deletion(client, item.observed), item=item)

    def look(self, job: Job) -> Sequence[Shown | None]:
        """Ask for the publications of the items, one call each (section 5.4).

        Raises CapabilityMissing for articles that WeChat does not list: mass-sent, or published by hand.
        """
        return looking.look(Client(job.account), job.items)

    def figures(self, account: AccountSession, published_on: dt.date) -> Sequence[Figure]:
        return statistics.figures(Client(account), published_on)

    def receive(self, account: AccountSession, incoming: Incoming) -> Received:
        return callbacks.receive(account.credentials, incoming, dt.datetime.now(dt.UTC))


def _allowed(
    probe: Callable[[], Json],
    known: bool | None = None,
    may_fail: tuple[type[PublisherError], ...] = (),
) -> bool:
    """Return what ``probe`` shows; where it fails as it may, what is ``known``, if anything is."""
    try:
        probe()
    except CapabilityMissing:
        return False
    except may_fail as error:
        if known is None:
            raise
        log.warning("WeChat did not say what the account may do: %s: %s", type(error).__name__, error)
        return known
    return True


# Any: the arguments of ``Job.step``, of several types.
def _deletion(client: Client, observed: Mapping[str, Json]) -> dict[str, Any]:
    """Return how the step that takes one article down is made; the index is always named."""
    article_id, msg_id, index = (observed.get(name) for name in ("article_id", "msg_id", "index"))
    if article_id and index:
        return {
            "call": lambda: client.delete(article_id, index),
            "find": lambda: _find_deletion(client, article_id, index),
            "given": {"article_id": article_id, "index": index},
        }
    if msg_id and index:
        # Deleting what is deleted changes nothing.
        return {
            "call": lambda: client.delete_sent(msg_id, index),
            "given": {"msg_id": msg_id, "index": index},
            "repeatable": True,
        }
    raise CapabilityMissing(
        "withdraw", _("Delete the article by hand at mp.weixin.qq.com: it was not published here.")
    )


def _find_deletion(client: Client, article_id: str, index: int) -> Finding:
    article = client.article(article_id).articles[index - 1]
    return Found(None) if article.get("is_deleted") else Absent()
