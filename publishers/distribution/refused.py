"""What a platform refused for good: the same bytes would be refused again, other ones may be taken."""

from django.db.models import QuerySet
from django.db.models.functions import Coalesce, Greatest
from wagtail.log_actions import registry as logs

from publishers.models import Attempt, Cause, Delivery, Outcome, Phase

#: After these the account's articles may look otherwise, or go with other fields.
CHANGES = ("hub.account.change", "hub.account.credentials")


def may_be_taken_now(delivery: Delivery) -> bool:
    """Return whether the delivery is not refused for good, or the account was changed since.

    A changed text needs nobody: it is carried when it is signed off.
    """
    return not _is_refused_for_good(delivery) or is_otherwise_now(delivery)


def is_otherwise_now(delivery: Delivery) -> bool:
    """Return whether what was refused for good would go out with other settings of the account."""
    if not _is_refused_for_good(delivery):
        return False
    changes = logs.get_logs_for_instance(delivery.account).filter(action__in=CHANGES)
    calls = _calls(delivery).annotate(at=Greatest("begun_at", Coalesce("ended_at", "begun_at")))
    refused_at = calls.order_by("-at").values_list("at", flat=True).first() or delivery.created_at
    return changes.filter(timestamp__gt=refused_at).exists()


def _is_refused_for_good(delivery: Delivery) -> bool:
    """Return whether it was refused, and no call of it may have had an effect all the same."""
    if (delivery.phase, delivery.cause) != (Phase.ATTENTION, Cause.REJECTED):
        return False
    return not _calls(delivery).filter(outcome__in=(Outcome.BEGUN, Outcome.UNKNOWN)).exists()


def _calls(delivery: Delivery) -> QuerySet[Attempt]:
    return Attempt.objects.filter(delivery=delivery.pk, generation=delivery.generation)
