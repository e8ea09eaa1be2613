"""Where a text shall go once it is signed off."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Plan(models.Model):
    """One account to which the page's next Release goes, at a time or at once; becomes a Delivery."""

    page_id = models.PositiveBigIntegerField()
    account = models.ForeignKey(
        "publishers.Account", verbose_name=_("account"), on_delete=models.CASCADE, related_name="plans"
    )
    at = models.DateTimeField(
        _("at"), null=True, blank=True, help_text=_("Empty means: as soon as possible.")
    )
    created_by_id = models.PositiveBigIntegerField()
    created_by_name = models.CharField(_("created by"), max_length=150)
    problem = models.CharField(
        _("problem"), max_length=500, blank=True, help_text=_("Why sign-off could not carry it out.")
    )

    class Meta:
        verbose_name = _("distribution plan")
        verbose_name_plural = _("distribution plans")
        constraints = [models.UniqueConstraint(fields=["page_id", "account"], name="plan_once_per_account")]

    def __str__(self) -> str:
        return f"{self.page_id} → {self.account}"
