"""Figures that people bring: entered for one article, or imported from a table with what its columns mean.

Each is kept with where it comes from and who brought it. What a platform tells by itself stays beside it.
"""

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cms.document.china import CHINA
from cms.refusals import Refused
from publishers.exports import reports
from publishers.models import Account, DeliveryItem, MetricSample
from publishers.people import audit
from publishers.people.permissions import Actor, name_of, require_sending
from publishers.statistics.spreadsheet import Table

ENTERED, IMPORTED = "entered", "imported"
LARGEST = 10**12
NAMES = {
    "reads": gettext_lazy("Reads"),
    "read_users": gettext_lazy("Readers"),
    "shares": gettext_lazy("Shares"),
    "likes": gettext_lazy("Likes"),
    "wows": gettext_lazy("Wows"),
    "favourites": gettext_lazy("Favourites"),
    "comments": gettext_lazy("Comments"),
}
URL, TITLE, DAY = "url", "title", "day"
KEYS = {
    URL: gettext_lazy("Address of the article"),
    TITLE: gettext_lazy("Title of the article"),
    DAY: gettext_lazy("Day of the figures"),
}
#: What a column is likely to mean, by a word in its name; the first that fits.
WORDS = (
    (URL, ("链接", "网址", "地址", "url", "link")),
    (TITLE, ("标题", "title")),
    (DAY, ("日期", "截至", "day", "date", "as_of")),
    ("read_users", ("阅读人数", "read_user", "readers")),
    ("reads", ("阅读", "浏览", "播放", "reads", "views")),
    ("shares", ("分享", "转发", "share")),
    ("wows", ("在看", "推荐人", "wow")),
    ("likes", ("点赞", "赞", "like")),
    ("favourites", ("收藏", "favourite", "favorite")),
    ("comments", ("评论", "留言", "comment")),
)
_DAY = re.compile(r"(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?(?:[ T].*)?")
_NUMBER = re.compile(r"\d{1,3}(?:[,，]\d{3})+|\d+")


#: Articles by what a table calls them.
Named = dict[str, list[DeliveryItem]]
#: The figures of one article, by name, to the end of a day.
Entered = tuple[DeliveryItem, dt.date, Mapping[str, int]]


@dataclass(frozen=True)
class Line:
    """One row of a table, understood: ``problem`` says why it is not taken, else ``item`` is known."""

    number: int
    title: str
    item: DeliveryItem | None = None
    day: dt.date | None = None
    values: Mapping[str, int] = field(default_factory=dict)
    problem: str = ""


def today() -> dt.date:
    """Return the day in China."""
    return timezone.now().astimezone(CHINA).date()


@transaction.atomic
def enter(item: DeliveryItem, day: dt.date, values: Mapping[str, int], *, by: Actor) -> None:
    """Keep what a person read off the platform for one article. Raises PermissionDenied, Refused."""
    require_sending(by, item.account)
    if day > today():
        raise Refused(_("This day has not come yet."))
    if not values:
        raise Refused(_("Enter at least one figure."))
    _keep([(item, day, values)], ENTERED, by)
    audit.record("delivery.figures", item.delivery, by, day=day.isoformat(), names=sorted(values))


@transaction.atomic
def take(account: Account, lines: Iterable[Line], *, filename: str, by: Actor) -> int:
    """Keep the lines of a table that are understood; return how many. Raises PermissionDenied."""
    require_sending(by, account)
    good = [
        (line.item, line.day, line.values)
        for line in lines
        if not line.problem and line.item is not None and line.day is not None
    ]
    _keep(good, IMPORTED, by)
    audit.record("account.figures", account, by, file=filename[:200], articles=len(good))
    return len(good)


def _keep(rows: Sequence[Entered], source: str, by: Actor) -> None:
    now, name = timezone.now(), name_of(by)
    samples = [
        MetricSample(item=item, day=day, name=figure, value=value, source=source, by_name=name, taken_at=now)
        for item, day, values in rows
        for figure, value in values.items()
    ]
    MetricSample.objects.bulk_create(
        samples,
        update_conflicts=True,
        unique_fields=["item", "day", "name", "source"],
        update_fields=["value", "is_final", "taken_at", "by_name"],
        batch_size=500,
    )


