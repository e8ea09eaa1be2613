"""What Toutiao's old calls answer, and what a refusal asks for: docs/platforms/toutiao.md, section 2."""

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from publishers.interface import (
    ConsentInvalid,
    CredentialsInvalid,
    Json,
    OutcomeUnknown,
    PermanentError,
    PublisherError,
    Rejected,
    Retry,
)

SUCCESS = "success"
#: What ``ret`` says of the application, and of the consent; after the others an administrator must look.
APPLICATION, CONSENT = {1, 2, 6}, {3, 7, 10, 11}
#: Toutiao itself failed: internal error, and "unknown".
FAILED = {9, 999}
#: What else ``ret`` says; the administrator who looks reads it.
MEANINGS = {
    1: _("no client_key was sent"),
    2: _("the client_key is not right"),
    4: _("the kind of answer that was asked for is not right"),
    5: _("the kind of grant is not right"),
    6: _("the client_secret is not right"),
    8: _("the address to come back to is not https"),
    12: _("a parameter is missing"),
    13: _("the address to come back to is not right"),
    21: _("the domain is not the one that was registered"),
}


def require_ret(answer: dict[str, Json], *, changes: bool) -> None:
    """Raise the error that ``ret`` stands for; none, or 0, is none."""
    code = str(answer.get("ret", 0))
    if code != "0":
        meaning = MEANINGS.get(int(code) if code.isdecimal() else 0, _("it gives no reason"))
        said = gettext("Toutiao refuses: {message} (code {code})").format(message=meaning, code=code)
        kind = _kind(code, changes)
        certain = kind is not PermanentError or not changes
        raise kind(said, status=200, code=code, body=str(answer.get("data", "")), certain=certain)


def posted(answer: dict[str, Json]) -> Json:
    """Return what the article call gave as ``data``; raises Rejected with Toutiao's reason otherwise."""
    require_ret(answer, changes=True)
    message, data = answer.get("message"), answer.get("data")
    if message is None:
        raise OutcomeUnknown("Toutiao's answer says neither success nor why not.", status=200)
    if message != SUCCESS:
        # Today's interface has its words in a field of their own (section 1).
        told = data if isinstance(data, dict) else {"description": data}
        description, code = told.get("description"), str(told.get("error_code", ""))
        # "error" and the like are the envelope's, and no reason.
        reason = description if isinstance(description, str) and description else _("it gives no reason")
        said = gettext("Toutiao refused the article: {reason}").format(reason=reason)
        # Which words are a refusal no document says.
        raise Rejected(said, status=200, code=code, body=str(description or message), certain=False)
    return data


def _kind(code: str, changes: bool) -> type[PublisherError]:
    number = int(code) if code.isdecimal() else 0
    if number in APPLICATION:
        return CredentialsInvalid
    if number in CONSENT:
        return ConsentInvalid
    if number in FAILED:
        return OutcomeUnknown if changes else Retry
    return PermanentError
