"""WeChat's error codes and what each asks for: docs/platforms/wechat.md, sections 2.3 and 11.

Errors arrive as HTTP 200 with ``errcode``; ``errmsg`` ends with a rid, which is kept as evidence.
"""

import datetime as dt
import re
from collections.abc import Mapping
from typing import Unpack

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cms.document.china import CHINA
from publishers.interface import (
    CapabilityMissing,
    CredentialsInvalid,
    Evidence,
    Json,
    Label,
    OutcomeUnknown,
    PermanentError,
    PublisherError,
    QuotaExceeded,
    Rejected,
    Retry,
)

MINUTE_S = 60
TOKEN_PATH = "/cgi-bin/stable_token"  # noqa: S105  (an address)


class TokenRefused(Retry):
    """The access token is refused; a fresh one is tried at once (section 2.3).

    When that is refused as well, something else retires tokens; the credentials, which gave it, are right.
    """


class MediaUnknown(Rejected):
    """A media_id is not known; right after an upload it may become known within seconds."""


class AlreadySent(OutcomeUnknown):
    """A clientmsgid was used before; ``msg_id`` is the message that WeChat knows by it."""

    def __init__(
        self, message: str = "", *, msg_id: str = "", msg_data_id: str = "", **evidence: Unpack[Evidence]
    ) -> None:
        super().__init__(message, **evidence)
        self.msg_id, self.msg_data_id = msg_id, msg_data_id


class NoComments(PermanentError):
    """The account has no comments; the same article is taken without."""


class ConsoleOnly(PermanentError):
    """WeChat publishes this draft only from its console."""


#: code → (error, sentence for the person who looks at it)
TABLE: dict[int, tuple[type[PublisherError], Label]] = {
    -1: (Retry, _("WeChat is busy.")),
    40001: (TokenRefused, _("WeChat refuses the access token.")),
    40014: (TokenRefused, _("WeChat refuses the access token.")),
    42001: (TokenRefused, _("WeChat refuses the access token.")),
    40164: (CredentialsInvalid, _("The hub's address is not in the account's API IP whitelist.")),
    40013: (CredentialsInvalid, _("The AppID is not right.")),
    40125: (CredentialsInvalid, _("The AppSecret is not right.")),
    40243: (CredentialsInvalid, _("The AppSecret is frozen.")),
    41004: (CredentialsInvalid, _("The AppSecret is missing.")),
    50004: (CredentialsInvalid, _("The account may not fetch access tokens.")),
    50007: (CredentialsInvalid, _("The account is frozen.")),
    89503: (CredentialsInvalid, _("The account's administrator must confirm this call first.")),
    89506: (CredentialsInvalid, _("The account's administrator refused; try again after 24 hours.")),
    89507: (CredentialsInvalid, _("The account's administrator refused; try again after one hour.")),
    48001: (CapabilityMissing, _("The account does not have this interface.")),
    48004: (CredentialsInvalid, _("WeChat has banned this interface for the account.")),
    50002: (CredentialsInvalid, _("WeChat has restricted the account.")),
    45009: (QuotaExceeded, _("Today's quota of this interface is used up.")),
    45028: (QuotaExceeded, _("The quota for sending to followers is used up.")),
    45011: (Retry, _("WeChat asks for fewer calls a minute.")),
    45065: (OutcomeUnknown, _("This message was sent before.")),
    45066: (Retry, _("The same message was tried again too soon.")),
    45067: (PermanentError, _("The message's identifier is too long.")),
    40005: (Rejected, _("WeChat does not take this kind of file.")),
    40006: (Rejected, _("The file's size is not right.")),
    40009: (Rejected, _("The picture is too large.")),
    45001: (Rejected, _("The file is too large.")),
    40137: (Rejected, _("WeChat does not take this kind of picture.")),
    40007: (MediaUnknown, _("WeChat does not know the draft or the cover picture.")),
    40008: (PermanentError, _("The kind of message is wrong.")),
    40066: (PermanentError, _("WeChat does not know this interface.")),
    40114: (PermanentError, _("The article's position is wrong.")),
    41039: (PermanentError, _("WeChat does not take the address of the original.")),
    41005: (PermanentError, _("The file was empty.")),
    44002: (PermanentError, _("WeChat cannot read the request.")),
    44003: (PermanentError, _("WeChat cannot read the request.")),
    47001: (PermanentError, _("WeChat cannot read the request.")),
    43001: (PermanentError, _("WeChat cannot read the request.")),
    43002: (PermanentError, _("WeChat cannot read the request.")),
    45002: (Rejected, _("The text is too long for WeChat.")),
    45003: (Rejected, _("The title is too long for WeChat.")),
    45004: (Rejected, _("The digest is too long for WeChat.")),
    45005: (Rejected, _("The address of the original is too long for WeChat.")),
    45008: (Rejected, _("There are too many articles in one edition.")),
    45166: (Rejected, _("WeChat refuses the text: look for rare characters, emoji or very short content.")),
    47009: (PermanentError, _("WeChat has switched this interface off.")),
    53404: (PermanentError, _("The account may not sell goods.")),
    53405: (PermanentError, _("The goods in the article are wrong.")),
    53406: (PermanentError, _("The account may not sell goods.")),
    53503: (ConsoleOnly, _("The draft failed WeChat's check: open it at mp.weixin.qq.com.")),
    53504: (ConsoleOnly, _("The draft must be published at mp.weixin.qq.com.")),
    53505: (ConsoleOnly, _("The draft must be saved by hand at mp.weixin.qq.com first.")),
    53600: (PermanentError, _("WeChat does not know the article.")),
    61500: (PermanentError, _("The dates are wrong.")),
    61501: (PermanentError, _("The dates lie too far apart.")),
    61503: (Retry, _("The figures are not ready yet.")),
    88000: (NoComments, _("The account may not have comments.")),
}

