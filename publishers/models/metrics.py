"""Figures of articles on platforms: how often they were read, shared, liked."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class MetricSample(models.Model):
    """One figure of one item, cumulative up to the end of ``day`` (in China), and where it comes from."""

    item = models.ForeignKey("publishers.DeliveryItem", on_delete=models.PROTECT, related_name="metrics")
    day = models.DateField()
    name = models.CharField(max_length=40, help_text="e.g. read_users, shares, likes")
    value = models.PositiveBigIntegerField()
    source = models.CharField(max_length=60, help_text="the platform's call, or who entered it")
    is_final = models.BooleanField(default=True, help_text="false while the platform says that it may change")
    taken_at = models.DateTimeField()
    by_name = models.CharField(max_length=150, blank=True, help_text="who entered it, when a person did")

    class Meta:
        verbose_name = _("figure")
        verbose_name_plural = _("figures")
        constraints = [models.UniqueConstraint(fields=["item", "day", "name", "source"], name="metric_once")]

    def __str__(self) -> str:
        return f"{self.name} {self.day}: {self.value}"
