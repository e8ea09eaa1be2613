from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminPageForm


class ArticleForm(WagtailAdminPageForm):
    """A draft may be incomplete; what goes to review may not."""

    def clean_title(self) -> str:
        """The field grows like a text, but a title has one line."""
        return " ".join(self.cleaned_data["title"].split())

    def clean(self) -> dict[str, Any]:  # what the fields hold
        cleaned = super().clean()
        if not self.is_deferred_validation and cleaned.get("cover"):
            for field in ("cover_alt", "cover_credit"):
                if not (cleaned.get(field) or "").strip():
                    self.add_error(field, _("A cover needs a description and a credit."))
        return cleaned
