"""Penguin's envelope and what a refusal asks for: docs/platforms/penguin.md, sections 3 and 7.

The table of codes is not public: only "not zero" and the words of ``msg`` mean anything.
"""

import re

from django.utils.translation import gettext as _

from publishers.interface import CredentialsInvalid, Json, OutcomeUnknown, PublisherError, Rejected, Retry

#: What says that Penguin itself could not, whatever became of the call.
BUSY = re.compile(r"busy|timeout|timed out|try again|系统错误|系统异常|繁忙|超时|稍后", re.IGNORECASE)
#: What clearly says that the token was refused; other words about one may come after the call had its effect.
REFUSED_TOKEN = re.compile(
    r"token.*(invalid|expired|过期|失效|无效)|(invalid|expired|过期|失效|无效).*token", re.IGNORECASE
)


class TokenRefused(Retry):
    """The access token is refused; a fresh one is tried at once.

    When that is refused as well, nothing says that the credentials are wrong, which gave it: a question is
    asked again later, and what was to change something is looked for.
    """


def reason(message: str) -> str:
    """Return Penguin's words for an editor (section 7); the envelope's "success" is no reason."""
    is_none = message.strip().lower() in ("", "success", "ok")
    return _("it gives no reason") if is_none else message


def opened(answer: dict[str, Json], refusal: type[PublisherError]) -> dict[str, Json]:
    """Return the envelope's data.

    Raises TokenRefused for a refused token and ``refusal`` for anything else: Rejected of what changes
    something. Of a call for a token it is CredentialsInvalid, whatever the words. What says that Penguin is
    busy is no refusal; and since no table of codes is known, none is certain to be one.
    """
    # Seen as "0" and as 0.
    code, message = str(answer.get("code")), str(answer.get("msg", ""))
    if code == "0":
        data = answer.get("data")
        return data if isinstance(data, dict) else {}
    said = _("Penguin refuses: {message} (code {code})").format(message=reason(message), code=code)
    kind = _kind(code, message, refusal)
    raise kind(said, status=200, code=code, body=message, certain=refusal is not Rejected)


def _kind(code: str, message: str, refusal: type[PublisherError]) -> type[PublisherError]:
    if issubclass(refusal, CredentialsInvalid):
        return refusal
    if code.startswith("-") or BUSY.search(message):
        return OutcomeUnknown if refusal is Rejected else Retry
    return TokenRefused if REFUSED_TOKEN.search(message) else refusal
