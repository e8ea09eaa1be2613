"""What a Release's text looks like, so that a near-identical one is noticed before it goes out again."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Fingerprint(models.Model):
    """The 64-bit simhash of a Release's title and text, as a signed number."""

    release = models.OneToOneField(
        "cms.Release", on_delete=models.PROTECT, primary_key=True, related_name="+"
    )
    simhash = models.BigIntegerField()

    class Meta:
        verbose_name = _("fingerprint")
        verbose_name_plural = _("fingerprints")

    def __str__(self) -> str:
        return f"{self.simhash & 0xFFFFFFFFFFFFFFFF:016x}"
