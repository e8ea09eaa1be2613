"""One HTTP call to a platform, with what can go wrong on the way told apart by what may be done next."""

import email.utils
import json
import time
from collections.abc import Callable
from typing import Any, TypeVar

import requests
from django.utils.translation import gettext as _
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, NewConnectionError

from publishers.interface import Evidence, Json, OutcomeUnknown, PermanentError, Retry, storable

T = TypeVar("T")
CONNECT_S, READ_S = 10, 60
#: Who asks for fewer calls and does not say when is left alone so long.
ASKED_S = 60
LOST = (
    requests.ConnectionError,
    requests.Timeout,
    requests.exceptions.ChunkedEncodingError,
    requests.exceptions.ContentDecodingError,
)
#: Before anything is sent.
NO_ADDRESS = (
    requests.exceptions.InvalidURL,
    requests.exceptions.MissingSchema,
    requests.exceptions.InvalidSchema,
)


def call(
    http: requests.Session,
    method: str,
    url: str,
    *,
    changes: bool,
    **request: Any,  # whatever requests takes
) -> dict[str, Json]:
    """Return the JSON object that the platform answers with HTTP 200.

    ``changes`` says that the call has an effect there. Raises Retry when the call certainly had none or
    changes nothing anyway, OutcomeUnknown when it may have had one, PermanentError for another answer.
    """
    options: dict[str, Any] = {"timeout": (CONNECT_S, READ_S), "allow_redirects": False, **request}
    return read_answer(
        guarded(lambda: http.request(method, url, **options), changes=changes), changes=changes
    )


def guarded(send: Callable[[], T], *, changes: bool) -> T:
    """Return what ``send`` returns; a failing connection becomes Retry or OutcomeUnknown, as in ``call``.

    What is no address becomes PermanentError.
    """
    try:
        return send()
    except NO_ADDRESS:
        raise PermanentError(_("What was to be called is no address; nothing was sent.")) from None
    except LOST as error:
        # "from None": the error's text holds the address, and with it the token.
        if _never_sent(error):
            raise Retry(_("The platform cannot be reached.")) from None
        raise _lost(changes)(
            _("The platform's answer was lost ({error}).").format(error=type(error).__name__)
        ) from None


def read_answer(answer: requests.Response, *, changes: bool) -> dict[str, Json]:
    """Return the JSON object in ``answer``; raises as ``call`` does."""
    evidence: Evidence = {"status": answer.status_code, "body": answer.text}
    if answer.status_code == 429:
        raise Retry(_("The platform asks for fewer calls."), after=asked_wait(answer), **evidence)
    if answer.status_code >= 500:
        said = _("The platform answers with HTTP {status}.").format(status=answer.status_code)
        raise _lost(changes)(said, after=asked_wait(answer), **evidence)
    if answer.status_code != 200:
        # It may come from something between, after the platform has acted.
        evidence["certain"] = not changes
        raise PermanentError(
            _("The platform answers with HTTP {status}.").format(status=answer.status_code), **evidence
        )
    try:
        # The bytes: WeChat's header says text/plain without a character set, and means UTF-8.
        content = decoded(answer.content)
    except ValueError:
        raise _lost(changes)(_("The platform's answer is not JSON."), **evidence) from None
    if not isinstance(content, dict):
        raise _lost(changes)(_("The platform's answer is not a JSON object."), **evidence)
    return content


def decoded(content: bytes) -> Json:
    """Return what the JSON in ``content`` says, as it can be stored. Raises ValueError."""
    try:
        return storable(json.loads(content))
    except RecursionError:
        raise ValueError("It is nested too deeply.") from None


def asked_wait(answer: requests.Response) -> float | None:
    """Return for how many seconds the answer, a refusal, asks to be left alone; None: it does not.

    Retry-After is a number of seconds or a date (RFC 9110, 10.2.3). HTTP 429 asks also without it.
    """
    written = answer.headers.get("Retry-After", "").strip()
    if written.isascii() and written.isdecimal():
        return float(written)
    try:
        until = email.utils.parsedate_to_datetime(written).timestamp()
    except (ValueError, OverflowError):  # no date, or one that no clock shows
        return ASKED_S if answer.status_code == 429 else None
    return max(until - time.time(), 0)


def promised(answer: dict[str, Json], name: str, *, changes: bool) -> Json:
    """Return the field ``name`` that the contract promises; without it the answer is as good as none."""
    if answer.get(name) in (None, ""):
        raise _lost(changes)(_("The platform's answer lacks {name}.").format(name=name), status=200)
    return answer[name]


def _lost(changes: bool) -> type[OutcomeUnknown | Retry]:
    return OutcomeUnknown if changes else Retry


def _never_sent(error: requests.RequestException) -> bool:
    if isinstance(error, requests.ConnectTimeout):
        return True
    cause = error.args[0] if error.args else None
    reason = cause.reason if isinstance(cause, MaxRetryError) else cause
    return isinstance(reason, NewConnectionError | ConnectTimeoutError)
