"""What sign-off makes: the Release, its pictures, and what readers see of it."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _


class Blob(models.Model):
    """One file by the SHA-256 of its bytes; frozen. The bytes lie in the blob store (``cms.blobs``)."""

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
        indexes = [models.Index(fields=["-signed_at"], name="release_signed_at")]

    def __str__(self) -> str:
        return f"{self.title} · {self.number}"


class Reading(models.Model):
    """What readers get of one Release, made at sign-off: the micro-site's article and the API's JSON.

    Derived and therefore not frozen: it can be made again from the Release. It is signed as well
    (``cms.site.readings.manifest``), so that a row written past the sign-off is never served.
    """

    release = models.OneToOneField(Release, on_delete=models.PROTECT, related_name="reading")
    page_id = models.PositiveBigIntegerField(help_text="the Release's page")
    slug = models.CharField(max_length=255)
    kind = models.CharField(max_length=20)
    section_id = models.PositiveBigIntegerField(null=True, help_text="the section page it stands in")
    office_code = models.CharField(max_length=60)
    office_name = models.CharField(max_length=120)
    title = models.CharField(max_length=255)
    digest = models.CharField(max_length=500, blank=True)
    cover_sha256 = models.CharField(max_length=64, blank=True)
    cover_x = models.PositiveSmallIntegerField(default=500, help_text="focus of the cover, in thousandths")
    cover_y = models.PositiveSmallIntegerField(default=500)
    public_from = models.DateTimeField()
    first_public_from = models.DateTimeField(
        help_text="when readers first saw the page; lists are in this order, so a correction moves nothing"
    )
    superseded_at = models.DateTimeField(
        null=True, help_text="public_from of the page's next Release; readers see this one until then"
    )
    assets = models.JSONField(help_text='every file it shows: {sha256: {"mime": …, "filename": …}}')
    html = models.BinaryField(help_text="the micro-site's article page, whole, UTF-8")
    html_sha256 = models.CharField(max_length=64)
    json = models.BinaryField(help_text="the content API's detail answer, whole")
    json_sha256 = models.CharField(max_length=64)
    sha256 = models.CharField(max_length=64, help_text="of the manifest (cms.site.readings); also the ETag")
    key_id = models.CharField(max_length=16)
    signature = models.BinaryField(help_text="Ed25519 over the manifest")

    class Meta:
        verbose_name = _("reading")
        verbose_name_plural = _("readings")
        indexes = [
            models.Index(fields=["page_id", "public_from"], name="reading_page_public"),
            models.Index(fields=["section_id", "-first_public_from"], name="reading_section_public"),
            models.Index(fields=["office_code", "-first_public_from"], name="reading_office_public"),
            models.Index(fields=["kind", "-public_from"], name="reading_kind_public"),
            models.Index(fields=["-public_from"], name="reading_public"),
            models.Index(fields=["-first_public_from"], name="reading_first_public"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_corrected(self) -> bool:
        """Whether readers saw another text of the page before this one."""
        return self.public_from > self.first_public_from


class ReadingAsset(models.Model):
    """Finds the Readings that show a file. An index only: what may be served, the signed Reading says."""

    reading = models.ForeignKey(Reading, on_delete=models.CASCADE, related_name="asset_index")
    sha256 = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("file of a reading")
        verbose_name_plural = _("files of readings")
        constraints = [models.UniqueConstraint(fields=["sha256", "reading"], name="reading_asset_once")]

    def __str__(self) -> str:
        return self.sha256[:12]
