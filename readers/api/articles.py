"""Articles: the list from the Readings, the detail as it was stored at sign-off."""

import datetime as dt
from typing import Literal

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema
from pydantic import AwareDatetime
from wagtail.api.v3.errors import problem_response

from cms.releases import withdrawals
from readers.api.access import OPTIONAL
from readers.models import Reading
from readers.site.responses import stored
from readers.snapshots import current, snapshots
from readers.snapshots.schemas import ArticleOut, ArticleSummary, summary

PAGE_SIZE = 20
PAGE_SIZE_MAX = 100
# What a database takes as a number, and a calendar in any zone as a date.
LARGEST = 2**63 - 1
MICROSECOND = dt.timedelta(microseconds=1)
EARLIEST, LATEST = dt.datetime(1970, 1, 1, tzinfo=dt.UTC), dt.datetime(9999, 1, 1, tzinfo=dt.UTC)

router = Router(tags=["文章"])


class Filters(Schema):
    """Descriptions are read by partners' developers, on the Chinese page of the interface."""

    kind: Literal["story", "policy", "event", "commentary"] | None = Field(
        None, description="文章类型：女性故事、政策解读、活动、评论"
    )
    office: str | None = Field(None, description="单位代码", max_length=60, pattern=r"^[-\w]+$")
    section: int | None = Field(None, description="栏目编号", ge=1, le=LARGEST)
    since: AwareDatetime | None = Field(
        None,
        ge=EARLIEST,
        le=LATEST,
        description="只列此时刻起公开的文章，ISO 8601 格式，须带时区；更正后重新公开的文章也列入",
    )
    limit: int = Field(PAGE_SIZE, ge=1, le=PAGE_SIZE_MAX, description="每次最多返回的篇数")
    offset: int = Field(
        0, ge=0, le=LARGEST - PAGE_SIZE_MAX, description="跳过的篇数；逐页读取较长的列表时，建议改用 cursor"
    )
    cursor: str | None = Field(
        None,
        pattern=r"^[0-9]{1,17}-[0-9]{1,19}$",
        description="上一次返回的 next，从该处继续；其他条件须与上一次相同，offset 不填",
    )

    def conditions(self) -> dict[str, object]:
        wanted = {
            "kind": self.kind,
            "office_code": self.office,
            "section_id": self.section,
            "public_from__gte": self.since,
        }
        return {name: value for name, value in wanted.items() if value is not None}


class ArticleList(Schema):
    count: int = Field(description="符合条件的总篇数")
    items: list[ArticleSummary]
    next: str | None = Field(description="还有更多文章时，作为 cursor 传入即可继续读取；读完时为 null")


@router.get("/", response=ArticleList, summary="文章列表，最近公开的在前", openapi_extra=OPTIONAL)
def list_articles(request: HttpRequest, filters: Query[Filters]) -> dict[str, object]:
    found = snapshots.public().filter(**filters.conditions()).order_by("-public_from", "-pk")
    asked = found.filter(_beyond(filters.cursor)) if filters.cursor else found
    rows = snapshots.part(asked[filters.offset : filters.offset + filters.limit + 1])
    page, more = rows[: filters.limit], rows[filters.limit :]
    return {
        "count": found.count(),
        "items": [summary(reading) for reading in snapshots.genuine(page)],
        "next": _cursor(page[-1]) if more else None,
    }


def _cursor(reading: Reading) -> str:
    """Return what names the place in the list after the reading."""
    return f"{(reading.public_from - EARLIEST) // MICROSECOND}-{reading.pk}"


def _beyond(cursor: str) -> Q:
    since, key = map(int, cursor.split("-"))
    moment = min(EARLIEST + since * MICROSECOND, LATEST)
    return Q(public_from__lte=moment) & (Q(public_from__lt=moment) | Q(pk__lt=key))


@router.get(
    "/{int:page_id}/", response=ArticleOut, url_name="article", summary="文章全文", openapi_extra=OPTIONAL
)
def get_article(request: HttpRequest, page_id: int) -> HttpResponse:
    found = current.current(page_id, "json")
    if found is None:
        return _gone(page_id)
    return stored(request, found, "application/json; charset=utf-8")


def _gone(page_id: int) -> HttpResponse:
    """Answer 410 with when and why for an article that was withdrawn. Raises Http404 when it was not."""
    withdrawal = withdrawals.of_page(page_id)
    if withdrawal is None:
        raise Http404(_("There is no public article with this number."))
    at = timezone.localtime(withdrawal.at).isoformat(timespec="seconds")
    detail = _("“{title}” was withdrawn at {at}. {notice}")
    return problem_response(
        status=410, detail=detail.format(title=withdrawal.title, at=at, notice=withdrawal.notice).strip()
    )
