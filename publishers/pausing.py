"""Pausing an account and letting it go on."""

from django.db import transaction
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Now
from django.utils import timezone

from publishers.models import Account, Cause, Delivery, Phase


@transaction.atomic
def pause(account: Account, *, by_name: str, reason: str, cause: str = Cause.NONE) -> None:
    """Stop everything on the account; what a worker has in hand stops before its next call."""
    Account.objects.filter(pk=account.pk, paused_at=None).update(
        paused_at=timezone.now(), paused_by=by_name, paused_reason=reason
    )
    waiting = Delivery.objects.filter(account=account, phase__in=Delivery.OPEN)
    waiting.filter(Q(lease_until=None) | Q(lease_until__lte=Now())).update(
        phase=Phase.PAUSED, cause=cause, reason=reason, next_at=None, lease_until=None
    )
    account.refresh_from_db()


def stop_for_credentials(account: Account, reason: str) -> None:
    """Pause the account because the platform refuses its credentials."""
    pause(account, by_name="", reason=reason, cause=Cause.CREDENTIALS)
    Account.objects.filter(pk=account.pk).update(problem=reason)


@transaction.atomic
def resume(account: Account) -> None:
    """Let the account's deliveries go on where they were; those whose time has passed go at once."""
    Account.objects.filter(pk=account.pk).update(paused_at=None, paused_by="", paused_reason="", problem="")
    begun = Case(When(fence=0, then=Value(Phase.SCHEDULED)), default=Value(Phase.SENDING))
    Delivery.objects.filter(account=account, phase=Phase.PAUSED).update(
        phase=begun, cause=Cause.NONE, reason="", next_at=F("due_at"), retries=0
    )
    account.refresh_from_db()
