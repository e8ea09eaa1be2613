"""Penguin as a publisher: what it is, and how an article goes live there."""

import datetime as dt
from collections.abc import Mapping, Sequence

from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cms.document.model import Document, VariantText
from publishers.interface import (
    API,
    FEED,
    MANUAL,
    PUSH,
    AccountSession,
    CredentialField,
    Finding,
    Found,
    Grant,
    Item,
    Job,
    Json,
    Live,
    PermanentError,
    Platform,
    Publisher,
    Rejected,
    Rendition,
    Retry,
    Shown,
    Undecided,
)
from publishers.platforms.penguin import envelope, finding, oauth, render
from publishers.platforms.penguin.client import FIELDS, FORM, QUERY, Article, Client
from publishers.rendering import fill

DONE, FAILED = "成功", "失败"
#: Between looks at a submission, a day in all; after it a person must look (section 7).
POLL_S = (3, 10, 30, 60, 180, 600, 1800, 3600, 7200, 14_400, 28_800, 28_800)
# Penguin's clock and ours may differ by so much.
CLOCKS = dt.timedelta(minutes=5)


class Penguin(Publisher):
    platform = Platform(
        slug="penguin",
        name=render.NAME,
        colour="#1f5f8b",
        base_url=oauth.API_URL,
        limits=render.LIMITS,
        console="https://om.qq.com/",
        credentials=(
            CredentialField(
                "application",
                gettext_lazy("Kind of application"),
                secret=False,
                required=False,
                choices=(
                    ("content_site", gettext_lazy("Content site: the application is the account's own")),
                    (oauth.THIRD_PARTY, gettext_lazy("Third-party service: the account is connected")),
                ),
            ),
            CredentialField("client_id", "client_id", secret=False),
            CredentialField("client_secret", "client_secret"),
            # Numbers of the partner's papers: neither list is public (section 5).
            CredentialField("category", gettext_lazy("Category number"), secret=False, required=False),
            CredentialField("cover_type", gettext_lazy("Cover type"), secret=False, required=False),
            CredentialField(
                FIELDS,
                gettext_lazy("Where Penguin reads the article's fields"),
                secret=False,
                required=False,
                choices=((FORM, gettext_lazy("In a form")), (QUERY, gettext_lazy("In the address"))),
            ),
        ),
        can_look=True,
        renderer=2,
        # Section 9: what remains when the interface is closed.
        transports=(API, PUSH, FEED, MANUAL),
        can_connect=True,
        steps={
            "submit": gettext_lazy("Submit for publication"),
            "poll:published": gettext_lazy("Ask whether it is published"),
        },
    )
    #: How long a normal review takes; a submission whose answer was lost goes to a person after it.
    review_s = 30 * 60

    def render(self, document: Document, variant: VariantText, theme: str = "") -> Rendition:
        return render.render_penguin(document, variant)

    def preview(self, rendition: Rendition, account_name: str) -> str:
        context = {"rendition": rendition, "account_name": account_name}
        return render_to_string("publishers/penguin/preview.html", context)

    def check(self, account: AccountSession) -> frozenset[str]:
        category = account.credentials.get("category", "")
        if category and not category.isdecimal():
            raise PermanentError(_("The category must be a number of Penguin's list."))
        Client(account).account_name()
        return frozenset(self.platform.capabilities)

    def publish(self, job: Job) -> Sequence[Live]:
        client = Client(job.account)
        [item] = job.items
        fields = _fields(job, item)
        submitted = job.step(
            "submit",
            lambda: {"transaction_id": client.publish(fields)},
            find=lambda: self._find(client, job, item, fields["title"]),
            item=item,
            given=fields,
        )
        if "article_id" in submitted:
            return [_live(submitted, {})]
        ask = lambda: _outcome(client, submitted["transaction_id"])  # noqa: E731
        return [_live(job.poll("published", ask, delays=POLL_S), submitted)]

    def look(self, job: Job) -> Sequence[Shown]:
        """Read the list for the final word (section 4). Raises Retry when the article is not in it.

        Whether the list drops what is taken down is not documented, so that is no news. A transaction tells
        how the article came out, not how it is now.
        """
        [item] = job.items
        articles, _is_read = finding.listed(job.account, Client(job.account))
        listed = {article.id: article for article in articles}
        if item.observed.get("article_id") not in listed:
            raise Retry("Penguin does not list the article.")
        article = listed[item.observed["article_id"]]
        return [Shown(article.is_live, article.title, reason=article.flag)]

    def needs_consent(self, credentials: Mapping[str, str]) -> bool:
        return oauth.is_third_party(credentials)

    def authorize_url(self, account: AccountSession, redirect_url: str, state: str, challenge: str) -> str:
        return oauth.authorize_url(account, redirect_url, state)

    def connected(self, account: AccountSession, code: str, redirect_url: str, verifier: str) -> Grant:
        return oauth.granted(account, code)

    def _find(self, client: Client, job: Job, item: Item, title: str) -> Finding:
        """Look for a submission whose answer was lost; never Absent: what is in review is not listed."""
        begun_at = job.unknown_since("submit", item=item)
        ours, is_read = finding.submitted(job.account, client, item, title, begun_at - CLOCKS)
        if len(ours) == 1:
            return Found(_published(ours[0]))
        if ours:
            return Undecided(
                _("Penguin lists more than one new article with this title; look in its console.")
            )
        passed = (job.now() - begun_at).total_seconds()
        if passed < self.review_s:
            # A clock that was ahead began what is still to come.
            wait = min(max(5, 2 * passed) if passed >= 0 else self.review_s, self.review_s - passed)
            return Undecided(_("Penguin does not list the article yet."), after=wait)
        if not is_read:
            return Undecided(
                _(
                    "It is not known whether Penguin took the article: its list is too long to be read. Look "
                    "for “{title}” in Penguin's console at om.qq.com, and record the address if it is there."
                ).format(title=title)
            )
        return Undecided(
            _(
                "It is not known whether Penguin took the article: it is not in the list after the time of a "
                "normal review. Look in Penguin's console."
            )
        )


