"""Figures at the desk: seen with where they come from, entered and imported by who may, by nobody else."""

import datetime as dt

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from wagtail.models import ModelLogEntry

from cms.models import Role
from cms.organisation.offices import grant
from cms.refusals import Refused
from publishers.models import DeliveryItem, MetricSample
from publishers.people.permissions import OPERATOR
from publishers.statistics import manual_entry
from publishers.statistics.spreadsheet import Table
from tests.publishers.desk.conftest import refused, text, turned_away
from tests.publishers.engine.cast import send, signed_release

pytestmark = pytest.mark.django_db(transaction=True)
DAY = "2026-01-31"


@pytest.fixture
def live(network):
    """Return a maker of articles that are live on an account."""
    pages = iter(range(100, 200))

    def make(title, account=None, url=""):
        delivery = send(signed_release(next(pages), title=title), account=account or network.of_city)
        item = delivery.items.get()
        address = url or f"https://tiny.example/a/{item.pk}"
        DeliveryItem.objects.filter(pk=item.pk).update(url=address, observed_generation=1)
        item.refresh_from_db()
        return item

    return make


def sample(item, source="datacube", **more):
    given = {"day": dt.date(2026, 1, 30), "name": "reads", "value": 7, "taken_at": timezone.now()}
    return MetricSample.objects.create(item=item, source=source, **given | more)


def kept() -> set[tuple]:
    return set(MetricSample.objects.values_list("item__release__title", "day", "name", "value", "source"))


def upload(see, account, content, name="figures.csv"):
    content = content if isinstance(content, bytes) else content.encode()
    file = SimpleUploadedFile(name, content)
    return see.post("hub_figures_import", said={"account": account.pk, "file": file})


def check(see, action, **columns):
    columns = {f"column-{at}": meaning for at, meaning in enumerate(columns.pop("columns", ()))}
    return see.post("hub_figures_check", said={"action": action, "day": DAY, **columns})


# --- what is seen -----------------------------------------------------------------------------------------


def test_the_newest_figures_are_listed_with_where_they_come_from(network, desk, live):
    item = live("夜校的灯")
    sample(item, value=7)
    sample(item, day=dt.date(2026, 1, 31), value=11)
    sample(item, name="likes", value=3, source=manual_entry.ENTERED, by_name="何静")
    shown = text(desk(network.auditor).get("hub_figures"))
    assert "夜校的灯" in shown and ">11<" in shown and ">7<" not in shown
    assert "the platform" in shown and "entered by 何静" in shown


@pytest.mark.parametrize(("who", "leads"), [("liaison", True), ("auditor", False), ("administrator", False)])
def test_only_who_sends_is_led_to_the_import(network, desk, who, leads):
    shown = text(desk(getattr(network, who)).get("hub_figures"))
    assert ("/admin/figures/import/" in shown) == leads


def test_each_sample_of_an_article_says_who_brought_it_and_when(network, desk, live):
    item = live("夜校的灯")
    sample(item, value=7)
    sample(item, value=9, source=manual_entry.IMPORTED, by_name="何静", is_final=False)
    shown = text(desk(network.auditor).get("hub_item_figures", item.pk))
    assert ">7<" in shown and "imported by 何静" in shown and "may still change" in shown
    assert "Enter figures" not in shown


@pytest.mark.parametrize(
    ("known", "listed"),
    [
        ({"url": ""}, True),  # it was sent to followers: the platform has told no address yet
        ({"observed_generation": None}, True),  # it was there, and is taken down or replaced
        ({"url": "", "observed_generation": None}, False),
    ],
    ids=str,
)
def test_an_article_has_figures_from_when_it_was_there(network, desk, live, known, listed):
    item, see = live("夜校的灯"), desk(network.liaison)
    DeliveryItem.objects.filter(pk=item.pk).update(**known)
    assert ("夜校的灯" in text(see.get("hub_figures"))) == listed
    answer = see.post("hub_item_figures", item.pk, said={"day": DAY, "reads": 1})
    assert (answer.status_code == 200) == bool(kept()) == listed
    shown = text(upload(see, network.of_city, "标题,阅读量\n夜校的灯,1\n"))
    assert ("1 row is understood" in shown) == listed


