"""What readers see of a Release, as it is stored."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from cms.models import Release


class Reading(models.Model):
    """What readers get of one Release, made at sign-off: the micro-site's article and the API's JSON.

    Derived and therefore not frozen: it can be made again from the Release. It is signed as well
    (``readers.snapshots.snapshots.manifest``), so that a row written past the sign-off is never served.
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
    sha256 = models.CharField(
        max_length=64, help_text="of the manifest (readers.snapshots.snapshots); also the ETag"
    )
    key_id = models.CharField(max_length=16)
    signature = models.BinaryField(help_text="Ed25519 over the manifest")

    class Meta:
        app_label = "cms"  # its tables are there since before readers had a room
        verbose_name = _("reading")
        verbose_name_plural = _("readings")
        indexes = [
            models.Index(fields=["page_id", "public_from"], name="reading_page_public"),
            # Each has all that says whether readers see it now: what is counted or skipped is not read.
            models.Index(
                fields=["section_id", "-first_public_from", "-id", "public_from", "superseded_at"],
                name="reading_section_first",
            ),
            models.Index(
                fields=["office_code", "-first_public_from", "-id", "public_from", "superseded_at"],
                name="reading_office_first",
            ),
            models.Index(
                fields=["-first_public_from", "-id", "section_id", "public_from", "superseded_at"],
                name="reading_first",
            ),
            models.Index(fields=["kind", "-public_from", "-id", "superseded_at"], name="reading_kind_latest"),
            models.Index(fields=["-public_from", "-id", "superseded_at"], name="reading_latest"),
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
        app_label = "cms"  # its tables are there since before readers had a room
        verbose_name = _("file of a reading")
        verbose_name_plural = _("files of readings")
        constraints = [models.UniqueConstraint(fields=["sha256", "reading"], name="reading_asset_once")]

    def __str__(self) -> str:
        return self.sha256[:12]
