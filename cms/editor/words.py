"""What Wagtail says in the browser and its own Chinese lacks: served with its catalogue, from ours.

Wagtail's view serves its own files only. What its pages say is in ``config.wagtail_words``.
"""

from django.utils.translation import get_language, gettext, gettext_noop, ngettext, ngettext_lazy
from django.views.i18n import JavaScriptCatalog
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


class Catalogue(JavaScriptCatalog):
    """Wagtail's texts for the browser, and ours beside them."""

    packages = ["wagtail.admin"]

    def get_catalog(self):
        if get_language() == "en":
            return super().get_catalog()
        ours = {word: gettext(word) for word in WORDS}
        counts = {one: [ngettext(one, many, 2)] for one, many in COUNTED}
        return {**super().get_catalog(), **ours, **counts}


_catalogue = Catalogue.as_view()


def js_catalog(request):
    """Answer in the language that the person chose."""
    return get_localized_response(_catalogue, request)