def test_each_figure_is_its_own_newest_and_reads_stand_first(network, desk, live):
    item = live("夜校的灯")
    sample(item, name="likes", value=3)
    sample(item, name="saves", value=5)
    sample(item, day=dt.date(2026, 1, 31), value=11)
    see = desk(network.auditor)
    for screen in (("hub_figures",), ("hub_item_figures", item.pk)):
        shown = text(see.get(*screen))
        assert shown.index(">11<") < shown.index(">3<") < shown.index(">5<"), screen


def test_figures_of_today_are_taken_and_yesterday_is_proposed(network, desk, live):
    item, see = live("夜校的灯"), desk(network.liaison)
    today = manual_entry.today()
    shown = text(see.get("hub_item_figures", item.pk))
    assert f'value="{today - dt.timedelta(days=1)}"' in shown
    see.post("hub_item_figures", item.pk, said={"day": today.isoformat(), "reads": 1})
    assert [day for _title, day, *_about in kept()] == [today]


def test_the_list_costs_the_same_however_much_is_live(network, desk, live, django_assert_max_num_queries):
    for number in range(12):
        sample(live(f"第{number}篇"))
    see = desk(network.auditor)
    see.get("hub_figures")
    with django_assert_max_num_queries(16):
        assert "第11篇" in text(see.get("hub_figures"))


def test_what_is_not_the_persons_is_not_there(network, desk, live):
    above = live("省里的文章", network.of_province)
    see = desk(network.liaison)
    assert "省里的文章" not in text(see.get("hub_figures"))
    assert see.get("hub_item_figures", above.pk).status_code == 404
    assert see.post("hub_item_figures", above.pk, said={"day": DAY, "reads": 1}).status_code == 404
    assert refused(desk(network.author).get("hub_figures"))


# --- by hand ----------------------------------------------------------------------------------------------


def test_who_sends_enters_figures_under_her_name_and_may_correct_them(network, desk, live):
    item, see = live("夜校的灯"), desk(network.liaison)
    shown = text(see.post("hub_item_figures", item.pk, said={"day": DAY, "reads": "120", "likes": "0"}))
    assert "entered by liaison" in shown
    see.post("hub_item_figures", item.pk, said={"day": DAY, "reads": "121"})
    day = dt.date.fromisoformat(DAY)
    assert kept() == {
        ("夜校的灯", day, "reads", 121, "entered"), ("夜校的灯", day, "likes", 0, "entered"),
    }  # fmt: skip
    assert list(ModelLogEntry.objects.values_list("action", flat=True)).count("hub.delivery.figures") == 2
    desk(network.duty).post("hub_item_figures", item.pk, said={"day": DAY, "reads": "122"})
    assert MetricSample.objects.get(name="reads").by_name == network.duty.get_username()


@pytest.mark.parametrize(
    "said",
    [
        {"day": DAY},
        {"day": "", "reads": "1"},
        {"day": "2999-01-01", "reads": "1"},
        {"day": DAY, "reads": "-1"},
        {"day": DAY, "reads": "many"},
        {"day": DAY, "reads": str(10**15)},
    ],
)
def test_what_is_no_figure_is_not_kept(network, desk, live, said):
    answer = desk(network.liaison).post("hub_item_figures", live("夜校的灯").pk, said=said)
    assert answer.status_code == 200 and kept() == set()


@pytest.mark.parametrize("moment", ["2026-02-01T00:10+08:00", "2026-02-01T23:50+08:00"])
def test_a_day_has_come_when_it_has_come_in_china(live, network, moment):
    """Whether it is entered for one article or stands in a table."""
    item, today, tomorrow = live("夜校的灯"), dt.date(2026, 2, 1), dt.date(2026, 2, 2)
    rows = tuple((item.url, "7", day.isoformat()) for day in (today, tomorrow))
    with time_machine.travel(moment, tick=False):
        manual_entry.enter(item, today, {"reads": 7}, by=OPERATOR)
        with pytest.raises(Refused):
            manual_entry.enter(item, tomorrow, {"reads": 7}, by=OPERATOR)
        table = Table(("u", "r", "d"), rows)
        first, second = manual_entry.understand(network.of_city, table, ["url", "reads", "day"], today)
    assert kept() == {("夜校的灯", today, "reads", 7, "entered")}
    assert not first.problem and second.problem


