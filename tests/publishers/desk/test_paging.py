"""Lists page by page: nothing twice, nothing left out, and the thousandth page costs what the first costs."""

import re

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cms.models import Release
from publishers import engine
from publishers.desk import finding
from publishers.models import Delivery, DeliveryItem
from tests.publishers.desk.conftest import text
from tests.publishers.engine.cast import send, signed_release
from tests.publishers.engine.clock import in_an_hour
from tests.publishers.engine.many import EARLIER, HASH, ID, multiply, plan

pytestmark = pytest.mark.django_db(transaction=True)
MANY = 20_000
TITLE = "CASE WHEN n % 1000 = 0 THEN '龙舟' ELSE '夜校' END || n"
TABLES = r"(publishers_delivery|publishers_deliveryitem|cms_release)\b"
#: Reading a table from end to end, as each database says it.
WHOLE = {"sqlite": rf"SCAN {TABLES}(?! USING)", "postgresql": rf"Seq Scan on {TABLES}"}
#: Bringing all rows into an order, of which one page is taken.
SORTED = {"sqlite": r"TEMP B-TREE FOR ORDER BY", "postgresql": r"(?<!Incremental )Sort  "}


@pytest.fixture
def many(network, server):
    """Twenty thousand texts, each delivered; eighty deliveries wait for a person."""
    release = signed_release(10**6, title="夜校的灯")
    at = {"signed_at": EARLIER, "public_from": EARLIER}
    multiply(release, MANY, id=ID, page_id="n", title=TITLE, sha256=HASH, **at)
    delivery = send(release, account=network.of_city)
    engine.run(delivery.pk)
    delivery.refresh_from_db()
    multiply(delivery, MANY, id=ID, due_at=EARLIER, settled_at=EARLIER)
    multiply(delivery.items.get(), MANY, delivery_id=ID, release_id=ID)
    return network


def explained(query: dict[str, str]) -> str:
    return plan(query["sql"], None)


def shown(response) -> list[str]:
    return re.findall(
        r'href="/admin/(?:deliveries|texts/of-page|figures)/([\d][\w-]*|[0-9a-f]{8}-[\w-]*)/"', text(response)
    )


def beside(response, which: str) -> str | None:
    """Return what the link to the page before ("prev") or after ("next") asks for."""
    found = re.search(rf'class="{which}">\s*<a href="[^"]*[?&;]p=([^"&]+)', text(response))
    return found and found[1]


def forward(see, screen, **query) -> list[list[str]]:
    """Read a list to its end; return the keys of each page."""
    pages, page = [], {}
    for _page in range(20):
        response = see.get(screen, **query, **page)
        pages.append(shown(response))
        following = beside(response, "next")
        if following is None:
            return pages
        page = {"p": following}
    raise AssertionError("The list has no end.")


def test_the_board_is_read_to_its_end_and_back_with_every_delivery_once(network, desk):
    delivery = send(signed_release(7), account=network.of_city, at=in_an_hour())
    item = delivery.items.get()
    for phase, deadline, count in [
        ("attention", in_an_hour(), 30),
        ("attention", None, 30),
        ("settled", None, 70),
    ]:
        Delivery.objects.filter(pk=delivery.pk).update(phase=phase, deadline_at=deadline, next_at=None)
        multiply(Delivery.objects.get(pk=delivery.pk), count)
    DeliveryItem.objects.bulk_create(
        DeliveryItem(
            delivery=each, account=each.account, position=0, release_id=item.release_id, wanted=False
        )
        for each in Delivery.objects.exclude(pk=delivery.pk)
    )
    see = desk(network.duty)
    pages = forward(see, "hub_deliveries")
    assert [len(page) for page in pages] == [40, 40, 40, 11]
    everything = [key for page in pages for key in page]
    assert len(set(everything)) == 131
    order = {
        str(each.pk): (each.phase != "attention", each.deadline_at is None) for each in Delivery.objects.all()
    }
    assert [order[key] for key in everything] == sorted(order[key] for key in everything)
    last = see.get("hub_deliveries", p=f"after.2.{pages[2][-1]}")
    assert shown(last) == pages[3] and beside(last, "next") is None
    third = see.get("hub_deliveries", p=beside(last, "prev"))
    assert shown(third) == pages[2]
    second = see.get("hub_deliveries", p=beside(third, "prev"))
    first = see.get("hub_deliveries", p=beside(second, "prev"))
    assert [shown(second), shown(first)] == pages[1::-1] and beside(first, "prev") is None