def guess(header: Sequence[str]) -> list[str]:
    """Return what each column is likely to mean, each meaning once; empty: not taken."""
    meanings: list[str] = []
    for name in header:
        fits = (key for key, words in WORDS if any(word in name.lower() for word in words))
        meaning = next(fits, "")
        meanings.append("" if meaning in meanings else meaning)
    return meanings


def understand(account: Account, table: Table, meanings: Sequence[str], day: dt.date) -> list[Line]:
    """Return every row of the table as it would be taken; ``day`` counts where no column tells one.

    Two queries, whatever the table holds. Raises Refused when the columns cannot say which article is meant.
    """
    columns = {meaning: at for at, meaning in enumerate(meanings) if meaning}
    if not columns.keys() & {URL, TITLE}:
        raise Refused(_("Say which column holds the article's address or its title."))
    if not columns.keys() & NAMES.keys():
        raise Refused(_("Say which column holds a figure."))
    of_url, of_title = _known(account, table, columns)
    lines: list[Line] = []
    taken: set[tuple[int | None, dt.date | None]] = set()
    for number, row in enumerate(table.rows, start=2):
        told = {meaning: row[at] for meaning, at in columns.items()}
        line = _line(number, told, of_url, of_title, day)
        key = (line.item.pk if line.item else None, line.day)
        if not line.problem and key in taken:
            line = Line(number, line.title, problem=_("The article stands in the table more than once."))
        taken.add(key)
        lines.append(line)
    return lines


def _known(account: Account, table: Table, columns: Mapping[str, int]) -> tuple[Named, Named]:
    """Return the account's articles that the table may mean, by address and by title."""
    items = DeliveryItem.objects.filter(account=account).exclude(url="", observed_generation=None)
    large = ("payload", *(f"release__{name}" for name in reports.LARGE))
    items = items.select_related("release").defer(*large).order_by("pk")
    of_url: Named = {}
    of_title: Named = {}
    if URL in columns:
        for item in items.filter(url__in={row[columns[URL]] for row in table.rows} - {""}):
            of_url.setdefault(item.url, []).append(item)
    if TITLE in columns:
        for item in items.filter(release__title__in={row[columns[TITLE]] for row in table.rows} - {""}):
            of_title.setdefault(item.release.title, []).append(item)
    return of_url, of_title


def _line(number: int, told: Mapping[str, str], of_url: Named, of_title: Named, day: dt.date) -> Line:
    shown = told.get(TITLE) or told.get(URL) or ""
    found = of_url.get(told.get(URL, "")) or of_title.get(told.get(TITLE, "")) or []
    try:
        if not found:
            raise Refused(_("The hub knows no such article on the account."))
        if len(found) > 1:
            raise Refused(_("Several articles on the account are called so: give the address."))
        when = _day(told[DAY]) if told.get(DAY) else day
        values = {name: _number(told[name]) for name in NAMES if told.get(name)}
        if not values:
            raise Refused(_("No figure stands in this row."))
    except Refused as refusal:
        return Line(number, shown, problem=str(refusal))
    return Line(number, found[0].release.title, found[0], when, values)


def _day(text: str) -> dt.date:
    found = _DAY.fullmatch(text)
    try:
        day = dt.date(*map(int, found.groups())) if found else None
    except ValueError:
        day = None
    if day is None:
        raise Refused(_("“{text}” is no day.").format(text=text[:40]))
    if day > today():
        raise Refused(_("This day has not come yet."))
    return day


def _number(text: str) -> int:
    if not _NUMBER.fullmatch(text):
        raise Refused(_("“{text}” is no whole number.").format(text=text[:40]))
    value = int(re.sub(r"\D", "", text)[:20])
    if value > LARGEST:
        raise Refused(_("“{text}” is too large.").format(text=text[:40]))
    return value
