"""The calls of the signed push and what their answers ask for: docs/platforms/partner-feed-contract.md."""

import csv
import datetime as dt
import io
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

import requests
from django.utils.translation import gettext as _

from cms.document.model import canonical
from publishers.http import CONNECT_S, READ_S, asked_wait, decoded, guarded, outbound
from publishers.interface import (
    AccountSession,
    CapabilityMissing,
    CredentialsInvalid,
    Evidence,
    Json,
    OutcomeUnknown,
    PermanentError,
    PublisherError,
    Rejected,
    Retry,
)
from publishers.transports import results, signing

JSON = "application/json; charset=utf-8"
PUSHED = ("push_url", "push_key", "push_secret")
#: What is said of the way, and never of an article, whoever says it.
ON_THE_WAY = (407, 408, 421, 425, 499)
#: To these the contract asks for no form: to a question they say that nothing is there.
FORMLESS = {"POST": (409,), "GET": (404, 405, 410)}
#: What the partner says of one article is shorter.
SAID_BYTES = 64 * 1024


@dataclass(frozen=True)
class Answer:
    """``conflict`` says that another version of the article is there, ``missing`` that none is."""

    result: results.Result
    conflict: bool = False
    missing: bool = False


def wrong_credentials(credentials: Mapping[str, str], names: tuple[str, str, str]) -> dict[str, str]:
    """Return what no call could be made with; ``names`` as of ``Partner``. What is missing is left out."""
    url, key, _secret = (credentials.get(name, "") for name in names)
    wrong = {}
    if url and (mistake := _mistake_in(url)):
        wrong[names[0]] = mistake
    if not signing.is_key_id(key):
        wrong[names[1]] = _("A key id has letters, digits and signs of ASCII, and no spaces.")
    return wrong


def _mistake_in(url: str) -> str:
    """Return the sentence about an address that no push goes to; empty: one does."""
    if outbound.may_call(url):
        return ""
    if url.startswith("https://"):
        return _("The partner's address is mistyped: it is written like https://partner.example/push.")
    return _("The partner's address must begin with https://.")


class Partner:
    def __init__(self, account: AccountSession, names: tuple[str, str, str] = PUSHED) -> None:
        """``names`` are of the credentials: address, key id and secret. Raises CredentialsInvalid."""
        self._account = account
        self._url, self._key, self._secret = (account.credentials[name] for name in names)
        if mistake := _mistake_in(self._url):
            raise CredentialsInvalid(mistake)

    def send(self, key: str, body: Mapping[str, Json]) -> Answer:
        """Push ``body`` under the Idempotency-Key ``key``; the same key has the same effect once.

        Raises Rejected for a refusal of the content, CredentialsInvalid, Retry, OutcomeUnknown.
        """
        content = canonical(dict(body))
        answer = self._call("POST", self._url, content, {"Content-Type": JSON, "Idempotency-Key": key})
        if answer.status_code in (200, 202):
            return Answer(_accepted(answer))
        if answer.status_code == 409:
            return Answer(results.result_of(_object(answer) or {}), conflict=True)
        if answer.status_code in (404, 410):
            return Answer(results.result_of({}), missing=True)
        raise _refusal(answer)

    def task(self, task_id: str) -> results.Result | None:
        """Return how a task stands, None when the partner does not know it."""
        answer = self._call("GET", self._below(quote(task_id, safe="")))
        if answer.status_code in (404, 410):
            return None
        if answer.status_code != 200:
            raise _unread(answer)
        return results.result_of(_promised(answer, Retry))

    def figures(self, day: dt.date) -> list[Mapping[str, Json]]:
        """Return the rows for the articles that were published on ``day``, from JSON or CSV.

        Raises CapabilityMissing when the partner has no figures.
        """
        answer = self._call("GET", self._below("stats", {"date": day.isoformat()}))
        if answer.status_code in (404, 405, 410):
            raise CapabilityMissing("statistics")
        if answer.status_code != 200:
            raise _unread(answer)
        if "csv" in answer.headers.get("Content-Type", "").lower():
            return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig", "replace"))))
        try:
            rows = decoded(answer.content)
        except ValueError:
            rows = None
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise PermanentError(_("The partner's figures are no list."), **_evidence(answer))
        return rows

    def _below(self, name: str, query: Mapping[str, str] | None = None) -> str:
        """Return the address ``name`` under the partner's; a query of its own stays."""
        parts = urlsplit(self._url)
        queries = "&".join(part for part in (parts.query, urlencode(query or {})) if part)
        return urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/{name}", query=queries, fragment=""))

    def _call(
        self, method: str, url: str, body: bytes = b"", more: Mapping[str, str] | None = None
    ) -> requests.Response:
        """Return the answer unless it says who may call, or that it is to be asked again."""
        changes = method == "POST"
        request = self._account.http.prepare_request(
            requests.Request(method, url, headers=dict(more or {}), data=body)
        )
        # Signed as it is sent: requests may have written the address in another way.
        assert request.url is not None  # prepared
        proof = signing.headers(self._key, self._secret, method, request.url, body, time.time())
        request.headers.update(proof)
        answer = guarded(
            lambda: self._account.http.send(request, timeout=(CONNECT_S, READ_S), allow_redirects=False),
            changes=changes,
        )
        evidence = _evidence(answer)
        if _is_anothers(answer, method):
            raise _not_the_partner(answer, OutcomeUnknown if changes else Retry)
        if answer.status_code in (401, 403):
            refused = _("The partner refuses the key or the signature: {message}")
            raise CredentialsInvalid(refused.format(message=_said(answer)), **evidence)
        if answer.status_code == 429:
            raise Retry(_said(answer), after=asked_wait(answer), **evidence)
        if answer.status_code >= 500:
            lost = OutcomeUnknown if changes else Retry
            raise lost(_said(answer), after=asked_wait(answer), **evidence)
        return answer


