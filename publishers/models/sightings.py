"""What was seen of an article after it went out: the hub's own look, or a person's word."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Seen(models.TextChoices):
    #: It is there, and it is what was sent.
    LIVE = "live", _("Live, as signed off")
    #: It is there, and it is not what was sent.
    ALTERED = "altered", _("Altered")
    GONE = "gone", _("Not there")
    #: The address did not answer, or the answer says nothing.
    UNCLEAR = "unclear", _("Not clear")


class Sighting(models.Model):
    """One look at one item. ``status`` and ``sha256`` are of what the public address answered."""

    item = models.ForeignKey("publishers.DeliveryItem", on_delete=models.PROTECT, related_name="sightings")
    at = models.DateTimeField()
    found = models.CharField(max_length=8, choices=Seen.choices)
    url = models.URLField(max_length=1000, blank=True)
    status = models.PositiveSmallIntegerField(null=True)
    sha256 = models.CharField(max_length=64, blank=True)
    by_name = models.CharField(
        max_length=150, blank=True, help_text="whose word it is; empty: the hub's look"
    )
    words = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name = _("sighting")
        verbose_name_plural = _("sightings")
        ordering = ["at", "id"]
        indexes = [models.Index(fields=["item", "at"], name="sighting_item_at")]

    def __str__(self) -> str:
        return f"{self.get_found_display()} · {self.at:%Y-%m-%d %H:%M}"
