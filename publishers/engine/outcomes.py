"""How a run ends: what the engine does about each kind of error, and the sentence that people read."""

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from cms import signing
from publishers import interface
from publishers.accounts.capabilities import words_for
from publishers.accounts.pausing import credentials_refused
from publishers.models import Account, Cause, Delivery, Desired, MainSwitch, Phase, clock

# Waiting grows from what the plugin says to an hour; then a person looks (after about five hours in all).
RETRIES = 10
LONGEST_WAIT_S = 3600
TRY_AGAIN_S = 60
# So many workers that died over one delivery, in a row, did not die by chance.
LOST = 3
# Platforms show a new draft in their lists only after some seconds.
LOOK_AGAIN_S = 30
# A platform whose clock is behind may name a time that has passed.
SOONEST = dt.timedelta(seconds=5)
# Nobody is put off for longer without a person by a quota; by who is busy, as the interface says.
LONGEST_QUOTA = dt.timedelta(days=31)
# A quota that is used up for so long is perhaps none, and a person is told; the hub goes on trying.
QUOTA_TOLD_S = 3 * 24 * 3600
# Who asks again and again to wait is asked ever more rarely: after a tenth of the time that it has lasted.
RARER = 10
# Within this a person does what the hub cannot: readers see a mistake until then.
SOON = dt.timedelta(hours=2)
# What a delivery waits for wakes it; this is for a worker that died before it could.
NEIGHBOUR = dt.timedelta(seconds=30)
# A plugin that was mended is there when the workers have been restarted.
PLUGIN = dt.timedelta(minutes=1)


class Forged(signing.Forged, interface.PermanentError):
    """What is stored is not what was signed off."""


@dataclass(frozen=True)
class RunOutcome:
    """The delivery's next state. ``after`` counts from the database's now, ``at`` is a time; none: never.

    ``deadline_at`` is of what a person has to do; ``by_hand``: from now on it travels by hand.
    ``put_off_s`` is for how many seconds the platform has asked to wait, as long as it says nothing else.
    """

    phase: str
    cause: str = Cause.NONE
    reason: str = ""
    after: dt.timedelta | None = None
    at: dt.datetime | None = None
    retries: int = 0
    deadline_at: dt.datetime | None = None
    by_hand: bool = False
    put_off_s: int = 0

    def __post_init__(self) -> None:
        # Much of it is a plugin's or a platform's word.
        if not isinstance(self.reason, str):
            raise TypeError(f"The reason of an outcome is a sentence, not {self.reason!r}.")


class Halt(BaseException):
    """Ends the run with an outcome. A BaseException, so that a plugin's ``except Exception`` lets it pass."""

    def __init__(self, run_outcome: RunOutcome):
        super().__init__(run_outcome.reason)
        self.run_outcome = run_outcome


def of_error(error: interface.PublisherError, delivery: Delivery, waits: Sequence[float] = ()) -> RunOutcome:
    """Return what is to be done about ``error``; ``delivery.retries`` are those before it without progress.

    ``waits`` are the platform's own, see ``interface.Platform``.
    """
    account = delivery.account
    match error:
        case interface.Retry():
            reason = _("{account} cannot be reached or is busy; the hub tries again by itself.")
            return _again(error, delivery, Cause.RETRY, reason.format(account=account), waits)
        case interface.OutcomeUnknown():
            reason = _("It is not known whether {account} took the last call; the hub will look there first.")
            return _again(error, delivery, Cause.UNKNOWN, reason.format(account=account), waits)
        case interface.QuotaExceeded():
            return _used_up(error, delivery)
        case interface.CredentialsInvalid():
            return RunOutcome(Phase.PAUSED, Cause.CREDENTIALS, credentials_refused(account, error))
        case interface.CapabilityMissing():
            # A plugin that says more than the name says what to do.
            if str(error) != error.name:
                return attention(Cause.CAPABILITY, str(error))
            reason = _("{account} may not {name}; do it by hand, or ask for the right.")
            return attention(Cause.CAPABILITY, reason.format(account=account, name=words_for(error.name)))
        case interface.ByHand():
            return asked_of_a_person(error, delivery)
        case interface.Rejected():
            return attention(Cause.REJECTED, error.reason)
        case Forged():
            return attention(Cause.FORGED, _("Nothing was sent: what is stored is not what was signed off."))
        case _:
            reason = _("{account} refuses the call for good (code {code}); an administrator must look.")
            if error.sentence:
                reason = _("{account} (code {code}): {sentence} An administrator must look.")
            said = {"account": account, "code": error.code or "–", "sentence": error.sentence}
            return attention(Cause.PERMANENT, reason.format(**said))


