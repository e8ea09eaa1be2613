"""Full-content feeds that partners read: one per account, and what stands in it."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Feed(models.Model):
    """The feed of one account, at an address that only the partner is told.

    ``changed_at`` rises with each change of an entry: an unchanged feed is answered from this row alone.
    """

    account = models.OneToOneField("publishers.Account", on_delete=models.CASCADE, related_name="feed")
    key = models.BinaryField(help_text="encrypted: the secret part of the address")
    key_sha256 = models.CharField(max_length=64, unique=True)
    allowed = models.TextField(
        _("allowed addresses"), blank=True, help_text=_("Networks that may read it, one a line; empty: all.")
    )
    changed_at = models.DateTimeField(_("changed"))
    read_at = models.DateTimeField(_("last read"), null=True)

    class Meta:
        verbose_name = _("feed")
        verbose_name_plural = _("feeds")

    def __str__(self) -> str:
        return f"Feed of account {self.account_id}"


class FeedEntry(models.Model):
    """One article in a feed, as it is offered now; withdrawn, it stays as a tombstone without content."""

    feed = models.ForeignKey(Feed, on_delete=models.CASCADE, related_name="entries")
    guid = models.CharField(max_length=64, help_text="the same for every version of the article")
    item = models.ForeignKey("publishers.DeliveryItem", on_delete=models.PROTECT, related_name="feed_entries")
    version = models.PositiveIntegerField(default=1)
    content = models.JSONField(null=True, help_text="the stored payload; null: withdrawn")
    published_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        verbose_name = _("feed entry")
        verbose_name_plural = _("feed entries")
        constraints = [models.UniqueConstraint(fields=["feed", "guid"], name="feed_entry_once")]
        indexes = [models.Index(fields=["feed", "-changed_at"], name="feed_entry_changed")]

    def __str__(self) -> str:
        return f"{self.guid} · {self.version}"

    @property
    def is_withdrawn(self) -> bool:
        return self.content is None
