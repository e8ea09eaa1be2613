"""What a person can do with a delivery: for each cause the deeds that make sense, the next one first.

A deed's button, and the sentence that says what comes of it, is the template of its name under
``publishers/desk/deeds``. Whether it may be done, the services decide when it is done.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from publishers.distribution import may_be_cancelled, may_be_taken_now
from publishers.interface import Json
from publishers.manual.by_hand import awaits_address, may_be_told
from publishers.manual.taking_over import may_be_taken_over
from publishers.models import (
    Attempt,
    Cause,
    CorrectionStrategy,
    Delivery,
    Desired,
    Outcome,
    Phase,
    Transport,
)

RETRY, RECORD, TAKE_OVER, EDIT, ACCOUNT, GONE, CANCEL, MOVE, LOOK, ACCEPT, WITHDRAW = (
    "retry",
    "record",
    "take_over",
    "edit",
    "account",
    "gone",
    "cancel",
    "reschedule",
    "look",
    "accept",
    "withdraw",
)
#: What needs a person.
DEEDS: Mapping[str, tuple[str, ...]] = {
    Cause.NONE: (RETRY, RECORD, CANCEL),
    Cause.RETRY: (RETRY, TAKE_OVER, RECORD, CANCEL),
    Cause.QUOTA: (RETRY, TAKE_OVER, RECORD, CANCEL),
    Cause.UNKNOWN: (RECORD, RETRY, TAKE_OVER, CANCEL),
    Cause.REJECTED: (EDIT, RETRY, RECORD, CANCEL),
    Cause.CREDENTIALS: (ACCOUNT, RETRY, TAKE_OVER, RECORD, CANCEL),
    Cause.CAPABILITY: (TAKE_OVER, RECORD, RETRY, CANCEL),
    Cause.FORGED: (CANCEL,),
    Cause.WITHDRAWN: (CANCEL,),
    Cause.UNCONFIRMED: (RETRY, RECORD, TAKE_OVER, CANCEL),
    Cause.PERMANENT: (TAKE_OVER, RETRY, RECORD, CANCEL),
    Cause.BY_HAND: (RECORD, RETRY, CANCEL),
    Cause.ALTERED: (LOOK, ACCEPT, WITHDRAW),
    Cause.LATE: (RETRY, RECORD, CANCEL),
    Cause.INTERNAL: (RETRY, TAKE_OVER, RECORD, CANCEL),
}
#: What goes on by itself, or will.
UNASKED: Mapping[str, tuple[str, ...]] = {
    Phase.SCHEDULED: (MOVE, RECORD, CANCEL),
    Phase.SENDING: (TAKE_OVER, RECORD, CANCEL),
    Phase.CONFIRMING: (RECORD, TAKE_OVER, CANCEL),
    Phase.PAUSED: (TAKE_OVER, RECORD, CANCEL),
    Phase.CANCELLED: (RECORD,),
}


def offered(delivery: Delivery) -> tuple[str, ...]:
    """Return what may be done with the delivery as it stands; the items are prefetched."""
    items = delivery.items.all()
    if delivery.cause != Cause.WITHDRAWN and any(item.desired == Desired.GONE for item in items):
        return _of_removal(delivery)
    if delivery.phase == Phase.ATTENTION:
        return tuple(deed for deed in DEEDS[delivery.cause] if _makes_sense(deed, delivery, items))
    waits = delivery.phase in Delivery.OPEN and delivery.cause != Cause.NONE
    deeds = ((RETRY,) if waits else ()) + UNASKED.get(delivery.phase, ())
    return tuple(deed for deed in deeds if _makes_sense(deed, delivery, items))


def _of_removal(delivery: Delivery) -> tuple[str, ...]:
    """Return what may be done with what is to be taken down: it is not given up."""
    if delivery.phase in (Phase.SETTLED, Phase.CANCELLED):
        return ()
    if delivery.phase != Phase.ATTENTION:
        return (GONE, RETRY) if delivery.cause != Cause.NONE else (GONE,)
    if delivery.cause == Cause.ALTERED:
        return (GONE, LOOK)
    if delivery.account.stops(delivery.transport):
        return (GONE, ACCOUNT)
    return (GONE, RETRY)


def _makes_sense(deed: str, delivery: Delivery, items) -> bool:
    if deed == RECORD:
        return may_be_told(delivery) and any(awaits_address(item) for item in items)
    if deed == CANCEL:
        return may_be_cancelled(delivery)
    if deed == TAKE_OVER:
        return may_be_taken_over(delivery)
    if deed == RETRY and delivery.cause == Cause.BY_HAND and delivery.transport == Transport.MANUAL:
        return False
    if deed == RETRY and not may_be_taken_now(delivery):
        return False
    if deed == RETRY:
        # The hub has no call for it, however often it tries.
        return not any(item.manner == CorrectionStrategy.BY_HAND and awaits_address(item) for item in items)
    return True


@dataclass(frozen=True)
class Left:
    """A call that may have left something on the platform, and by which names it is found there."""

    attempt: Attempt
    names: list[tuple[str, str]]


def left_there(attempts: list[Attempt]) -> list[Left]:
    """Return what the delivery's calls may have left on the platform: a draft, a submission; no uploads."""
    calls = [
        each
        for each in attempts
        if each.outcome != Outcome.FAILED and not each.is_harmless and (each.result or each.is_unknown)
    ]
    return [Left(each, names_in(each.result)) for each in calls]


def names_in(known: Json) -> list[tuple[str, str]]:
    """Return the plain names and numbers by which the platform knows something."""
    told = known.items() if isinstance(known, dict) else ()
    return [(name, str(value)) for name, value in told if isinstance(value, str | int) and value != ""]


def last_word(attempts: list[Attempt]) -> Attempt | None:
    """Return the last call to which the platform objected; None when it never did.

    Without a status of its answer the message is the hub's own, for the log.
    """
    said = [each for each in attempts if each.evidence.get("status") and each.evidence.get("message")]
    return said[-1] if said else None
