from django.db import models


class Mail(models.Model):
    """A message that waits for the mail server (``cms.mailing``); what was sent is deleted."""

    message = models.JSONField()
    created_at = models.DateTimeField()
    next_at = models.DateTimeField(db_index=True)
    problem = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("next_at", "pk")

    def __str__(self) -> str:
        return str(self.message.get("subject", ""))