def _fields(job: Job, item: Item) -> dict[str, Json]:
    """Return what pubpic gets for ``item``: made once, then as it was stored.

    Penguin fetches the pictures itself, from addresses that the hub serves.
    """
    if item.payload is not None:
        return dict(item.payload)
    rendition = item.rendition
    assert rendition.cover is not None  # render takes no article without
    fields = {
        "title": rendition.title,
        "content": fill(rendition.html, lambda sha256: job.picture(sha256).public_url),
        "cover_pic": job.picture(rendition.cover).public_url,
        "original_platform": rendition.extra["original_platform"],
        "original_url": item.source_url,
        "original_author": rendition.author,
        "tag": rendition.extra["tag"],
        **{name: job.account.credentials.get(name, "") for name in ("category", "cover_type")},
    }
    # An empty field is not one of the contract.
    fields = {name: value for name, value in fields.items() if value}
    return dict(job.store_payload(item, fields))


def _outcome(client: Client, transaction_id: str) -> dict[str, Json] | None:
    """Return the published article, None while its submission or review runs (section 4, publish flow)."""
    transaction = client.transaction(transaction_id)
    article = transaction.article
    if FAILED in (transaction.status, article.flag) or article.flag.endswith(FAILED):
        raise Rejected(
            _("Penguin refused the article: {message}").format(
                message=article.flag or envelope.reason(transaction.message)
            )
        )
    # 成功 says that the submission succeeded; whether readers see the article is another word.
    if transaction.status == DONE and article.is_live:
        return _published(article)
    return None


def _published(article: Article) -> dict[str, Json]:
    return {"article_id": article.id, "url": article.url}


def _live(published: dict[str, Json], submitted: dict[str, Json]) -> Live:
    return Live(published["url"], {**submitted, "article_id": published["article_id"]})