def _used_up(error: interface.QuotaExceeded, delivery: Delivery) -> RunOutcome:
    """Return that it waits for its quota; when that has lasted for days a person is told beside it."""
    now = clock.now(delivery)
    lasted_s = delivery.put_off_s if delivery.cause == Cause.QUOTA else 0
    # Whoever says again and again that it is renewed already is asked ever more rarely.
    passed_s = left_alone_s(TRY_AGAIN_S if lasted_s else 0, lasted_s)
    until = error.until if error.until > now + SOONEST else now + dt.timedelta(seconds=passed_s)
    reason = _("The quota of {account} is used up; it goes on at {time}.")
    if until > now + LONGEST_QUOTA:
        return attention(Cause.QUOTA, reason.format(account=delivery.account, time=_time(until)))
    phase = delivery.phase
    if lasted_s > QUOTA_TOLD_S:
        phase = Phase.ATTENTION
        reason = _(
            "The quota of {account} has been used up for days: ask the platform whether the account has one. "
            "The hub tries again at {time}."
        )
    put_off_s = lasted_s + math.ceil((until - now).total_seconds())
    reason = reason.format(account=delivery.account, time=_time(until))
    return RunOutcome(phase, Cause.QUOTA, reason, at=until, put_off_s=put_off_s)


def attention(cause: str, reason: str) -> RunOutcome:
    return RunOutcome(Phase.ATTENTION, cause, reason)


def by_hand(delivery: Delivery, reason: str) -> RunOutcome:
    """Return a person's task; asked again, it is due when it was due at first."""
    deadline_at = delivery.deadline_at or clock.now(delivery) + SOON
    return RunOutcome(Phase.ATTENTION, Cause.BY_HAND, reason, deadline_at=deadline_at)


def asked_of_a_person(error: interface.ByHand, delivery: Delivery) -> RunOutcome:
    """Return the task that the plugin words; asked again, it is due when it was due at first."""
    deadline_at = delivery.deadline_at or clock.now(delivery) + _bounded(
        error.within, LONGEST_QUOTA.total_seconds()
    )
    # Not str.format, and the last one only: the platform's own words may stand before it.
    reason = _time(deadline_at).join(error.instruction.rsplit("{time}", 1))
    return RunOutcome(Phase.ATTENTION, Cause.BY_HAND, reason, deadline_at=deadline_at)


def looked_for_first(run_outcome: RunOutcome) -> RunOutcome:
    """Return a person's task of a restored hub, which may have been done before (decision 8)."""
    look = _("The hub was restored from a backup: look first whether this was done already.")
    return replace(run_outcome, reason=f"{look} {run_outcome.reason}")


def internal(sentence: str = "") -> RunOutcome:
    """Return that a person must look; ``sentence`` says at what, where that is known."""
    unknown = _("An error in the hub stopped the delivery; an administrator finds it in the log.")
    return attention(Cause.INTERNAL, sentence or unknown)


def never_ended(delivery: Delivery) -> RunOutcome:
    """Return that a person must look, because the plugin does not come back, or ends its worker."""
    reason = _(
        "The plugin “{plugin}” does not come back, or ended the hub’s worker: look whether the article is on "
        "{account}; an administrator finds more in the log."
    )
    return attention(
        Cause.INTERNAL, reason.format(plugin=delivery.account.platform, account=delivery.account)
    )


def account_paused(account: Account) -> RunOutcome:
    reason = account.paused_reason or _("{account} is paused.").format(account=account)
    return RunOutcome(Phase.PAUSED, Cause.CREDENTIALS if account.is_stopped else Cause.NONE, reason)


def everything_paused(delivery: Delivery, switch: MainSwitch) -> RunOutcome:
    """Return what becomes of a delivery in hand when the hub is paused: afterwards it goes on."""
    reason = _("Everything is paused: {reason}").format(reason=switch.paused_reason)
    return RunOutcome(delivery.phase, Cause.NONE, reason, after=dt.timedelta(), retries=delivery.retries)


def plugin_missing(delivery: Delivery, why: str) -> RunOutcome:
    """Return that it waits for its plugin, which its ``reason`` names."""
    phase = delivery.phase if delivery.attempts.exists() else Phase.SCHEDULED
    if _is_going(delivery):
        return RunOutcome(phase, Cause.PERMANENT, why, after=PLUGIN, retries=delivery.retries)
    reason = _("{account} waits, and goes on by itself. {why}").format(account=delivery.account, why=why)
    return RunOutcome(phase, Cause.NONE, reason, after=PLUGIN, retries=delivery.retries)


