"""Accounts on platforms, and what is kept per account: its token and what was uploaded to it."""

import datetime as dt

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Transport(models.TextChoices):
    """How a delivery travels to the account."""

    API = "api", _("Official interface")
    PUSH = "push", _("Signed push")
    FEED = "feed", _("Full-content feed")
    MANUAL = "manual", _("By hand")


class Account(models.Model):
    """One registered account of one office on one platform."""

    office = models.ForeignKey(
        "cms.Office", verbose_name=_("office"), on_delete=models.PROTECT, related_name="accounts"
    )
    platform = models.SlugField(_("platform"), max_length=40, db_index=False)
    name = models.CharField(_("name"), max_length=120)
    base_url = models.URLField(
        _("address"), blank=True, help_text=_("Leave empty to use the platform's own address.")
    )
    transport = models.CharField(
        _("transport"), max_length=10, choices=Transport.choices, default=Transport.API
    )
    capabilities = models.JSONField(_("capabilities"), default=list, help_text=_("As the last check found."))
    credentials = models.BinaryField(
        default=b"", editable=False, help_text="encrypted; see publishers.accounts.credentials"
    )
    paused_at = models.DateTimeField(_("paused since"), null=True, blank=True)
    paused_by = models.CharField(_("paused by"), max_length=150, blank=True)
    paused_reason = models.CharField(_("reason"), max_length=500, blank=True)
    checked_at = models.DateTimeField(_("checked"), null=True, blank=True)
    problem = models.CharField(_("problem"), max_length=500, blank=True)
    contract = models.CharField(
        _("contract"), max_length=200, blank=True, help_text=_("The paper that permits the interface.")
    )
    falls_back = models.BooleanField(
        _("falls back"),
        default=False,
        help_text=_("What the account cannot take by itself, a person publishes by hand."),
    )
    theme = models.CharField(
        _("theme"), max_length=40, blank=True, help_text="one of the platform's; empty: the first"
    )
    figures_at = models.DateTimeField(null=True, help_text="before it the platform wants nobody to ask")
    failures = models.PositiveSmallIntegerField(default=0, help_text="of the account's own, in a row")
    resting_until = models.DateTimeField(_("rests until"), null=True, blank=True)

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        constraints = [models.UniqueConstraint(fields=["platform", "name"], name="account_name_once")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_paused(self) -> bool:
        return self.paused_at is not None

    @property
    def is_stopped(self) -> bool:
        """Whether the hub itself paused it, because its credentials are refused."""
        return self.is_paused and not self.paused_by

    def stops(self, transport: str) -> bool:
        """Return whether the account's pause stops what travels so: a person needs no credentials."""
        return self.is_paused and not (self.is_stopped and transport == Transport.MANUAL)

    @property
    def is_resting(self) -> bool:
        """Whether it rests by this host's clock, for a screen."""
        return self.rests_at(timezone.now())

    def rests_at(self, now: dt.datetime) -> bool:
        """Return whether the circuit breaker is open at ``now``, by the database's clock.

        It failed too often, and is tried again by itself.
        """
        return self.resting_until is not None and self.resting_until > now


class HeldToken(models.Model):
    """The account's access token, encrypted. One process at a time may fetch a new one."""

    account = models.OneToOneField(Account, on_delete=models.CASCADE, related_name="held_token")
    token = models.BinaryField(default=b"", help_text="encrypted")
    refresh_at = models.DateTimeField(null=True, help_text="a little before it expires")
    lease_until = models.DateTimeField(null=True)
    fence = models.PositiveIntegerField(default=0, help_text="rises when a fetch begins and when it ends")

    class Meta:
        verbose_name = _("held token")
        verbose_name_plural = _("held tokens")

    def __str__(self) -> str:
        return f"HeldToken of account {self.account_id}"


class Consent(models.Model):
    """What a person's consent on the platform (OAuth) gave the account; its refresh token is encrypted."""

    account = models.OneToOneField(Account, on_delete=models.CASCADE, related_name="consent")
    subject = models.CharField(max_length=200, help_text="whom the platform names: open_id")
    refresh_token = models.BinaryField(default=b"", help_text="encrypted")
    scope = models.CharField(max_length=500, blank=True)
    expires_at = models.DateTimeField(_("expires"), null=True)
    given_by = models.CharField(_("connected by"), max_length=150)
    given_at = models.DateTimeField(_("connected"), auto_now_add=True)
    warned_at = models.DateTimeField(null=True, help_text="when administrators were told that it ends")

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")

    def __str__(self) -> str:
        return f"Consent of account {self.account_id}"


class Upload(models.Model):
    """What the platform answered when a picture was uploaded to an account for one use."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="uploads")
    use = models.CharField(max_length=40)
    sha256 = models.CharField(max_length=64)
    result = models.JSONField()
    uploaded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("upload")
        verbose_name_plural = _("uploads")
        constraints = [models.UniqueConstraint(fields=["account", "use", "sha256"], name="upload_once")]

    def __str__(self) -> str:
        return f"{self.use} {self.sha256[:12]}"


class SharedAnswer(models.Model):
    """What the platform answered to a question that many deliveries of the account ask."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="shared_answers")
    name = models.CharField(max_length=40, help_text="the plugin's own for the question")
    answer = models.JSONField()
    serves_until = models.DateTimeField(help_text="by the database's clock; then somebody asks again")

    class Meta:
        verbose_name = _("shared answer")
        verbose_name_plural = _("shared answers")
        constraints = [models.UniqueConstraint(fields=["account", "name"], name="shared_answer_once")]

    def __str__(self) -> str:
        return f"{self.name} of account {self.account_id}"


class Span(models.TextChoices):
    """The windows in which calls are counted."""

    MINUTE = "minute", _("a minute")
    DAY = "day", _("a day")


class QuotaUse(models.Model):
    """How many calls of one endpoint an account has made in the window that began at ``since``."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="quota_uses")
    path = models.CharField(max_length=100, help_text="as the platform's declaration names it")
    span = models.CharField(max_length=6, choices=Span.choices)
    since = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("quota use")
        verbose_name_plural = _("quota uses")
        constraints = [models.UniqueConstraint(fields=["account", "path", "span"], name="quota_use_once")]

    def __str__(self) -> str:
        return f"{self.path}: {self.count} in {self.span}"
