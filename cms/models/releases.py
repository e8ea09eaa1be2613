"""What sign-off makes: the Release and its pictures."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _


class Blob(models.Model):
    """One file by the SHA-256 of its bytes; frozen. The bytes lie in the blob store (``cms.media.blobs``)."""

    sha256 = models.CharField(primary_key=True, max_length=64)
    mime = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField(help_text="bytes")
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)

    class Meta:
        verbose_name = _("blob")
        verbose_name_plural = _("blobs")

    def __str__(self) -> str:
        return self.sha256[:12]


class Release(models.Model):
    """The frozen, hashed and signed result of one sign-off.

    Database triggers refuse UPDATE and DELETE. Pages, people and offices are plain values, so that nothing
    that happens to them can reach in here.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    page_id = models.PositiveBigIntegerField()
    revision_id = models.PositiveBigIntegerField()
    number = models.PositiveIntegerField(help_text="1 for the page's first Release, then upwards")
    kind = models.CharField(max_length=20)
    title = models.CharField(max_length=255)
    slug = models.CharField(max_length=255)
    office_code = models.CharField(max_length=60)
    office_name = models.CharField(max_length=120)
    public_from = models.DateTimeField()
    signed_at = models.DateTimeField()
    document = models.BinaryField(help_text="canonical JSON of the Document")
    variants = models.BinaryField(help_text='canonical JSON: {channel: {"title": …, …}}')
    approvals = models.BinaryField(
        help_text="canonical JSON: the signed statements of the approvals, in order (cms.review.approval)"
    )
    assets = models.BinaryField(help_text="canonical JSON: {sha256: bytes} of every file that it shows")
    document_sha256 = models.CharField(max_length=64)
    sha256 = models.CharField(max_length=64, unique=True, help_text="of the manifest: everything above")
    key_id = models.CharField(max_length=16)
    signature = models.BinaryField(help_text="Ed25519 over the manifest")

    class Meta:
        verbose_name = _("release")
        verbose_name_plural = _("releases")
        constraints = [models.UniqueConstraint(fields=["page_id", "number"], name="release_number_once")]
        indexes = [
            # With the title, so that a search reads no Documents.
            models.Index(fields=["-signed_at", "-id", "title"], name="release_signed_title"),
            models.Index(fields=["office_code", "-signed_at", "-id"], name="release_office_signed"),
        ]

    def __str__(self) -> str:
        return f"{self.title} · {self.number}"
