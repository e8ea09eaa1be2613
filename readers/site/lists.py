"""Front page, sections and offices: what the lists of articles show, in a bounded number of queries.

Titles, digests and covers come from Readings. The tree of pages gives the names of sections and offices.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any, cast

from django.core.paginator import Page as Slice
from django.core.paginator import Paginator
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import Http404
from wagtail.models import Page

from cms.document.model import Focus
from cms.models import HomePage, Office, SectionPage
from readers.models import Reading
from readers.snapshots import pictures, snapshots
from readers.snapshots.render import KINDS

PAGE_SIZE = 20
# What is read of a page that only orders articles: its name and its place.
NAMED = ("title", "path", "depth", "numchild")
SHELF_SIZE = 4


@dataclass(frozen=True)
class Item:
    """One article in a list."""

    reading: Reading

    @property
    def kind(self) -> str:
        return str(KINDS[self.reading.kind])

    @property
    def cover(self) -> str:
        sha256 = self.reading.cover_sha256
        return pictures.address(sha256, pictures.WIDTHS[0]) if sha256 else ""

    @property
    def cover_srcset(self) -> str:
        sha256 = self.reading.cover_sha256
        return ", ".join(f"{pictures.address(sha256, width)} {width}w" for width in pictures.WIDTHS)

    @property
    def cover_class(self) -> str:
        return pictures.focus_class(Focus(x=self.reading.cover_x, y=self.reading.cover_y))


@dataclass(frozen=True)
class Shelf:
    """A section on a page of several, with its newest articles."""

    section: Page
    items: list[Item]


@dataclass(frozen=True)
class Front:
    lead: Item | None
    shelves: list[Shelf]
    elsewhere: list[Item]


def front() -> Front:
    """Return the front page: the newest article, the root office's sections, what other offices publish."""
    home = HomePage.objects.only(*NAMED).first()
    if home is None:
        return Front(None, [], [])
    sections = _sections_under(home)
    shelves = _shelves(sections)
    others = snapshots.public().exclude(section_id__in=[section.pk for section in sections])
    elsewhere = _items(snapshots.part(others[:SHELF_SIZE]))
    lead = max([item for shelf in shelves for item in shelf.items] + elsewhere, key=_age, default=None)
    below = [Shelf(shelf.section, [item for item in shelf.items if item != lead]) for shelf in shelves]
    return Front(
        lead, [shelf for shelf in below if shelf.items], [item for item in elsewhere if item != lead]
    )


def section(section_id: int, number: str) -> tuple[Page, Office | None, Slice[Item]]:
    """Return the section, its office and one page of its articles. Raises Http404."""
    found = SectionPage.objects.live().only(*NAMED).filter(id=section_id).first()
    if found is None:
        raise Http404
    return found, Office.of_page(found), _slice(snapshots.public().filter(section_id=section_id), number)


def office(code: str, number: str) -> tuple[Office, list[Page], Slice[Item]]:
    """Return the office, its sections and one page of its articles. Raises Http404."""
    found = Office.objects.select_related("branch").filter(code=code).first()
    if found is None:
        raise Http404
    return found, _sections_under(found.branch), _slice(snapshots.public().filter(office_code=code), number)


def _sections_under(branch: Page) -> list[Page]:
    """Return the branch's published sections; the name of another one is not for readers yet."""
    return list(branch.get_children().live().filter(content_type__model="sectionpage").only(*NAMED))


def _shelves(sections: Iterable[Page]) -> list[Shelf]:
    """Return the sections that have articles, each with its newest few, in two queries."""
    by_id = {section.pk: section for section in sections}
    newest = snapshots.public().filter(section_id=OuterRef("pk")).values("pk")
    places = {f"newest{place}": Subquery(newest[place : place + 1]) for place in range(SHELF_SIZE)}
    keys = Page.objects.filter(pk__in=by_id).annotate(**places).values_list(*places)
    found = snapshots.rows([key for of_section in keys for key in of_section if key])
    ordered = sorted(snapshots.genuine(found), key=lambda reading: list(by_id).index(reading.section_id))
    return [
        Shelf(by_id[section_id], sorted(map(Item, group), key=_age, reverse=True))
        for section_id, group in groupby(ordered, key=lambda reading: reading.section_id)
    ]


def _age(item: Item) -> tuple[dt.datetime, int]:
    return item.reading.first_public_from, item.reading.pk


def _items(found: Iterable[Reading]) -> list[Item]:
    return [Item(reading) for reading in snapshots.genuine(found)]


def _slice(found: QuerySet[Reading], number: str) -> Slice[Item]:
    """Return one page; a number that is none or too large gives the first or the last."""
    # Any: it comes with Readings, and goes with the Items that are made of them.
    part: Slice[Any] = Paginator(found, PAGE_SIZE).get_page(number)
    part.object_list = _items(snapshots.part(cast("QuerySet[Reading]", part.object_list)))
    return part
