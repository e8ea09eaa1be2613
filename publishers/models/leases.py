"""Leases: ``lease_until`` of a row says how long somebody has it in hand, by the database's clock."""

from django.db.models import Q
from django.db.models.functions import Now


def in_no_hand() -> Q:
    """Return the condition that nobody has the row in hand, or that who had it has outlived the lease."""
    return Q(lease_until=None) | Q(lease_until__lte=Now())
