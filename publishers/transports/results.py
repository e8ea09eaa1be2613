"""What a partner says of an article, whichever way it came: docs/platforms/partner-feed-contract.md."""

import datetime as dt
import time
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.dateparse import parse_datetime

from publishers.http import decoded, outbound
from publishers.interface import (
    AccountSession,
    Event,
    Incoming,
    Job,
    Json,
    Malformed,
    NotGenuine,
    Received,
    Shown,
)
from publishers.interface.bounds import YEARS
from publishers.transports import signing

PENDING, IN_REVIEW, PUBLISHED = "pending", "in_review", "published"
REJECTED, WITHDRAWN, FAILED = "rejected", "withdrawn", "failed"
STATUSES = (PENDING, IN_REVIEW, PUBLISHED, REJECTED, WITHDRAWN, FAILED)
#: After these something more is told.
UNDERWAY = (PENDING, IN_REVIEW)
#: After these an article that was live may be so no longer.
ENDED = (REJECTED, WITHDRAWN, FAILED)
#: What callbacks are signed with, the first that the account has.
SECRETS = ("callback_secret", "push_secret")
ANSWER = '{"error": 0}'
CHARS = {"task_id": 200, "article_id": 100, "version": 10, "remote_id": 200, "url": 1000, "reason": 500}


@dataclass(frozen=True)
class Result:
    """How an article stands at the partner; what it did not say is empty."""

    status: str
    task_id: str = ""
    version: str = ""
    remote_id: str = ""
    url: str = ""
    reason: str = ""


def receive(account: AccountSession, incoming: Incoming) -> Received:
    """Return the one event that a partner tells. Raises NotGenuine, Malformed."""
    return read_result(account.credentials, incoming)


def read_result(credentials: Mapping[str, str], incoming: Incoming) -> Received:
    """Do the same by an account's credentials.

    The message is signed with the account's callback secret, without one with the secret of the push.
    """
    secret = next((credentials[name] for name in SECRETS if credentials.get(name)), "")
    if not secret:
        raise NotGenuine("The account has no secret for callbacks.", code="signature")
    nonce = signing.verify(
        incoming.headers,
        credentials.get("push_key", ""),
        secret,
        incoming.method,
        incoming.path,
        incoming.body,
        time.time(),
    )
    return Received(ANSWER, (_event(_opened(incoming.body)),), once=nonce)


def heard(job: Job, article_id: str, version: int, *, ever: bool = False) -> Result | None:
    """Return what the partner told last of this version of the article, None: nothing; see ``Job.heard``."""
    facts = job.heard(key_of(article_id, version), ever=ever)
    return Result(**{name: str(value) for name, value in facts.items()}) if facts else None


def shown(told: Result | None, *, withdrawing: bool) -> Shown | None:
    """Return what the partner's word says of today, None: nothing.

    That it published once does not; that it says so of what was taken down does.
    """
    if told is not None and told.status in ENDED:
        return Shown(False, reason=told.reason)
    if told is not None and told.status == PUBLISHED and withdrawing:
        return Shown(True)
    return None


def key_of(article_id: str, version: int) -> str:
    return f"article {article_id} {version}"


def result_of(answer: Mapping[str, Json]) -> Result:
    """Return what an answer says; what is too long or no address of a page is left out."""
    said = {name: _text(answer.get(name)) for name in ("status", *CHARS) if name != "article_id"}
    kept = {name: text if len(text) <= CHARS.get(name, 20) else "" for name, text in said.items()}
    kept["reason"] = said["reason"][: CHARS["reason"]]
    kept["url"] = kept["url"] if is_page(kept["url"]) else ""
    return Result(**kept)


def is_page(url: str) -> bool:
    """Return whether ``url`` can be a page that readers see."""
    return outbound.may_call(url)


def _text(value: Json) -> str:
    return "" if value is None or isinstance(value, bool | dict | list) else str(value).strip()


def _opened(body: bytes) -> Mapping[str, Json]:
    try:
        told = decoded(body)
    except ValueError:
        raise Malformed("The body is not JSON.") from None
    if not isinstance(told, dict):
        raise Malformed("The body is not a JSON object.")
    return told


def _event(told: Mapping[str, Json]) -> Event:
    article_id, version = _text(told.get("article_id")), told.get("version")
    if not 0 < len(article_id) <= CHARS["article_id"]:
        raise Malformed("The article is not named.", field="article_id")
    if isinstance(version, bool) or not isinstance(version, int) or not 0 < version < 2**31:
        raise Malformed("A version is a positive whole number.", field="version")
    if told.get("status") not in STATUSES:
        raise Malformed(f"A status is one of: {', '.join(STATUSES)}.", field="status")
    result = result_of(told)
    return Event(
        key=key_of(article_id, version),
        about={"article_id": article_id, "version": version},
        facts=vars(result),
        changed=result.status in ENDED,
        happened=_moment(told.get("occurred_at")),
        underway=result.status in UNDERWAY,
    )


def _moment(written: Json) -> dt.datetime:
    """Return an RFC 3339 time; without an offset nobody knows which one is meant."""
    try:
        moment = parse_datetime(written) if isinstance(written, str) else None
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise Malformed("A time is written like 2026-03-01T09:00:00+08:00.", field="occurred_at")
    if moment.year not in YEARS:
        # What a program writes that has none, such as the year 1.
        raise Malformed("The time lies in no year that is kept.", field="occurred_at")
    if moment.timestamp() > time.time() + signing.WINDOW_S:
        # It would count before everything that is told until then.
        raise Malformed("The time lies ahead.", field="occurred_at")
    return moment