def withdrawn() -> RunOutcome:
    return attention(Cause.WITHDRAWN, _("Nothing was sent: the article has been withdrawn."))


def withdrawn_halfway(delivery: Delivery) -> RunOutcome:
    reason = _(
        "The article is withdrawn, and {account} may hold a draft or a copy of it: delete it in the "
        "platform's console, then confirm it here."
    )
    return by_hand(delivery, reason.format(account=delivery.account))


def to_be_taken_down(delivery: Delivery, platform: str) -> RunOutcome:
    reason = _(
        "{platform} has no call for taking the article down: delete it in the console of {account}, then "
        "confirm it here."
    )
    return by_hand(delivery, reason.format(platform=platform, account=delivery.account))


def to_be_changed(delivery: Delivery, number: int) -> RunOutcome:
    reason = _(
        "Change the text in the console of {account} to that of Release {number}, then confirm it here; the "
        "earlier text is before readers until then."
    )
    return by_hand(delivery, reason.format(account=delivery.account, number=number))


def recorded_in_part(delivery: Delivery) -> RunOutcome:
    reason = _(
        "A part of the edition is recorded as live on {account}: record the addresses of the other articles, "
        "too."
    )
    return by_hand(delivery, reason.format(account=delivery.account))


def waits_for_removal(delivery: Delivery) -> RunOutcome:
    reason = _("Goes out as soon as the earlier text is taken down from {account}.")
    return _waiting(reason.format(account=delivery.account))


def waits_for_arrival(delivery: Delivery) -> RunOutcome:
    reason = _("Waits until the earlier text, which is on its way, has arrived on {account}.")
    return _waiting(reason.format(account=delivery.account))


def waits_for_correction(delivery: Delivery) -> RunOutcome:
    reason = _("Waits until it is known whether {account} has the corrected text.")
    return RunOutcome(delivery.phase, Cause.NONE, reason.format(account=delivery.account), after=NEIGHBOUR)


def predecessor_given_up(delivery: Delivery) -> RunOutcome:
    reason = _(
        "The earlier text was given up halfway and may be on {account}: look there. Record the address of "
        "the corrected text when you have published it, or cancel this and distribute it anew."
    )
    return attention(Cause.UNKNOWN, reason.format(account=delivery.account))


def _waiting(reason: str) -> RunOutcome:
    """Return that nothing has begun: what is waited for wakes the delivery."""
    return RunOutcome(Phase.SCHEDULED, Cause.NONE, reason, after=NEIGHBOUR)


def left_unsent(delivery: Delivery) -> RunOutcome:
    reason = _(
        "An article was withdrawn before its edition went out, so nothing of it was sent to {account}; "
        "cancel this delivery and distribute the other articles anew."
    )
    return attention(Cause.WITHDRAWN, reason.format(account=delivery.account))


def undecided(delivery: Delivery, name: str, finding: interface.Undecided | None) -> RunOutcome:
    """Return what is done when it cannot be told whether the step ``name`` had its effect.

    What stays so is asked ever more rarely, and then given to a person, as when the platform asks to wait.
    """
    if finding is not None and finding.after is not None:
        patience_s = sum(_usual_waits(Cause.UNKNOWN))
        return _put_off(finding.after, delivery, Cause.UNKNOWN, finding.reason, patience_s=patience_s)
    reason = _("It cannot be told whether “{name}” arrived; look at {account} before anything is sent again.")
    sentence = finding.reason if finding else ""
    return attention(Cause.UNKNOWN, sentence or reason.format(name=name, account=delivery.account))


def confirming(delivery: Delivery, delay_s: float) -> RunOutcome:
    sent = _("Everything is sent; {account} has not confirmed it yet.")
    if _is_going(delivery):
        sent = _("{account} is told that the article is withdrawn, and has not confirmed that it is down.")
    reason = sent.format(account=delivery.account)
    return RunOutcome(Phase.CONFIRMING, Cause.NONE, reason, after=_bounded(delay_s))


def unconfirmed(delivery: Delivery) -> RunOutcome:
    if _is_going(delivery):
        return _removal_unconfirmed(delivery)
    reason = _("{account} did not confirm in time; look there whether the article is live.")
    return attention(Cause.UNCONFIRMED, reason.format(account=delivery.account))


