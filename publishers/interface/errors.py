"""What a plugin raises: each error says what the engine does next."""

import datetime as dt
import math
import re
from typing import Any, TypedDict, Unpack

from django.utils.functional import Promise

#: Nobody who asks the hub to wait is heeded for longer, in whatever words.
LONGEST_ASKED_S = 24 * 3600
#: What no database holds, or nobody can write as UTF-8: NUL, and halves of surrogate pairs.
UNFIT = re.compile("[\0\ud800-\udfff]")


class Evidence(TypedDict, total=False):
    """What any error can say of the platform's answer; see ``PublisherError``."""

    status: int | None
    code: str
    request_id: str
    body: str
    certain: bool


def storable(told: Any) -> Any:  # JSON; of each kind comes back what went in
    """Return ``told`` with U+FFFD for what a database cannot hold, None for what is no finite number."""
    if isinstance(told, str):
        return UNFIT.sub("\ufffd", told)
    if isinstance(told, dict):
        return {storable(name): storable(value) for name, value in told.items()}
    if isinstance(told, list | tuple):
        return [storable(value) for value in told]
    return None if isinstance(told, float) and not math.isfinite(told) else told


def _text(told: Any) -> str:  # whatever a plugin read
    """Return what is kept of a platform's word for the log; empty where it said nothing."""
    return "" if told is None else storable(str(told))


def _sentence(message: Any) -> str:
    """Return what a person is shown; empty where nothing, or no text, was said."""
    if not isinstance(message, str | Promise):
        return ""
    return storable(str(message))[:300].strip()


class PublisherError(Exception):
    """The platform did not do what was asked.

    What stands here is so of a kind whose own constructor leaves this one out.
    """

    sentence: str = ""
    status: int | None = None
    code: str = ""
    request_id: str = ""
    body: str = ""
    certain: bool = True

    def __init__(
        self,
        message: str = "",
        *,
        status: int | None = None,
        code: str = "",
        request_id: str = "",
        body: str = "",
        certain: bool = True,
    ) -> None:
        """``code`` and ``request_id`` are the platform's; of ``body`` the hub keeps a part without secrets.

        ``message`` is a sentence: people read it where they must do something, otherwise it is for the log.
        The platform's envelope belongs into ``body``, for the log.

        None of them may hold a secret or a token. ``certain`` False: the platform refused a call that has an
        effect in words that no document names, so it may have acted all the same; whoever tries again looks
        first (the step's ``find``).
        """
        super().__init__(_text(message) or type(self).__doc__)
        self.sentence = _sentence(message)
        self.status, self.code, self.request_id = status, _text(code), _text(request_id)
        self.body = _text(body)
        self.certain = certain


def heeded_s(after: float | None) -> float | None:
    """Return what was asked within bounds; None where nothing was. Raises ValueError for no number."""
    if after is not None and math.isnan(float(after)):
        raise ValueError("After how many seconds is no number.")
    return None if after is None else max(0.0, min(float(after), LONGEST_ASKED_S))


class _AskedToWait(PublisherError):
    after: float | None = None
    given_up: str = ""

    def __init__(
        self,
        message: str = "",
        *,
        after: float | None = None,
        given_up: str = "",
        **evidence: Unpack[Evidence],
    ) -> None:
        super().__init__(message, **evidence)
        self.after = heeded_s(after)
        self.given_up = _sentence(given_up)


class Retry(_AskedToWait):
    """The call certainly had no effect; the engine makes it again.

    ``after`` is how many seconds later, where the platform asks for it: that is no failure of it, and counts
    as none. None: as the engine sees fit, and a person looks after some tries.
    ``given_up`` is the sentence that she reads then, where the plugin knows what is in the way.
    """


class QuotaExceeded(PublisherError):
    """A quota is used up; the delivery waits until ``until`` (aware)."""

    def __init__(self, message: str = "", *, until: dt.datetime, **evidence: Unpack[Evidence]) -> None:
        super().__init__(message, **evidence)
        self.until = until


class CredentialsInvalid(PublisherError):
    """The account's credentials are refused; the account stops until a person mends them.

    Also where the platform lets the account or the hub's address in no more: the message says what to mend.
    """


class ConsentInvalid(CredentialsInvalid):
    """What a person's consent gave is refused, or nobody consented: she must connect the account anew."""


class CapabilityMissing(PublisherError):
    """The account may not do this; ``name`` is the capability, e.g. "publish"."""

    def __init__(self, name: str, message: str = "", **evidence: Unpack[Evidence]) -> None:
        super().__init__(message or name, **evidence)
        self.name = name


class Rejected(PublisherError):
    """The platform refuses the content; the editor must change it. ``reason`` is a sentence for her."""

    def __init__(self, reason: str, **evidence: Unpack[Evidence]) -> None:
        super().__init__(reason, **evidence)
        self.reason = reason


class ByHand(PublisherError):
    """A person must do the rest in the platform's console; ``instruction`` tells her what.

    The last ``{time}`` in it stands for when it is due: ``within`` seconds after it was first asked of her.
    """

    def __init__(self, instruction: str, *, within: float, **evidence: Unpack[Evidence]) -> None:
        super().__init__(instruction, **evidence)
        self.instruction, self.within = instruction, within


class NotGenuine(PublisherError):
    """What came in does not prove that the platform sent it; it is refused and not kept."""


class Malformed(PublisherError):
    """What came in is the platform's, but not as its contract says; it is refused, and it is told why.

    ``field`` is the one that is wrong.
    """

    def __init__(self, message: str, *, field: str = "", **evidence: Unpack[Evidence]) -> None:
        super().__init__(message, **evidence)
        self.field = field


class OutcomeUnknown(_AskedToWait):
    """The call may or may not have had its effect; the step's ``find`` is asked before anything else.

    ``after`` and ``given_up`` are as of ``Retry``: an overloaded platform that says when to come again.
    """


class PermanentError(PublisherError):
    """Neither waiting nor repeating helps; a person must look, and reads the message."""
