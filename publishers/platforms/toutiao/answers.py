"""What Toutiao's old calls answer, and what a refusal asks for: docs/platforms/toutiao.md, section 2."""

from django.utils.translation import gettext as _

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


def require_ret(answer: dict[str, Json], *, changes: bool) -> None:
    """Raise the error that ``ret`` stands for; none, or 0, is none."""
    code = str(answer.get("ret", 0))
    if code != "0":
        said = _("Toutiao refuses: code {code}").format(code=code)
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
        reason, code = str(told.get("description") or message), str(told.get("error_code", ""))
        said = _("Toutiao refused the article: {reason}").format(reason=reason)
        # Which words are a refusal no document says.
        raise Rejected(said, status=200, code=code, body=reason, certain=False)
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
