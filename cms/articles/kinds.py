"""The four kinds of article."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.fields import StreamField

from cms.articles.article import Article
from cms.blocks import AudienceStream, HowToApplyStream, OriginalStream, QuestionsStream, ResultStream
from cms.editor.panels import article_tabs


class Story(Article):
    """A portrait or feature."""

    kind = "story"
    edit_handler = article_tabs()

    class Meta:
        verbose_name = _("story")
        verbose_name_plural = _("stories")


class Commentary(Article):
    """Signed opinion."""

    kind = "commentary"
    author_title = models.CharField(_("the author's position"), max_length=100, blank=True)

    edit_handler = article_tabs(facts=(FieldPanel("author_title"),))

    class Meta:
        verbose_name = _("commentary")
        verbose_name_plural = _("commentaries")


class PolicyInterpretation(Article):
    """A policy: its facts, its text by clause, and (in ``body``) what it means."""

    class Status(models.TextChoices):
        IN_FORCE = "in_force", _("In force")
        NOT_YET = "not_yet", _("Not yet in force")
        AMENDED = "amended", _("Amended")
        EXPIRED = "expired", _("Expired")
        REPEALED = "repealed", _("Repealed")

    kind = "policy"
    document_number = models.CharField(_("document number"), max_length=100, blank=True)
    issuing_body = models.CharField(_("issuing body"), max_length=200, blank=True)
    addressee = models.CharField(_("addressee"), max_length=500, blank=True)
    issued_on = models.DateField(_("issued on"), null=True, blank=True)
    effective_on = models.DateField(_("in force from"), null=True, blank=True)
    expires_on = models.DateField(_("in force until"), null=True, blank=True)
    status = models.CharField(_("status"), max_length=20, choices=Status.choices, default=Status.IN_FORCE)
    original = StreamField(OriginalStream(), verbose_name=_("original text"), blank=True)
    questions = StreamField(QuestionsStream(), verbose_name=_("questions and answers"), blank=True)
    audience = StreamField(AudienceStream(), verbose_name=_("who it is for"), blank=True)
    how_to_apply = StreamField(HowToApplyStream(), verbose_name=_("how to apply"), blank=True)

    edit_handler = article_tabs(
        facts=(
            MultiFieldPanel(
                [
                    FieldRowPanel([FieldPanel("document_number"), FieldPanel("issuing_body")]),
                    FieldPanel("addressee"),
                    FieldRowPanel([FieldPanel("issued_on"), FieldPanel("effective_on")]),
                    FieldRowPanel([FieldPanel("expires_on"), FieldPanel("status")]),
                ],
                heading=_("The policy"),
                icon="clipboard-list",
            ),
        ),
        parts=("body", "audience", "how_to_apply", "questions", "original"),
    )

    class Meta:
        verbose_name = _("policy interpretation")
        verbose_name_plural = _("policy interpretations")


class EventPost(Article):
    """What happens when, where and for whom, and what became of it."""

    kind = "event"
    # Null in a draft only: the Document refuses an event without a beginning.
    starts_at = models.DateTimeField(_("begins"), null=True)
    ends_at = models.DateTimeField(_("ends"), null=True, blank=True)
    place = models.CharField(_("place"), max_length=200, blank=True)
    address = models.CharField(_("address"), max_length=300, blank=True)
    audience = models.CharField(_("for whom"), max_length=200, blank=True)
    capacity = models.PositiveIntegerField(_("capacity"), null=True, blank=True)
    signup_url = models.URLField(_("link to sign up"), max_length=500, blank=True)
    result = StreamField(ResultStream(), verbose_name=_("what became of it"), blank=True)

    edit_handler = article_tabs(
        facts=(
            MultiFieldPanel(
                [
                    FieldRowPanel([FieldPanel("starts_at"), FieldPanel("ends_at")]),
                    FieldPanel("place"),
                    FieldPanel("address"),
                    FieldRowPanel([FieldPanel("audience"), FieldPanel("capacity")]),
                    FieldPanel("signup_url"),
                ],
                heading=_("The event"),
                icon="date",
            ),
        ),
        parts=("body", "result"),
    )

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
