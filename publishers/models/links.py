"""The "read the original" links that articles on platforms carry."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class SourceLink(models.Model):
    """The mark of one item in one generation: the end of its ``/r/<token>``. Old ones keep working."""

    token = models.CharField(primary_key=True, max_length=32)
    item = models.ForeignKey("publishers.DeliveryItem", on_delete=models.PROTECT, related_name="links")
    generation = models.PositiveIntegerField()

    class Meta:
        verbose_name = _("source link")
        verbose_name_plural = _("source links")
        constraints = [models.UniqueConstraint(fields=["item", "generation"], name="source_link_once")]

    def __str__(self) -> str:
        return self.token


class SourceVisits(models.Model):
    """How often a link was followed on one day. A number only: nothing of the reader is kept."""

    link = models.ForeignKey(SourceLink, on_delete=models.PROTECT, related_name="visits")
    day = models.DateField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("source visits")
        verbose_name_plural = _("source visits")
        constraints = [models.UniqueConstraint(fields=["link", "day"], name="source_visits_once_a_day")]

    def __str__(self) -> str:
        return f"{self.link_id} · {self.day}: {self.count}"