@pytest.mark.parametrize(
    "page", ["7", "after", "after.9.1", "before.0.x", "after.2.00000000-0000-0000-0000-000000000000"]
)
def test_an_address_that_names_no_row_shows_the_first_page(page, network, desk):
    delivery = send(signed_release(7), account=network.of_city)
    assert shown(desk(network.duty).get("hub_deliveries", p=page)) == [str(delivery.pk)]


@pytest.mark.parametrize("screen", ["hub_deliveries", "hub_texts", "hub_figures"])
def test_a_page_far_back_costs_no_more_queries_and_reads_no_table_from_end_to_end(screen, many, desk):
    see = desk(many.provincial)
    far = {
        "hub_deliveries": f"after.2.{Delivery.objects.order_by('due_at')[MANY // 2].pk}",
        "hub_texts": f"after.0.{Release.objects.order_by('signed_at')[MANY // 2].pk}",
        "hub_figures": f"after.0.{DeliveryItem.objects.order_by('pk')[MANY // 2].pk}",
    }[screen]
    see.get(screen)
    with CaptureQueriesContext(connection) as first:
        see.get(screen)
    with CaptureQueriesContext(connection) as back:
        response = see.get(screen, p=far)
    assert len(shown(response)) == 40 and len(back) <= len(first) + 1
    for query in back.captured_queries:
        if query["sql"].startswith("SELECT") and "COUNT(" not in query["sql"]:
            how = explained(query)
            assert not re.search(WHOLE[connection.vendor], how), (query["sql"], how)
            assert "LIMIT 41" not in query["sql"] or not re.search(SORTED[connection.vendor], how), how


@pytest.mark.parametrize("screen", ["hub_deliveries", "hub_texts", "hub_figures"])
def test_titles_are_found_however_old_and_of_very_many_the_newest(screen, many, desk, monkeypatch):
    see = desk(many.provincial)
    few = text(see.get(screen, q="龙舟"))
    assert "龙舟20000" in few and "20 matches" in few and "Only the newest" not in few
    all_of_it = text(see.get(screen, q="夜校"))
    assert "Only the newest texts" in all_of_it and re.search(r"夜校[1-9]\d?\d?\s", all_of_it)


def test_a_search_reads_titles_from_the_index(many):
    with CaptureQueriesContext(connection) as caught:
        assert len(finding.titled("龙舟")) == 20
    [query] = caught.captured_queries
    how = explained(query)
    assert "release_signed_title" in how and "B-TREE FOR ORDER" not in how and "Sort" not in how, how


def test_a_delivery_is_found_by_the_beginning_of_its_number(network, desk):
    one, _other = (send(signed_release(number), account=network.of_city) for number in (7, 8))
    see = desk(network.duty)
    for words in (str(one.pk), str(one.pk)[:8], one.pk.hex[:20].upper()):
        assert shown(see.get("hub_deliveries", q=words)) == [str(one.pk)]


def test_what_is_over_is_counted_up_to_a_thousand(many, desk):
    board = text(desk(many.provincial).get("hub_deliveries"))
    assert "1,000+" in board and "20,00" not in board


def test_the_command_lists_the_latest_and_says_that_there_are_more(many, capsys):
    call_command("delivery", "list", limit=3)
    said = capsys.readouterr()
    assert len(said.out.splitlines()) == 3 and "--limit 30" in said.err
    call_command("delivery", "list", limit=3, json=True)
    assert '"title": "夜校的灯"' in capsys.readouterr().out
