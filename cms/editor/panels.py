"""How the editor is laid out: the text, its variants, its settings."""

import json
from collections.abc import Sequence
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import (
    FieldPanel,
    FieldRowPanel,
    InlinePanel,
    MultiFieldPanel,
    ObjectList,
    Panel,
    TabbedInterface,
)
from wagtail.admin.widgets import AdminAutoHeightTextInput

from cms.checks import limits
from cms.editor.covers import FocusPanel
from cms.editor.fitting import FittingPanel
from cms.editor.forms import ArticleForm

COUNTER = _("{count} of {limit} characters")
COUNTER_WITHOUT_LIMIT = _("{count} characters")
LENGTH = _("The article as it is sent: {count} / {limit} characters")
OFFERS = _("These fit:")


class VariantsPanel(InlinePanel):
    """The variants, each with counters against its channel's limits (``editor.js``)."""

    def __init__(self, **kwargs: Any) -> None:  # a panel's own
        texts = FieldRowPanel([FieldPanel("cover_alt"), FieldPanel("cover_credit")])
        # Asked for when it is shown: channels come while the hub starts.
        channel = forms.Select(choices=limits.choices)  # type: ignore[arg-type]  # the stubs know no callable
        panels = [
            FieldPanel("channel", widget=channel),
            FieldPanel("title"),
            FieldPanel("digest", widget=forms.Textarea(attrs={"rows": 3})),
            FieldPanel("author"),
            FieldPanel("cover"),
            texts,
            FocusPanel(),
            FieldRowPanel([FieldPanel("form"), FieldPanel("comments")]),
        ]
        given = {
            "relation_name": "variants",
            "panels": panels,
            "label": _("Variant"),
            "heading": _("Variants"),
            "help_text": _(
                "One for each channel that needs words of its own. What is empty is as in the article."
            ),
        }
        super().__init__(**{**given, **kwargs})

    class BoundPanel(InlinePanel.BoundPanel):
        @property
        def attrs(self) -> dict[str, Any]:  # of an element, as Wagtail keeps them
            messages = {
                **limits.TOO_LONG,
                "titleMin": limits.TOO_SHORT,
                "titleAdvised": limits.LONGER_THAN_ADVISED,
            }
            messages |= {
                "counter": COUNTER,
                "counterWithoutLimit": COUNTER_WITHOUT_LIMIT,
                "length": LENGTH,
                "offers": OFFERS,
            }
            return {
                **super().attrs,
                "data-controller": "hub-variants",
                "data-hub-variants-limits-value": json.dumps(limits.for_editor()),
                "data-hub-variants-shorter-value": reverse("hub_shorter"),
                "data-hub-variants-messages-value": json.dumps(messages, default=str),
            }


class ArticleTabs(TabbedInterface):
    """Content, variants, settings; ``facts`` and ``parts`` are what one kind has of its own."""

    def get_form_class(self) -> type[ArticleForm]:
        form_class = super().get_form_class()
        # The moment is set in the settings tab; Wagtail's dialog would speak of publishing rights.
        form_class.show_schedule_publishing_toggle = False
        return form_class


def article_tabs(*, facts: Sequence[Panel] = (), parts: Sequence[str] = ("body",)) -> ArticleTabs:
    """Return the editor of one kind of article."""
    cover = [FieldPanel("cover"), FieldRowPanel([FieldPanel("cover_alt"), FieldPanel("cover_credit")])]
    cover.append(FocusPanel())
    origin = [
        FieldPanel("byline"),
        FieldRowPanel([FieldPanel("source_name"), FieldPanel("source_licence")]),
        FieldPanel("source_url"),
    ]
    content = [
        FittingPanel(),
        # Grows with its text. Not Wagtail's title panel, which would keep a slug in step.
        FieldPanel(
            "title", classname="title", widget=AdminAutoHeightTextInput(attrs={"placeholder": _("Title")})
        ),
        FieldPanel("subtitle"),
        FieldPanel("digest", widget=forms.Textarea(attrs={"rows": 3})),
        *facts,
        *[FieldPanel(part) for part in parts],
        MultiFieldPanel(cover, heading=_("Cover"), icon="image"),
        MultiFieldPanel(origin, heading=_("Byline and source"), icon="user"),
    ]
    settings = [
        FieldPanel("topics", widget=forms.CheckboxSelectMultiple),
        FieldPanel("tags"),
        FieldPanel(
            "go_live_at",
            heading=_("Readers may see it from"),
            help_text=_("Empty: from sign-off on."),
        ),
    ]
    return ArticleTabs(
        [
            ObjectList(content, heading=_("Content")),
            ObjectList([VariantsPanel()], heading=_("Variants")),
            ObjectList(settings, heading=_("Settings")),
        ],
        base_form_class=ArticleForm,
    )
