"""A full-content feed that the partner reads: docs/platforms/partner-feed-contract.md, part A.

What the hub does is done when the entry stands in the feed. Whether readers see the article, the hub learns
from the partner's callback (part C) or from a person who looks.
"""

import datetime as dt
import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from publishers.interface import (
    AccountSession,
    CapabilityMissing,
    CredentialField,
    Figure,
    Incoming,
    Item,
    Job,
    Json,
    Live,
    Received,
    Rejected,
    Shown,
)
from publishers.transports import counted, results
from publishers.transports.article import article
from publishers.transports.base import OverTransport
from publishers.transports.partner import Partner, wrong_credentials

HOUR = 3600
#: The credentials of part C's figures, which a partner may have who reads a feed.
FIGURES = ("figures_url", "figures_key", "callback_secret")
#: Between looks whether the partner has told, nearly three days in all; then a person looks there.
POLL_S = (600, 1800, HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, 24 * HOUR, 24 * HOUR)
#: What XML 1.0 cannot hold (section 2.2).
UNFIT = re.compile("[^\t\n\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Fed(OverTransport):
    abilities: dict[str, Any] = {  # as in OverTransport
        "credentials": (
            CredentialField("callback_secret", gettext_lazy("Secret of the callbacks"), required=False),
            CredentialField(
                "figures_url", gettext_lazy("Address of the figures"), secret=False, required=False
            ),
            CredentialField(
                "figures_key", gettext_lazy("Key id of the figures"), secret=False, required=False
            ),
        ),
        "can_correct": True,
        "can_withdraw": True,
        "can_look": True,
        "can_receive": True,
        "figure_source": counted.SOURCE,
        "figure_days": counted.DAYS,
        "steps": {
            "offer": gettext_lazy("Put the article into the feed"),
            "retract": gettext_lazy("Mark it as withdrawn in the feed"),
            "poll:taken": gettext_lazy("Wait for the partner to confirm it"),
            "poll:gone": gettext_lazy("Wait for the partner to confirm that it is down"),
        },
    }

    def wrong_credentials(self, credentials: Mapping[str, str]) -> Mapping[str, str]:
        """As of every call; and figures are asked for with address, key and secret, or not at all."""
        wrong = wrong_credentials(credentials, FIGURES)
        if credentials.get("figures_url") or credentials.get("figures_key"):
            missing = [name for name in FIGURES if not credentials.get(name)]
            said = _("The figures are asked for with their address, their key id and the callbacks' secret.")
            wrong |= dict.fromkeys(missing, said)
        return wrong

    def check(self, account: AccountSession) -> frozenset[str]:
        """Return what every partner may: there is nobody to ask."""
        return frozenset(self.platform.capabilities)

    def publish(self, job: Job) -> Sequence[Live]:
        [item] = job.items
        if item.payload is None:
            content = _fit(article(job, item, self.platform.pictures))
            sha256 = hashlib.sha256(content["content_html"].encode()).hexdigest()
            rights = item.document.source.licence or item.document.source.name
            job.store_payload(item, {**content, "url": item.article_url, "rights": rights, "sha256": sha256})
        entry = job.offer(item)
        taken = job.poll("taken", lambda: _taken(job, entry), delays=POLL_S)
        return [Live(taken["url"], {**entry, **taken})]

    correct = publish

    def withdraw(self, job: Job) -> None:
        [item] = job.items
        tombstone = job.retract(item)
        if not tombstone:
            raise CapabilityMissing("withdraw")
        # Nobody waits: a person is asked at once, and the partner's word ends her task if it comes first.
        job.poll("gone", lambda: _gone(job, item, tombstone), delays=())

    def look(self, job: Job) -> Sequence[Shown | None]:
        """Return what the partner told of its own accord: that it shows the article no more, or again."""
        return [_shown(job, item) for item in job.items]

    def receive(self, account: AccountSession, incoming: Incoming) -> Received:
        return results.receive(account, incoming)

    def figures(self, account: AccountSession, published_on: dt.date) -> Sequence[Figure]:
        """Ask for the partner's figures, signed as its callbacks are; a partner need not have any."""
        if not all(account.credentials.get(name) for name in FIGURES):
            return ()
        return counted.figures(Partner(account, FIGURES), published_on)

    def sent(self, payload: Mapping[str, Json]) -> tuple[str, str]:
        return payload["title"], payload["content_html"]


def _taken(job: Job, entry: Mapping[str, Json]) -> Json | None:
    """Return where the partner shows the entry, None while it has not said. Raises Rejected, by its word."""
    told = results.heard(job, **entry)
    if told is None or told.status in results.UNDERWAY:
        return None
    if told.status == results.PUBLISHED:
        return {"url": told.url, "remote_id": told.remote_id}
    reason = told.reason or _("it gives no reason")
    raise Rejected(_("The partner does not show the article: {reason}").format(reason=reason))


def _gone(job: Job, item: Item, tombstone: Mapping[str, Json]) -> Json | None:
    """Return the partner's word that it shows the article no more, None while it has not said so.

    It may name the tombstone's version, or that of the text which it took down.
    """
    versions = (tombstone["version"], item.observed.get("version", tombstone["version"] - 1))
    heard = (results.heard(job, tombstone["article_id"], version) for version in versions)
    told = next((each for each in heard if each is not None and each.status == results.WITHDRAWN), None)
    return {"status": told.status} if told else None


def _shown(job: Job, item: Item) -> Shown | None:
    if "version" not in item.observed:
        return None
    told = results.heard(job, item.observed["article_id"], item.observed["version"])
    return results.shown(told, withdrawing=job.withdrawing)


def _fit(value: Json) -> Json:
    """Return ``value`` with line breaks as XML reads them, and without characters that it cannot hold."""
    if isinstance(value, str):
        return UNFIT.sub("", value.replace("\r\n", "\n").replace("\r", "\n"))
    if isinstance(value, Mapping):
        return {name: _fit(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_fit(each) for each in value]
    return value
