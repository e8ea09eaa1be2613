"""What the distribution hub stores."""

from publishers.models.accounts import (
    Account,
    Consent,
    HeldToken,
    QuotaUse,
    SharedAnswer,
    Span,
    Transport,
    Upload,
)
from publishers.models.attempts import Attempt, Outcome
from publishers.models.callbacks import Callback, Nonce
from publishers.models.deliveries import Cause, CorrectionStrategy, Delivery, DeliveryItem, Desired, Phase
from publishers.models.feeds import Feed, FeedEntry
from publishers.models.fingerprints import Fingerprint
from publishers.models.heartbeats import Heartbeat
from publishers.models.links import SourceLink, SourceVisits
from publishers.models.metrics import MetricSample
from publishers.models.plans import Plan
from publishers.models.renditions import StoredRendition
from publishers.models.sightings import Seen, Sighting
from publishers.models.switch import MainSwitch

__all__ = [
    "Account",
    "Attempt",
    "Callback",
    "Cause",
    "Consent",
    "CorrectionStrategy",
    "Delivery",
    "DeliveryItem",
    "Desired",
    "Feed",
    "FeedEntry",
    "Fingerprint",
    "Heartbeat",
    "HeldToken",
    "MainSwitch",
    "MetricSample",
    "Nonce",
    "Outcome",
    "Phase",
    "Plan",
    "QuotaUse",
    "Seen",
    "SharedAnswer",
    "Sighting",
    "SourceLink",
    "SourceVisits",
    "Span",
    "StoredRendition",
    "Transport",
    "Upload",
]
