"""Articles: the list from the Readings, the detail as it was stored at sign-off."""

import datetime as dt
from typing import Literal

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema

from cms.api.answers import ArticleOut, ArticleSummary, summary
from cms.site import readings
from cms.site.answering import stored

PAGE_SIZE = 20
PAGE_SIZE_MAX = 100

router = Router(tags=["articles"])


class Filters(Schema):
    kind: Literal["story", "policy", "event", "commentary"] | None = None
    office: str | None = Field(None, description="an office's code")
    section: int | None = Field(None, description="a section's id")
    since: dt.datetime | None = Field(
        None,
        description="only what became public at or after this time; ISO 8601 with its zone. "
        "A correction becomes public anew.",
    )
    limit: int = Field(PAGE_SIZE, ge=1, le=PAGE_SIZE_MAX)
    offset: int = Field(0, ge=0)

    def conditions(self) -> dict:
        wanted = {
            "kind": self.kind,
            "office_code": self.office,
            "section_id": self.section,
            "public_from__gte": self.since,
        }
        return {name: value for name, value in wanted.items() if value is not None}


class ArticleList(Schema):
    count: int
    items: list[ArticleSummary]


@router.get("/", response=ArticleList, summary="Public articles, what became public last comes first")
def list_articles(request: HttpRequest, filters: Query[Filters]):
    found = readings.public().filter(**filters.conditions()).order_by("-public_from", "-pk")
    page = found[filters.offset : filters.offset + filters.limit]
    return {"count": found.count(), "items": [summary(reading) for reading in readings.genuine(page)]}


@router.get("/{int:page_id}/", response=ArticleOut, url_name="article", summary="One article, whole")
def get_article(request: HttpRequest, page_id: int) -> HttpResponse:
    reading = readings.current(page_id, "json")
    if reading is None:
        raise Http404(_("There is no public article with this number."))
    return stored(request, reading, reading.json, "application/json; charset=utf-8")