def _accepted(answer: requests.Response) -> results.Result:
    """Return what was taken; without a task or an end nobody could find out more."""
    result = results.result_of(_promised(answer, OutcomeUnknown))
    if not result.task_id and result.status not in (results.PUBLISHED, *results.ENDED):
        raise OutcomeUnknown("The partner's answer lacks task_id.", **_evidence(answer))
    return result


def _promised(answer: requests.Response, lost: type[PublisherError]) -> Mapping[str, Json]:
    said = _object(answer)
    if said is None:
        raise lost("The partner's answer is not a JSON object.", **_evidence(answer))
    return said


def _object(answer: requests.Response) -> Mapping[str, Json] | None:
    try:
        said = decoded(answer.content) if len(answer.content) <= SAID_BYTES else None
    except ValueError:
        return None
    return said if isinstance(said, dict) else None


def _is_told(answer: requests.Response) -> bool:
    """Return whether a refusal is in the contract's form (part B): only then the partner itself says it."""
    said = _object(answer) or {}
    return all(isinstance(said.get(name), str) and said[name] for name in ("code", "message"))


def _is_anothers(answer: requests.Response, method: str) -> bool:
    """Return whether a 4xx is not the partner's word, but a gateway's or another service's."""
    status = answer.status_code
    if status in ON_THE_WAY:
        return True
    return 400 <= status < 500 and status not in (429, *FORMLESS[method]) and not _is_told(answer)


def _not_the_partner(answer: requests.Response, lost: type[OutcomeUnknown | Retry]) -> OutcomeUnknown | Retry:
    """Return that the call is made again: the partner may have taken it, or take it when the way is clear."""
    said = _(
        "Not the partner itself answered, but something before it (HTTP {status}): a gateway or a firewall, "
        "or the address is wrong. An administrator asks the partner, and tries again."
    )
    if answer.status_code in (401, 403):
        said = _(
            "The address or the key is refused (HTTP {status}), and not in the contract's words: by the "
            "partner, or by a gateway or a firewall before it. An administrator asks the partner, and tries "
            "again."
        )
    said = said.format(status=answer.status_code)
    return lost(said, given_up=said, **_evidence(answer))


def _refusal(answer: requests.Response) -> PublisherError:
    """Return what a final answer means: all other 4xx refuse what was sent (part B)."""
    if 400 <= answer.status_code < 500:
        said = _object(answer) or {}
        field = f"（{said['field']}）" if said.get("field") else ""
        reason = _("The partner refuses the article: {message}").format(message=_said(answer) + field)
        return Rejected(reason, **_evidence(answer))
    return _unread(answer)


def _unread(answer: requests.Response) -> PermanentError:
    evidence = _evidence(answer)
    evidence["certain"] = answer.request.method != "POST"
    return PermanentError(
        _("The partner answers with HTTP {status}.").format(status=answer.status_code), **evidence
    )


def _said(answer: requests.Response) -> str:
    message = (_object(answer) or {}).get("message")
    return message if isinstance(message, str) and message else f"HTTP {answer.status_code}"


def _evidence(answer: requests.Response) -> Evidence:
    code = (_object(answer) or {}).get("code")
    return {
        "status": answer.status_code,
        "code": str(code)[:50] if code else str(answer.status_code),
        "request_id": answer.headers.get("X-Request-Id", "")[:100],
        "body": answer.content.decode("utf-8", "replace"),
    }
