"""What the distribution hub stores."""

from publishers.models.accounts import Account, HeldToken, Transport, Upload
from publishers.models.attempts import Attempt, Outcome
from publishers.models.deliveries import Cause, Delivery, DeliveryItem, Desired, Phase
from publishers.models.heartbeats import Heartbeat
from publishers.models.links import SourceLink, SourceVisits
from publishers.models.plans import Plan
from publishers.models.renditions import StoredRendition

__all__ = [
    "Account",
    "Attempt",
    "Cause",
    "Delivery",
    "DeliveryItem",
    "Desired",
    "Heartbeat",
    "HeldToken",
    "Outcome",
    "Phase",
    "Plan",
    "SourceLink",
    "SourceVisits",
    "StoredRendition",
    "Transport",
    "Upload",
]