def _removal_unconfirmed(delivery: Delivery) -> RunOutcome:
    """Return a person's task, due as if she were to take it down herself; the partner's word ends it, too."""
    reason = _(
        "{account} is told that the article is withdrawn, and has not confirmed that it is down: look there, "
        "have it taken down if it is there, then confirm it here."
    )
    deadline_at = delivery.deadline_at or clock.now(delivery) + SOON
    return RunOutcome(
        Phase.ATTENTION,
        Cause.UNCONFIRMED,
        reason.format(account=delivery.account),
        deadline_at=deadline_at,
    )


def _is_going(delivery: Delivery) -> bool:
    return delivery.items.filter(desired=Desired.GONE).exists()


def not_public_yet(delivery: Delivery, at: dt.datetime) -> RunOutcome:
    reason = _("Readers may not see the article before {time}.").format(time=_time(at))
    return RunOutcome(Phase.SCHEDULED, Cause.NONE, reason, at=at)


def asked_s(error: interface.PublisherError) -> float | None:
    """Return after how many seconds the platform wants to be asked again; None where it asks for no wait."""
    return error.after if isinstance(error, interface.Retry | interface.OutcomeUnknown) else None


def _bounded(seconds: float, longest_s: float = interface.LONGEST_ASKED_S) -> dt.timedelta:
    """Return how long is waited where a plugin says ``seconds``."""
    return dt.timedelta(seconds=max(0, min(seconds, longest_s)))


def left_alone_s(asked_s: float, lasted_s: float) -> float:
    """Return how long who asks to wait is left alone, when it has asked so for ``lasted_s`` already."""
    return max(asked_s, SOONEST.total_seconds(), lasted_s / RARER)


def _again(
    error: interface.Retry | interface.OutcomeUnknown,
    delivery: Delivery,
    cause: str,
    reason: str,
    waits: Sequence[float],
) -> RunOutcome:
    waits = waits or _usual_waits(cause)
    if error.given_up and _is_going(delivery):  # a person has the task from now on
        reason = error.given_up
    if error.after is not None:
        return _put_off(error.after, delivery, cause, reason, patience_s=sum(waits))
    if delivery.retries >= len(waits) and _is_going(delivery):
        after = dt.timedelta(seconds=LONGEST_WAIT_S)
        return RunOutcome(delivery.phase, cause, reason, after=after, retries=delivery.retries)
    if delivery.retries >= len(waits):
        given_up = _("{account} did not take the article after many tries; try again when it can be reached.")
        given_up = given_up.format(account=delivery.account)
        return attention(cause, error.given_up or (reason if cause == Cause.UNKNOWN else given_up))
    after = _bounded(waits[delivery.retries])
    return RunOutcome(delivery.phase, cause, reason, after=after, retries=delivery.retries + 1)


def _usual_waits(cause: str) -> Sequence[float]:
    first_s = LOOK_AGAIN_S if cause == Cause.UNKNOWN else TRY_AGAIN_S
    return [min(first_s * 2**number, LONGEST_WAIT_S) for number in range(RETRIES)]


def _put_off(asked_s: float, delivery: Delivery, cause: str, reason: str, *, patience_s: float) -> RunOutcome:
    """Return that the platform is left alone as it asks: no try of the delivery's is used up by that.

    A person looks when that has lasted as long as a platform that fails is tried.
    """
    lasted_s = 0 if delivery.cause == Cause.QUOTA else delivery.put_off_s
    if lasted_s > patience_s and not _is_going(delivery):
        asked = _("{account} has asked the hub to wait for hours; try again when it takes articles.")
        return attention(cause, reason if cause == Cause.UNKNOWN else asked.format(account=delivery.account))
    after = dt.timedelta(seconds=left_alone_s(asked_s, lasted_s))
    if cause != Cause.UNKNOWN:
        reason = asked_to_wait(delivery.account, clock.now(delivery) + after)
    put_off_s = lasted_s + math.ceil(after.total_seconds())
    return RunOutcome(
        delivery.phase, cause, reason, after=after, retries=delivery.retries, put_off_s=put_off_s
    )


def asked_to_wait(account: Account, until: dt.datetime) -> str:
    """Return what people read while the platform is left alone as it asked."""
    reason = _("{account} asks the hub to wait; it goes on at {time}.")
    return reason.format(account=account, time=_time(until))


def _time(moment: dt.datetime) -> str:
    return date_format(timezone.localtime(moment), "DATETIME_FORMAT")
