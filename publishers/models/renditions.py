"""Releases as platforms want them, rendered once."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class StoredRendition(models.Model):
    """A Release rendered for one platform and theme by one version of its renderer.

    Signed together with the Release's hash, so that a row written past the renderer is never sent.
    """

    release = models.ForeignKey("cms.Release", on_delete=models.PROTECT, related_name="renditions")
    platform = models.CharField(max_length=40)
    version = models.PositiveIntegerField(help_text="of the renderer")
    theme = models.CharField(max_length=40, blank=True)
    content = models.BinaryField(help_text="canonical JSON of the Rendition")
    sha256 = models.CharField(max_length=64)
    key_id = models.CharField(max_length=16)
    signature = models.BinaryField()

    class Meta:
        verbose_name = _("rendition")
        verbose_name_plural = _("renditions")
        constraints = [
            models.UniqueConstraint(
                fields=["release", "platform", "version", "theme"], name="rendition_once_per_theme"
            )
        ]

    def __str__(self) -> str:
        return f"{self.platform} · {self.sha256[:12]}"