@pytest.mark.parametrize("who", ["administrator", "auditor", "author"])
def test_others_enter_and_import_nothing(network, desk, live, who):
    item, see = live("夜校的灯"), desk(getattr(network, who))
    assert turned_away(see.post("hub_item_figures", item.pk, said={"day": DAY, "reads": "1"}))
    assert refused(see.get("hub_figures_import"))
    assert turned_away(upload(see, network.of_city, "标题,阅读量\n夜校的灯,1\n"))
    assert turned_away(check(see, "import"))
    assert kept() == set()


# --- from a table -----------------------------------------------------------------------------------------


def test_a_table_is_shown_as_it_is_understood_and_kept_when_the_person_agrees(network, desk, live):
    first, _second = live("夜校的灯"), live("山里的阅览室")
    see = desk(network.duty)
    rows = ["链接,文章标题,总阅读量,点赞数,备注", f'{first.url},改过的标题,"1,200",5,x']
    table = "\n".join([*rows, ",山里的阅览室,30,,", ",没有这篇,9,9,"])
    shown = text(upload(see, network.of_city, table))
    assert "2 rows are understood" in shown and "1 row is not taken" in shown
    assert "The hub knows no such article" in shown and "1200" in shown and kept() == set()
    shown = text(check(see, "import", columns=["url", "title", "reads", "likes", ""]))
    assert "Figures of 2 rows are kept." in shown
    day = dt.date.fromisoformat(DAY)
    assert kept() == {
        ("夜校的灯", day, "reads", 1200, "imported"), ("夜校的灯", day, "likes", 5, "imported"),
        ("山里的阅览室", day, "reads", 30, "imported"),
    }  # fmt: skip
    assert set(MetricSample.objects.values_list("by_name", flat=True)) == {"duty"}
    assert "hub_figures" not in see.client.session


def test_a_column_may_be_meant_otherwise_and_a_day_may_stand_in_the_table(network, desk, live):
    live("夜校的灯")
    see = desk(network.duty)
    upload(see, network.of_city, "名字,何时,数\n夜校的灯,2026年1月3日,8\n")
    shown = text(check(see, "preview", columns=["title", "day", "shares"]))
    assert "1 row is understood" in shown and "2026-01-03" in shown and kept() == set()
    check(see, "import", columns=["title", "day", "shares"])
    assert kept() == {("夜校的灯", dt.date(2026, 1, 3), "shares", 8, "imported")}


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("夜校的灯,=1+1,", "is no whole number"),
        ("夜校的灯,-3,", "is no whole number"),
        ("夜校的灯,1.2万,", "is no whole number"),
        (f"夜校的灯,{'9' * 300},", "is too large"),
        ("夜校的灯,,", "No figure stands in this row"),
        ("夜校的灯,3,2999-01-01", "has not come yet"),
        ("夜校的灯,3,2026-13-40", "is no day"),
        ("两个同名,3,", "Several articles"),
        ("<script>alert(1)</script>,3,", "knows no such article"),
        ("省里的文章,3,", "knows no such article"),
    ],
)
def test_a_row_that_is_not_understood_says_why_and_is_not_kept(network, desk, live, row, said):
    for title in ("夜校的灯", "两个同名", "两个同名"):
        live(title)
    live("省里的文章", network.of_province)
    see = desk(network.duty)
    shown = text(upload(see, network.of_city, f"标题,阅读量,日期\n{row}\n"))
    assert said in shown.replace("&#x27;", "'") and "<script>alert" not in shown
    check(see, "import", columns=["title", "reads", "day"])
    assert kept() == set()


def test_each_row_that_is_not_taken_is_named_by_its_place_and_with_its_own_reason(network, desk):
    shown = text(upload(desk(network.duty), network.of_city, "标题,阅读量\n没有这篇,1\n也没有这篇,2\n"))
    assert shown.count("knows no such article") == 2 and "Row 2" in shown and "Row 3" in shown
    assert "Row 1<" not in shown


def test_an_article_may_stand_once_for_each_day_and_a_figure_be_as_large_as_allowed(network, desk, live):
    live("夜校的灯")
    see, largest = desk(network.duty), str(manual_entry.LARGEST)
    figures = enumerate(["1", largest, f"{largest}0"], start=2)
    rows = [f"夜校的灯,{figure},2026-01-0{day}" for day, figure in figures]
    shown = text(upload(see, network.of_city, "\n".join(["标题,阅读量,日期", *rows])))
    assert "2 rows are understood" in shown and "is too large" in shown
    check(see, "import", columns=["title", "reads", "day"])
    assert [value for *_about, value, _source in sorted(kept())] == [1, manual_entry.LARGEST]


