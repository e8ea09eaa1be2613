"""A hub after ten years: so many texts, each signed, public and delivered once, on a hundred accounts.

What lists show is as it would be; Readings are signed by the hub's real key. Documents and answers are short,
because what is large in a row is not read by any list.
"""

import copy
import uuid
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone
from wagtail.models import Page, PageLogEntry

from cms.articles import Story
from cms.models import Office, Role, SectionPage
from publishers import accounts, feeds
from publishers.distribution import distribute
from publishers.models import Account, Attempt, Delivery, FeedEntry, Outcome, Phase
from publishers.people.permissions import OPERATOR
from readers.models import Reading
from readers.snapshots import snapshots
from tests.factories import make_office, make_story, make_user
from tests.publishers.engine.cast import signed_release
from tests.publishers.engine.many import EARLIER, HASH, ID, NEW_ID, multiply

ACCOUNTS = 100
#: Every thousandth text has a title and an office that few have.
TITLE = "CASE WHEN n % 1000 = 0 THEN '龙舟' ELSE '夜校' END || '的灯亮到第' || n || '个晚上'"
OFFICE = "CASE WHEN n % 1000 = 0 THEN 'yunshan' ELSE 'lingnan' END"
PER_STATEMENT = 1000


@dataclass(frozen=True)
class Crowd:
    """Who looks at it: somebody of the first office, who sees everything, and somebody of one account."""

    count: int
    section: SectionPage
    duty: User
    liaison: User
    feed_address: str


def fill(count: int) -> Crowd:
    """Make ``count`` of everything in the hub that ``harness.lay`` has laid."""
    office, section = Office.objects.get(), SectionPage.objects.get()
    small = make_office("yunshan", name="云山市妇女联合会", parent=office)
    own = [_account(office, number) for number in range(ACCOUNTS - 1)] + [_account(small, ACCOUNTS)]
    release = signed_release(10**6, title="夜校的灯")
    at = dict.fromkeys(("signed_at", "public_from"), EARLIER)
    multiply(release, count, id=ID, page_id="n", title=TITLE, office_code=OFFICE, sha256=HASH, **at)
    _read(release, section, count)
    _deliver(release, own, count)
    _write(section, count)
    return Crowd(
        count,
        section,
        make_user("duty", office, Role.DUTY_EDITOR, is_superuser=True),
        make_user("liaison", small, Role.LIAISON),
        feeds.address_of(own[0]),
    )


def _account(office: Office, number: int) -> Account:
    return accounts.add(
        office=office,
        platform="wechat",
        name=f"清溪女声{number}",
        credentials={"appid": f"wx{number}", "secret": "a-secret"},
        base_url="http://127.0.0.1:9",
        by=OPERATOR,
    )


def _deliver(release, own: list[Account], count: int) -> None:
    [delivery] = distribute([release], [own[0]], alike=True, by=OPERATOR)
    now = timezone.now()
    Delivery.objects.update(phase=Phase.SETTLED, next_at=None, settled_at=now)
    delivery.refresh_from_db()
    account_id = f"{own[0].pk} + n % {ACCOUNTS}"
    at = dict.fromkeys(("due_at", "created_at", "settled_at"), EARLIER)
    multiply(delivery, count, id=ID, account_id=account_id, **at)
    item = delivery.items.get()
    item.url, item.observed_generation = "https://mp.weixin.qq.example/s/abc", 1
    item.save()
    multiply(item, count, delivery_id=ID, release_id=ID, account_id=account_id)
    call = Attempt.objects.create(
        delivery=delivery, generation=1, name="submit", input_sha256="0" * 64, begun_at=now, ended_at=now,
        outcome=Outcome.DONE, result={"publish_id": "1"},
    )  # fmt: skip
    multiply(call, count, delivery_id=ID, begun_at=EARLIER, ended_at=EARLIER)
    row = feeds.of(own[0].pk)
    entry = FeedEntry.objects.create(
        feed=row, guid="first", item=item, content=None, published_at=now, changed_at=now
    )
    multiply(entry, count, guid=HASH, published_at=EARLIER, changed_at=EARLIER)


def _read(release, section: SectionPage, count: int) -> None:
    """Sign a Reading of each Release."""
    first = snapshots.make(release, section.pk)
    made: list[Reading] = []
    numbered = type(release).objects.filter(page_id__lte=count).order_by("page_id")
    facts = numbered.values_list("pk", "sha256", "page_id", "title", "public_from", "office_code")
    for pk, sha256, page_id, title, public_from, office_code in facts.iterator():
        reading = copy.copy(first)
        reading._state = copy.copy(first._state)
        reading.pk, reading.page_id, reading.title, reading.office_code = None, page_id, title, office_code
        reading.public_from = reading.first_public_from = public_from
        reading.release = type(release)(pk=pk, sha256=sha256)
        snapshots._sign(reading)
        made.append(reading)
        if len(made) == PER_STATEMENT or page_id == count:
            Reading.objects.bulk_create(made)
            made = []
    _analyze(Reading)


def _write(section: SectionPage, count: int) -> None:
    """Make the pages of the texts, and an entry of the log for each."""
    story = make_story(section, title="夜校的灯")
    page = Page.objects.get(pk=story.pk)
    begin = section.get_children().count()
    for start in range(0, count, PER_STATEMENT):
        Page.objects.bulk_create(
            [
                _copy_of(page, section, begin + number)
                for number in range(start + 1, start + PER_STATEMENT + 1)
            ]
        )
    SectionPage.objects.filter(pk=section.pk).update(numchild=begin + count)
    table = Story._meta.db_table
    others = ", ".join(
        f'"{field.column}"' for field in Story._meta.local_concrete_fields if not field.primary_key
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (page_ptr_id, {others}) SELECT wagtailcore_page.id, {others} "
            f"FROM {table}, wagtailcore_page WHERE page_ptr_id = %s AND wagtailcore_page.id > %s",
            [story.pk, story.pk],
        )
    for model in (Page, Story):
        _analyze(model)
    multiply(PageLogEntry.objects.filter(page_id=story.pk).first(), count, timestamp=EARLIER, uuid=NEW_ID)


def _copy_of(page: Page, section: SectionPage, number: int) -> Page:
    made = copy.copy(page)
    made._state = copy.copy(page._state)
    made.pk, made.slug, made.translation_key = None, f"story-{number}", uuid.uuid4()
    made.path, made.latest_revision = Page._get_path(section.path, section.depth + 1, number), None
    return made


def _analyze(model) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"{'VACUUM ' if connection.vendor == 'postgresql' else ''}ANALYZE {model._meta.db_table}"
        )
