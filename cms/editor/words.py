"""What Wagtail says without asking our catalogue: in the browser, and above fields that have no label.

What its pages say is in ``config/wagtail_locale``.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language, gettext, gettext_noop, ngettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.i18n import JavaScriptCatalog
from wagtail.admin.forms import choosers
from wagtail.admin.forms.auth import LoginForm
from wagtail.admin.localization import get_localized_response

WORDS = [
    gettext_noop("A network error occurred."),
    gettext_noop("A server error occurred."),
    gettext_noop("Autosave in progress…"),
    gettext_noop("Changes have been autosaved."),
    gettext_noop("Error while sending preview data."),
    gettext_noop("Blocks"),
    gettext_noop("Insert a block"),
    gettext_noop("Split block"),
    gettext_noop("Write something or type ‘/’ to insert a block"),
    gettext_noop("(New)"),
]
COUNTED = [
    ("%(num)s error", "%(num)s errors"),
]
ngettext_lazy("%(num)s error", "%(num)s errors")  # so that the catalogue finds it


# Forms of Wagtail's whose labels are made of the fields' names.
LABELS = {
    LoginForm: {"password": _("Password")},
    choosers.ExternalLinkChooserForm: {"link_text": _("Link text")},
    choosers.AnchorLinkChooserForm: {"link_text": _("Link text")},
    choosers.EmailLinkChooserForm: {
        "email_address": _("Email"),
        "link_text": _("Link text"),
        "subject": _("Subject"),
        "body": _("Text"),
    },
    choosers.PhoneLinkChooserForm: {"phone_number": _("Phone number"), "link_text": _("Link text")},
}
for form, labels in LABELS.items():
    for name, label in labels.items():
        form.base_fields[name].label = label


class Catalogue(JavaScriptCatalog):
    """Wagtail's texts for the browser, and ours beside them."""

    packages = ["wagtail.admin"]

    def get_catalog(self) -> dict[str, Any]:  # a text, or several by number
        if get_language() == "en":
            return super().get_catalog()
        ours = {word: gettext(word) for word in WORDS}
        counts = {one: [ngettext(one, many, 2)] for one, many in COUNTED}
        return {**super().get_catalog(), **ours, **counts}


_catalogue = Catalogue.as_view()


def js_catalog(request: HttpRequest) -> HttpResponse:
    """Answer in the language that the person chose."""
    return get_localized_response(_catalogue, request)
