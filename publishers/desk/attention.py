"""What a person can do with a delivery: for each cause the deeds that make sense, the next one first.

A deed's button, and the sentence that says what comes of it, is the template of its name under
``publishers/desk/deeds``. Whether it may be done, the services decide when it is done.
"""

from collections.abc import Mapping

from publishers.manual.by_hand import awaits_address, may_be_told
from publishers.manual.taking_over import may_be_taken_over
from publishers.models import Attempt, Cause, CorrectionStrategy, Delivery, Desired, Phase, Transport

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
    Cause.NONE: (RETRY, CANCEL),
    Cause.RETRY: (RETRY, TAKE_OVER, RECORD, CANCEL),
    Cause.QUOTA: (RETRY, TAKE_OVER, RECORD, CANCEL),
    Cause.UNKNOWN: (RECORD, RETRY, TAKE_OVER, CANCEL),
    Cause.REJECTED: (EDIT, RETRY, RECORD, CANCEL),
    Cause.CREDENTIALS: (ACCOUNT, RETRY, TAKE_OVER, CANCEL),
    Cause.CAPABILITY: (TAKE_OVER, RECORD, RETRY, CANCEL),
    Cause.FORGED: (CANCEL,),
    Cause.WITHDRAWN: (CANCEL,),
    Cause.UNCONFIRMED: (RETRY, RECORD, TAKE_OVER, CANCEL),
    Cause.PERMANENT: (TAKE_OVER, RETRY, RECORD, CANCEL),
    Cause.BY_HAND: (RECORD, RETRY, CANCEL),
    Cause.ALTERED: (LOOK, ACCEPT, WITHDRAW),
    Cause.LATE: (RETRY, CANCEL),
    Cause.INTERNAL: (RETRY, TAKE_OVER, CANCEL),
}
#: What goes on by itself, or will.
UNASKED: Mapping[str, tuple[str, ...]] = {
    Phase.SCHEDULED: (MOVE, CANCEL),
    Phase.SENDING: (TAKE_OVER, CANCEL),
    Phase.CONFIRMING: (RECORD, TAKE_OVER),
    Phase.PAUSED: (TAKE_OVER, CANCEL),
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
    if delivery.phase == Phase.ATTENTION:
        return (GONE, LOOK if delivery.cause == Cause.ALTERED else RETRY)
    return (RETRY,) if delivery.phase in Delivery.OPEN and delivery.cause != Cause.NONE else ()


def _makes_sense(deed: str, delivery: Delivery, items) -> bool:
    if deed == RECORD:
        return may_be_told(delivery) and any(awaits_address(item) for item in items)
    if deed == TAKE_OVER:
        return may_be_taken_over(delivery)
    if deed == RETRY and delivery.cause == Cause.BY_HAND and delivery.transport == Transport.MANUAL:
        return False
    if deed == RETRY:
        # The hub has no call for it, however often it tries.
        return not any(item.manner == CorrectionStrategy.BY_HAND and awaits_address(item) for item in items)
    return True


def last_word(attempts: list[Attempt]) -> Attempt | None:
    """Return the last call to which the platform objected; None when it never did."""
    return next((attempt for attempt in reversed(attempts) if attempt.evidence.get("message")), None)
