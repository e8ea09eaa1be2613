"""What was called, written before each call."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Outcome(models.TextChoices):
    #: Written before the call. Found later by another run, it means: not known.
    BEGUN = "begun", _("Begun")
    DONE = "done", _("Done")
    #: The call certainly had no effect.
    FAILED = "failed", _("No effect")
    UNKNOWN = "unknown", _("Not known")
    #: A poll that has no answer yet.
    WAITING = "waiting", _("Waiting")


class Attempt(models.Model):
    """One named remote call of a delivery, or of one of its items; repeated calls count up ``tries``."""

    #: The names of uploads begin so: what was uploaded is seen by nobody until an article shows it.
    UPLOAD = "upload "
    #: The names of questions, which are asked until there is an answer.
    POLL = "poll:"

    delivery = models.ForeignKey("publishers.Delivery", on_delete=models.PROTECT, related_name="attempts")
    item = models.ForeignKey(
        "publishers.DeliveryItem", on_delete=models.PROTECT, related_name="attempts", null=True
    )
    generation = models.PositiveIntegerField()
    name = models.CharField(max_length=100)
    input_sha256 = models.CharField(max_length=64)
    tries = models.PositiveIntegerField(default=1)
    begun_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, default=Outcome.BEGUN)
    result = models.JSONField(null=True)
    error = models.CharField(max_length=60, blank=True, help_text="the error's class")
    evidence = models.JSONField(default=dict, help_text="status, code, request id, shortened body")

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        ordering = ["id"]
        # Two partial constraints, because SQLite counts every NULL as different.
        constraints = [
            models.UniqueConstraint(
                fields=["delivery", "generation", "name", "input_sha256"],
                name="attempt_once",
                condition=Q(item__isnull=True),
            ),
            models.UniqueConstraint(
                fields=["delivery", "item", "generation", "name", "input_sha256"],
                name="attempt_once_per_item",
                condition=Q(item__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} · {self.outcome}"

    @classmethod
    def of_effect(cls) -> "models.QuerySet[Attempt]":
        """Return the calls after which readers may see something: not those without effect, nor uploads."""
        return cls.objects.exclude(outcome=Outcome.FAILED).exclude(name__startswith=cls.UPLOAD)

    @property
    def is_of_effect(self) -> bool:
        """Whether it is one of ``of_effect``."""
        return self.outcome != Outcome.FAILED and not self.name.startswith(self.UPLOAD)

    @property
    def is_harmless(self) -> bool:
        """Whether the call cannot have shown anybody anything: an upload, a question."""
        return self.name.startswith((self.UPLOAD, self.POLL))

    @property
    def is_unknown(self) -> bool:
        return self.outcome in (Outcome.BEGUN, Outcome.UNKNOWN)
