"""Where a cover is cut: the editor sees every channel's shape and moves the point that all of them keep."""

import json
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.forms.renderers import BaseRenderer
from django.http import HttpRequest, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.images import get_image_model
from wagtail.images.models import AbstractImage
from wagtail.permissions import policy_registry

from cms.checks import limits
from cms.document.build import focus_of
from cms.editor.previews import picture_url
from cms.models import Anybody

SAID = _("The focal point is {x} percent from the left and {y} percent from the top.")


class FocusInput(forms.TextInput):
    """``x,y`` in thousandths; ``editor/focus.js`` makes a picture of it that one can point at."""

    def render(
        self,
        name: str,
        value: str | None,
        attrs: dict[str, Any] | None = None,
        renderer: BaseRenderer | None = None,
    ) -> SafeString:
        attrs = {**(attrs or {}), "class": "hub-focus__value"}
        context = {
            "input": super().render(name, value, attrs, renderer),
            "said": SAID,
            "channels": json.dumps(limits.for_editor()),
        }
        return render_to_string("cms/editor/focus.html", context)


class FocusPanel(FieldPanel):
    """The focal point of a cover, of an article or of a variant, beside the field ``cover``."""

    def __init__(self, **kwargs: Any) -> None:  # a panel's own
        given = {
            "field_name": "cover_focus",
            "widget": FocusInput,
            "help_text": _(
                "Drag the point onto what every cut must show. Empty: as the picture itself says."
            ),
        }
        super().__init__(**{**given, **kwargs})

    class BoundPanel(FieldPanel.BoundPanel):
        @property
        def attrs(self) -> dict[str, Any]:  # of an element, as Wagtail keeps them
            cover = self.instance.cover
            facts = json.dumps(facts_of(cover, self.request.user)) if cover else ""
            return {**super().attrs, "data-hub-cover": facts}


def facts_of(image: AbstractImage, user: Anybody) -> dict[str, Any]:  # what JSON holds
    """Return what ``focus.js`` needs to know of a picture that ``user`` may see."""
    focus = focus_of(image)
    return {"id": image.pk, "url": picture_url(image, image.file_hash, user), "focus": [focus.x, focus.y]}


def cover_facts(request: HttpRequest, pk: int) -> JsonResponse:
    """Answer about a picture that was chosen a moment ago. Raises PermissionDenied for one of elsewhere."""
    image = get_object_or_404(get_image_model(), pk=pk)
    policy = policy_registry.get_by_type(get_image_model())
    if not policy.user_has_permission_for_instance(request.user, "choose", image):
        raise PermissionDenied
    return JsonResponse(facts_of(image, request.user))
