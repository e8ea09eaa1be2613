"""Deliveries: what shall be live on one account, and what is known to be."""

import datetime as dt
import uuid

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from publishers.models.accounts import Transport
from publishers.models.sightings import Sighting


class Phase(models.TextChoices):
    #: Waits for its time.
    SCHEDULED = "scheduled", _("Scheduled")
    #: Has begun; also while it waits to try again.
    SENDING = "sending", _("Sending")
    #: Everything is sent; the platform has not yet said that it is live.
    CONFIRMING = "confirming", _("Being confirmed")
    #: What is observed is what is desired.
    SETTLED = "settled", _("Settled")
    #: A person must decide.
    ATTENTION = "attention", _("Needs a person")
    #: The account is paused; goes on when it is resumed.
    PAUSED = "paused", _("Paused")
    #: Given up by a person.
    CANCELLED = "cancelled", _("Cancelled")


class Desired(models.TextChoices):
    LIVE = "live", _("Live")
    GONE = "gone", _("Taken down")


class Cause(models.TextChoices):
    """Why a delivery waits or needs a person; the sentence is in ``reason``."""

    NONE = "", _("None")
    RETRY = "retry", _("Tries again")
    QUOTA = "quota", _("Quota used up")
    UNKNOWN = "unknown", _("Outcome unknown")
    REJECTED = "rejected", _("Refused by the platform")
    CREDENTIALS = "credentials", _("Credentials refused")
    CAPABILITY = "capability", _("Not permitted to the account")
    FORGED = "forged", _("Not what was signed off")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    UNCONFIRMED = "unconfirmed", _("Not confirmed in time")
    PERMANENT = "permanent", _("Refused for good")
    BY_HAND = "by_hand", _("To be done by hand")
    ALTERED = "altered", _("No longer what was signed off")
    LATE = "late", _("Its time has passed")
    INTERNAL = "internal", _("Error in the hub")


class CorrectionStrategy(models.TextChoices):
    """How a corrected text takes the place of the earlier one."""

    UPDATE = "update", _("Change the text at its address")
    REPUBLISH = "republish", _("Take it down and publish anew, at a new address")
    BY_HAND = "by_hand", _("A person changes the text in the platform's console")


class Delivery(models.Model):
    """An ordered list of Releases wanted live on one account from one moment on.

    ``next_at`` is when the engine looks next; null means not by itself. While a worker holds the delivery it
    is the end of the lease, so that one index finds what is due and what a dead worker left behind.
    """

    #: The phases in which the engine works on it; what is to be taken down it also tries beside a person.
    OPEN = (Phase.SCHEDULED, Phase.SENDING, Phase.CONFIRMING)
    #: Among what is due, lower goes first: what corrects or takes down is urgent.
    URGENT, ORDINARY = 1, 5

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(
        "publishers.Account", verbose_name=_("account"), on_delete=models.PROTECT, related_name="deliveries"
    )
    transport = models.CharField(
        _("transport"), max_length=10, choices=Transport.choices, default=Transport.API
    )
    phase = models.CharField(_("phase"), max_length=12, choices=Phase.choices, default=Phase.SCHEDULED)
    generation = models.PositiveIntegerField(default=1, help_text="of what is sent; steps belong to one")
    wishes = models.PositiveIntegerField(
        default=1, help_text="rises when what is desired changes; a worker that sees it rise calls no more"
    )
    due_at = models.DateTimeField(_("due"))
    next_at = models.DateTimeField(null=True)
    priority = models.PositiveSmallIntegerField(default=ORDINARY, help_text="lower goes first")
    lease_until = models.DateTimeField(null=True)
    fence = models.PositiveIntegerField(default=0, help_text="rises with each claim; writes must know it")
    retries = models.PositiveSmallIntegerField(default=0, help_text="in a row, without progress")
    lost = models.PositiveSmallIntegerField(default=0, help_text="runs in a row that never came to an end")
    put_off_s = models.PositiveIntegerField(default=0, help_text="as the platform asked, without progress")
    cause = models.CharField(_("cause"), max_length=12, choices=Cause.choices, blank=True)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    notifies = models.BooleanField(
        _("tells followers"), default=False, help_text="a person decided so; see interface.Notifying"
    )
    created_by_id = models.PositiveBigIntegerField(null=True)
    created_by_name = models.CharField(_("created by"), max_length=150)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    settled_at = models.DateTimeField(_("settled"), null=True)
    going_since = models.DateTimeField(
        null=True, help_text="when something of it was last asked, or noted, to be gone"
    )
    look_at = models.DateTimeField(null=True, help_text="when a settled delivery is looked at again")
    deadline_at = models.DateTimeField(_("deadline"), null=True, help_text="of what a person has to do")
    reminded_at = models.DateTimeField(null=True, help_text="when she was told that it is late")

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        indexes = [
            # The sweep's: millions of settled rows are not in it.
            models.Index(
                fields=["next_at", "priority"], name="delivery_due", condition=Q(next_at__isnull=False)
            ),
            # What one account has in hand, and what it could take next.
            models.Index(
                fields=["account", "priority", "next_at"],
                name="delivery_account_next",
                condition=Q(next_at__isnull=False),
            ),
            models.Index(fields=["account"], name="delivery_in_hand", condition=Q(lease_until__isnull=False)),
            models.Index(fields=["look_at"], name="delivery_look", condition=Q(look_at__isnull=False)),
            models.Index(fields=["account", "-due_at"], name="delivery_account_due"),
            # The board's: page by page, and first what people have to do by when.
            models.Index(fields=["-due_at", "-id"], name="delivery_latest"),
            models.Index(fields=["phase", "-due_at", "-id"], name="delivery_phase_latest"),
            models.Index(
                fields=["phase", "deadline_at", "id"],
                name="delivery_deadline",
                condition=Q(deadline_at__isnull=False),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="delivery_waits_only_when_open",
                condition=Q(next_at__isnull=True)
                | Q(phase__in=["scheduled", "sending", "confirming", "attention"]),
            )
        ]

    def __str__(self) -> str:
        return f"{str(self.id)[:8]} → {self.account}"

    @staticmethod
    def going(delivery: str = "pk") -> Exists:
        """Return the condition that something of the delivery with the id ``delivery`` is to go."""
        return Exists(DeliveryItem.objects.filter(delivery=OuterRef(delivery), desired=Desired.GONE))

    @property
    def down_since(self) -> dt.datetime | None:
        """Return since when something is to be gone, or is: what was told before says nothing of that."""
        return max((moment for moment in (self.settled_at, self.going_since) if moment), default=None)

    @property
    def is_gone(self) -> bool:
        """Whether nothing of it is to be live any more, and nothing is."""
        items = self.items.all()
        gone = all(item.desired == Desired.GONE and item.observed_generation is None for item in items)
        return self.phase == Phase.SETTLED and gone


