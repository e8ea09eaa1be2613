"""What platforms tell the hub of their own accord, kept before it is answered and worked on afterwards."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Callback(models.Model):
    """One message of a platform, verified; ``key`` is what tells a repetition."""

    account = models.ForeignKey("publishers.Account", on_delete=models.PROTECT, related_name="callbacks")
    key = models.CharField(max_length=200)
    event = models.JSONField(help_text="as the plugin read it: kind and facts; no secret")
    received_at = models.DateTimeField()
    happened_at = models.DateTimeField(
        null=True, help_text="as the platform says: of what has one key, the latest counts"
    )
    handled_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name = _("callback")
        verbose_name_plural = _("callbacks")
        constraints = [models.UniqueConstraint(fields=["account", "key"], name="callback_once")]
        indexes = [
            models.Index(fields=["received_at"], name="callback_open", condition=models.Q(handled_at=None))
        ]

    def __str__(self) -> str:
        return self.key


class Nonce(models.Model):
    """A mark that an account's partner has used; until it ends, nobody may come with it again."""

    account = models.ForeignKey("publishers.Account", on_delete=models.CASCADE, related_name="nonces")
    nonce = models.CharField(max_length=128)
    ends_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("nonce")
        verbose_name_plural = _("nonces")
        constraints = [models.UniqueConstraint(fields=["account", "nonce"], name="nonce_once")]

    def __str__(self) -> str:
        return f"Nonce of account {self.account_id}"
