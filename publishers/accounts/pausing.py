"""Pausing an account and letting it go on."""

from django.db import transaction
from django.db.models import Case, Exists, F, OuterRef, Value, When
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from publishers.interface import ConsentInvalid, CredentialsInvalid
from publishers.models import Account, Attempt, Cause, Delivery, Outcome, Phase, Transport
from publishers.models.leases import in_no_hand
from publishers.notifications import mail


@transaction.atomic
def pause(account: Account, *, by_name: str, reason: str, cause: str = Cause.NONE) -> bool:
    """Stop everything on the account; what a worker has in hand stops before its next call.

    Without ``by_name`` it is the hub that stops it, because of its credentials: what goes by hand goes on.

    Return whether it went on until now.
    """
    stopped = Account.objects.filter(pk=account.pk, paused_at=None).update(
        paused_at=Now(), paused_by=by_name, paused_reason=reason
    )
    waiting = Delivery.objects.filter(account=account, phase__in=Delivery.OPEN)
    # What is to be taken down comes to a run, which gives it to a person.
    waiting = waiting.filter(~Delivery.going())
    if not by_name:
        waiting = waiting.exclude(transport=Transport.MANUAL)
    waiting.filter(in_no_hand()).update(
        phase=Phase.PAUSED, cause=cause, reason=reason, next_at=None, lease_until=None
    )
    account.refresh_from_db()
    return bool(stopped)


@transaction.atomic
def stop_for_credentials(account: Account, reason: str) -> None:
    """Pause the account because the platform refuses its credentials, and tell its administrators once."""
    was_going = pause(account, by_name="", reason=reason, cause=Cause.CREDENTIALS)
    Account.objects.filter(pk=account.pk).update(problem=reason)
    if was_going:
        mail.tell_of_stop(account)


def credentials_refused(account: Account, error: CredentialsInvalid) -> str:
    """Return what people read of an account whose credentials the platform refused."""
    if isinstance(error, ConsentInvalid):
        reason = _("There is no valid consent for {account}: an administrator must connect it.")
        return reason.format(account=account)
    if error.sentence:
        reason = _("{account} is stopped until an administrator has mended this: {sentence}")
        return reason.format(account=account, sentence=error.sentence)
    reason = _(
        "The credentials of {account} are no longer valid; try again after an administrator has renewed them."
    )
    return reason.format(account=account)


@transaction.atomic
def resume(account: Account) -> None:
    """Let the account's deliveries go on where they were; those whose time has passed go at once."""
    Account.objects.filter(pk=account.pk).update(paused_at=None, paused_by="", paused_reason="", problem="")
    Delivery.objects.filter(account=account, phase=Phase.PAUSED).update(
        phase=_phase_before(), cause=Cause.NONE, reason="", next_at=F("due_at"), retries=0, put_off_s=0
    )
    held_up = Delivery.objects.filter(in_no_hand(), account=account, phase=Phase.ATTENTION)
    held_up.filter(next_at__isnull=False).update(next_at=Now())
    account.refresh_from_db()


def is_paused_now(account_id: int) -> bool:
    """Return whether the account is paused, and keep it so until the caller's transaction ends."""
    rows = Account.objects.select_for_update(no_key=True).filter(pk=account_id)
    return rows.values_list("paused_at", flat=True).get() is not None


def _phase_before() -> Case:
    """Return where a paused delivery was, told by what was called for it."""
    calls = Attempt.objects.filter(delivery=OuterRef("pk"), generation=OuterRef("generation"))
    return Case(
        When(Exists(calls.filter(outcome=Outcome.WAITING)), then=Value(Phase.CONFIRMING)),
        When(Exists(calls), then=Value(Phase.SENDING)),
        default=Value(Phase.SCHEDULED),
    )
