"""What the desk's lists search: titles of Releases, by what they contain; a delivery by its number.

Chinese words are of two characters, which no index of words or of three characters finds. So titles are read,
from an index that has them in the order of sign-off, and what is taken from it is bounded.
"""

import re
import uuid

from django.utils.functional import cached_property
from wagtail.admin.views.generic import BaseListingView

from cms.models import Release
from publishers.desk.paging import Rows

#: Of so many Releases with the words, the last signed, a search shows what became of them.
NEWEST = 1000
#: The first characters of a delivery's number, as people are shown it.
NUMBER, DIGITS = re.compile(r"[0-9a-f]{8}[0-9a-f-]*", re.IGNORECASE), 32


def titled(words: str) -> list[uuid.UUID]:
    """Return the Releases whose titles contain the words, the last signed first, at most NEWEST."""
    found = Release.objects.filter(title__icontains=words).order_by("-signed_at", "-pk")
    return list(found.values_list("pk", flat=True)[:NEWEST])


def numbered(deliveries: Rows, words: str) -> Rows:
    """Return those of the deliveries whose number begins so."""
    digits = words.replace("-", "")
    if not NUMBER.fullmatch(words) or len(digits) > DIGITS:
        return deliveries.none()
    return deliveries.filter(pk__range=[uuid.UUID(digits.ljust(DIGITS, fill)) for fill in "0f"])


class ByTitle(BaseListingView):
    """Before a list of the desk: it is searched by the titles of Releases."""

    is_searchable = True
    #: What leads from a row to its Release.
    release_lookup = "release"

    @cached_property
    def titled(self) -> list[uuid.UUID]:
        return titled(self.search_query)

    @property
    def shows_newest(self) -> bool:
        """Whether there may be older ones, which are not shown."""
        return self.is_searching and len(self.titled) == NEWEST

    def search_queryset(self, queryset: Rows) -> Rows:
        return (
            queryset.filter(**{f"{self.release_lookup}__in": self.titled}) if self.is_searching else queryset
        )