class DeliveryItem(models.Model):
    """One Release of a delivery, in its order, and what is known of it on the platform.

    ``account`` repeats the delivery's so that the database itself refuses a second open delivery of the same
    Release there; ``wanted`` ends when the delivery is cancelled or its withdrawal is settled.
    """

    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, related_name="items")
    account = models.ForeignKey("publishers.Account", on_delete=models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField(help_text="from 0")
    release = models.ForeignKey("cms.Release", on_delete=models.PROTECT, related_name="delivery_items")
    desired = models.CharField(_("desired"), max_length=4, choices=Desired.choices, default=Desired.LIVE)
    wanted = models.BooleanField(default=True)
    payload = models.BinaryField(null=True, help_text="canonical JSON: exactly what is sent")
    payload_sha256 = models.CharField(max_length=64, blank=True)
    payload_signature = models.BinaryField(null=True, help_text="the hub's, over item, generation and hash")
    payload_key_id = models.CharField(max_length=16, blank=True)
    payload_generation = models.PositiveIntegerField(null=True)
    url = models.URLField(_("address"), max_length=1000, blank=True)
    remote = models.JSONField(default=dict, help_text="the platform's identifiers")
    observed_generation = models.PositiveIntegerField(null=True, help_text="the generation that is live")
    replaces = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="replaced_by", help_text="what it corrects"
    )
    manner = models.CharField(
        max_length=9, choices=CorrectionStrategy.choices, blank=True, help_text="of a correction"
    )

    class Meta:
        verbose_name = _("delivery item")
        verbose_name_plural = _("delivery items")
        ordering = ["position"]
        # The sweep asks for them while everything else is paused.
        indexes = [models.Index(fields=["delivery"], name="item_going", condition=Q(desired="gone"))]
        constraints = [
            models.UniqueConstraint(fields=["delivery", "position"], name="item_position_once"),
            models.UniqueConstraint(
                fields=["account", "release"], name="release_open_once_per_account", condition=Q(wanted=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.delivery_id} · {self.position}"

    @property
    def live_or_wanted(self) -> bool:
        """Whether its address leads anywhere: false once it is taken down."""
        return self.desired == Desired.LIVE or self.observed_generation is not None

    @property
    def was_found(self) -> bool:
        """Whether it was ever known where it is; it need not be there any more."""
        return bool(self.remote or self.url)

    @property
    def last_sighting(self) -> Sighting | None:
        """Return what was seen of it last, by the hub or a person; None before anybody looked."""
        return max(self.sightings.all(), key=lambda seen: (seen.at, seen.pk), default=None)

    @property
    def token(self) -> str:
        """Return the mark of the delivery's generation; empty before the engine made it."""
        generation = self.delivery.generation
        return next((link.token for link in self.links.all() if link.generation == generation), "")
