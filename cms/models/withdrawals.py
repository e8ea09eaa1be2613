"""Articles that were taken from readers, for good or until another text is signed off."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _


class Withdrawal(models.Model):
    """One decision to take an article down: its Releases up to ``number``, everywhere. Frozen and signed.

    Page, people and office are plain values, as in a Release.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    page_id = models.PositiveBigIntegerField()
    number = models.PositiveIntegerField(help_text="the last Release that it takes down")
    title = models.CharField(max_length=255)
    office_code = models.CharField(max_length=60)
    office_name = models.CharField(max_length=120)
    at = models.DateTimeField()
    by_id = models.PositiveBigIntegerField()
    by_name = models.CharField(max_length=150)
    reason = models.CharField(max_length=500, help_text="for the desk")
    notice = models.CharField(max_length=200, blank=True, help_text="for readers")
    key_id = models.CharField(max_length=16)
    signature = models.BinaryField(help_text="Ed25519 over the statement (cms.releases.withdrawals)")

    class Meta:
        verbose_name = _("withdrawal")
        verbose_name_plural = _("withdrawals")
        constraints = [models.UniqueConstraint(fields=["page_id", "number"], name="withdrawal_once")]

    def __str__(self) -> str:
        return self.title
