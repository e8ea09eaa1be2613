"""The main switch: one row that stops all sending on all hosts."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class MainSwitch(models.Model):
    """Whether the whole hub is paused, since when, by whom and why. Its only row has the id 1."""

    paused_at = models.DateTimeField(_("paused since"), null=True)
    paused_by = models.CharField(_("paused by"), max_length=150, blank=True)
    paused_reason = models.CharField(_("reason"), max_length=500, blank=True)
    restored_at = models.DateTimeField(
        null=True, help_text="of the backup from which this database comes; what is older is doubted"
    )
    # What is older: by the rows' own order, since hosts' clocks differ.
    restored_revision = models.PositiveBigIntegerField(default=0, help_text="the newest one in that backup")
    restored_attempt = models.PositiveBigIntegerField(default=0, help_text="the newest one in that backup")

    class Meta:
        verbose_name = _("main switch")
        verbose_name_plural = _("main switches")

    def __str__(self) -> str:
        return str(_("paused") if self.paused_at else _("running"))