def test_an_article_that_stands_twice_is_taken_once(network, desk, live):
    live("夜校的灯")
    see = desk(network.duty)
    shown = text(upload(see, network.of_city, "标题,阅读量\n夜校的灯,1\n夜校的灯,2\n"))
    assert "stands in the table more than once" in shown
    check(see, "import", columns=["title", "reads"])
    assert [value for *_about, value, _source in kept()] == [1]


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        (["", "reads"], "which column holds the article"),
        (["title", ""], "which column holds a figure"),
        (["title", "title"], "Two columns have the same meaning"),
        (["title", "nonsense"], "nonsense"),
    ],
)
def test_columns_that_say_too_little_keep_nothing(network, desk, live, columns, said):
    live("夜校的灯")
    see = desk(network.duty)
    upload(see, network.of_city, "标题,阅读量\n夜校的灯,1\n")
    assert said in text(check(see, "import", columns=columns)) and kept() == set()


def test_an_account_of_another_office_cannot_be_chosen(network, desk, live):
    live("省里的文章", network.of_province)
    see = desk(network.liaison)
    answer = upload(see, network.of_province, "标题,阅读量\n省里的文章,1\n")
    assert "valid choice" in text(answer)
    assert "hub_figures" not in see.client.session


def test_who_was_relieved_between_upload_and_import_keeps_nothing(network, desk, live):
    live("夜校的灯")
    see = desk(network.liaison)
    upload(see, network.of_city, "标题,阅读量\n夜校的灯,1\n")
    network.liaison.memberships.all().delete()
    check(see, "import", columns=["title", "reads"])
    assert kept() == set()


def test_who_was_relieved_in_that_office_alone_sees_the_table_no_more_and_keeps_nothing(network, desk, live):
    live("夜校的灯")
    grant(network.liaison, network.province, Role.LIAISON)
    see = desk(network.liaison)
    upload(see, network.of_city, "标题,阅读量\n夜校的灯,1\n")
    network.liaison.memberships.filter(office=network.city).delete()
    assert see.get("hub_figures_check").status_code == 404
    assert check(see, "import", columns=["title", "reads"]).status_code == 404
    assert kept() == set()


def test_a_file_that_is_no_table_is_told_and_nothing_is_kept(network, desk):
    see = desk(network.duty)
    assert "neither CSV nor XLSX" in text(upload(see, network.of_city, b"\0\1", "a.xlsx"))
    assert "hub_figures" not in see.client.session


def test_understanding_costs_the_same_however_long_the_table_is(network, live, django_assert_max_num_queries):
    item = live("夜校的灯")
    rows = tuple((item.url, f"标题{number}", "1") for number in range(500))
    with django_assert_max_num_queries(2):
        lines = manual_entry.understand(
            network.of_city, Table(("u", "t", "r"), rows), ["url", "title", "reads"], dt.date(2026, 1, 1)
        )
    assert len(lines) == 500


@pytest.mark.parametrize(
    ("header", "meanings"),
    [
        (["标题", "链接", "阅读人数", "阅读次数"], ["title", "url", "read_users", "reads"]),
        (["remote_id", "reads", "likes", "shares", "comments", "as_of"],
         ["", "reads", "likes", "shares", "comments", "day"]),
        (["阅读量", "阅读量(环比)"], ["reads", ""]),
    ],
)  # fmt: skip
def test_what_a_column_means_is_guessed_once_each(header, meanings):
    assert manual_entry.guess(header) == meanings


def test_an_article_that_was_never_there_has_no_figures(network, desk, live):
    item = live("夜校的灯")
    DeliveryItem.objects.filter(pk=item.pk).update(url="", observed_generation=None)
    see = desk(network.duty)
    shown = text(upload(see, network.of_city, "标题,阅读量\n夜校的灯,1\n"))
    assert "The hub knows no such article" in shown
    check(see, "import", columns=["title", "reads"])
    assert kept() == set()


def test_the_log_names_the_file_however_long_its_name_is(network, live):
    line = manual_entry.Line(2, "夜校的灯", live("夜校的灯"), dt.date(2026, 1, 3), {"reads": 7})
    manual_entry.take(network.of_city, [line], filename="数" * 5000 + ".csv", by=network.duty)
    [entry] = ModelLogEntry.objects.filter(action="hub.account.figures")
    assert entry.data["file"] == "数" * 200