#: The folder of an endpoint → the capability that it needs.
CAPABILITIES = {"freepublish": "publish", "mass": "mass", "comment": "comment", "datacube": "statistics"}
#: What refuses a call before it is looked at: its token, or that it comes too soon.
UNDONE = frozenset({40001, 40014, 42001, 45011, 45066})
NOT_LISTED = 40164
_ADDRESS = re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}\b")
_RID = re.compile(r"rid: ?([\w-]+)")


def error(
    code: int, answer: Mapping[str, Json], path: str, *, changes: bool, now: dt.datetime
) -> PublisherError:
    """Return the error for an ``errcode``; one that the sheet does not name goes to a person with its number.

    ``changes`` says that the call cannot simply be made again: -1 then leaves its outcome unknown, and a code
    that the sheet does not name is no certain refusal.
    """
    unknown = gettext("WeChat answers with a code that is not known: {code}.").format(code=code)
    kind, sentence = TABLE.get(code, (PermanentError, unknown))
    message, said = str(answer.get("errmsg", "")), str(sentence)
    rid = _RID.search(message)
    if code == NOT_LISTED and (address := _ADDRESS.search(message)):
        said = gettext(
            "The hub's address {address} is not in the account's API IP whitelist: enter it at "
            "mp.weixin.qq.com, then resume the account."
        ).format(address=address[0])
    evidence: Evidence = {
        "status": 200,
        "code": str(code),
        "request_id": rid[1] if rid else "",
        "body": message,
        "certain": code in TABLE or not changes,
    }
    if code == 45065 and answer.get("msg_id"):
        ids = {name: str(answer.get(name) or "") for name in ("msg_id", "msg_data_id")}
        return AlreadySent(said, **ids, **evidence)
    if kind is TokenRefused and path == TOKEN_PATH:
        # No token was sent there: what is refused are the credentials themselves (section 2.3).
        return CredentialsInvalid(said, **evidence)
    if kind is Retry and changes and code == -1:
        return OutcomeUnknown(said, **evidence)
    if kind is Retry:
        # Only who is busy (-1) fails; the others ask to come again later, and say no more.
        return Retry(said, after=None if code == -1 else MINUTE_S, **evidence)
    if kind is QuotaExceeded:
        return QuotaExceeded(said, until=next_midnight(now), **evidence)
    if kind is CapabilityMissing:
        named = [CAPABILITIES[folder] for folder in path.split("/") if folder in CAPABILITIES]
        return CapabilityMissing(named[0] if named else "draft", said, **evidence)
    return kind(said, **evidence)


def next_midnight(now: dt.datetime) -> dt.datetime:
    """Return the next midnight of China's clocks, when WeChat's daily quotas begin anew."""
    tomorrow = now.astimezone(CHINA).date() + dt.timedelta(days=1)
    return dt.datetime.combine(tomorrow, dt.time(), CHINA)
