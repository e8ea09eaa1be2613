"""A delivery by hand at the desk: whoever may send finds all she needs, and finishes it."""

import dataclasses
import datetime as dt
import io
import zipfile

import PIL.Image
import pytest
from django.db import transaction
from django.utils import timezone

from publishers import engine, registry
from publishers.distribution.correcting import carry_newer, correct
from publishers.engine import removing
from publishers.models import Account, Cause, CorrectionStrategy, Delivery, Phase
from publishers.people.permissions import OPERATOR
from tests.factories import make_section, make_story
from tests.publishers.desk.conftest import refused, text, turned_away
from tests.publishers.engine.cast import make_due, send, signed_release

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def task(network):
    Account.objects.filter(pk=network.of_city.pk).update(transport="manual")
    network.of_city.refresh_from_db()
    delivery = send(signed_release(7, title="山里的<阅览室>"), account=network.of_city)
    assert engine.run(delivery.pk) == Phase.ATTENTION
    delivery.refresh_from_db()
    return delivery


def record(see, delivery, url):
    item = delivery.items.get()
    said = {"action": "record", "item": item.pk, "release": item.release_id, "url": url}
    return see.post("hub_delivery", delivery.pk, said=said)


@pytest.mark.parametrize("who", ["duty", "liaison", "provincial"])
def test_whoever_may_send_gets_everything_and_finishes_it(who, task, network, desk, server):
    see = desk(getattr(network, who))
    page = text(see.get("hub_delivery", task.pk))
    assert "山里的&lt;阅览室&gt;" in page and "林晓岚" in page and page.count("w-clipboard#copy") == 4
    assert task.items.get().links.get().token in page and "To be done by" in page
    assert f"/deliveries/{task.pk}/package/" in page and 'value="retry"' not in page
    assert "It is live there" not in page
    record(see, task, f"{server.url}/a/1")
    task.refresh_from_db()
    assert task.phase == Phase.SETTLED


def test_a_wrong_host_or_an_address_that_is_used_is_said_and_the_task_stays(task, network, desk, server):
    see = desk(network.liaison)
    for url in ("https://elsewhere.example/a/1", "javascript:alert(1)", ""):
        record(see, task, url)
        task.refresh_from_db()
        assert task.phase == Phase.ATTENTION
    record(see, task, f"{server.url}/a/1")
    second = send(signed_release(8, title="另一篇", pictures=2), account=network.of_city)
    engine.run(second.pk)
    assert "This is the address of" in text(record(see, second, f"{server.url}/a/1"))
    second.refresh_from_db()
    assert second.phase == Phase.ATTENTION


def test_an_address_for_a_text_that_was_replaced_while_she_looked_is_not_taken(task, network, desk, server):
    item = task.items.get()
    said = {"action": "record", "item": item.pk, "release": item.release_id, "url": f"{server.url}/a/1"}
    with transaction.atomic():
        carry_newer(signed_release(7, title="新题"), user=None)
    make_due(task)
    engine.run(task.pk)
    answer = desk(network.liaison).post("hub_delivery", task.pk, said=said)
    assert "A newer text has been signed off meanwhile" in text(answer)
    task.refresh_from_db()
    assert task.phase == Phase.ATTENTION and not task.items.get().url


@pytest.mark.parametrize("who", ["auditor", "administrator"])
def test_who_may_only_look_gets_no_task_and_no_package(who, task, network, desk, server):
    see = desk(getattr(network, who))
    assert "w-clipboard#copy" not in text(see.get("hub_delivery", task.pk))
    assert refused(see.get("hub_package", task.pk))
    assert refused(see.get("hub_handed_picture", task.pk, 0, "01"))
    assert turned_away(record(see, task, f"{server.url}/a/1"))
    assert turned_away(see.post("hub_delivery", task.pk, said={"action": "take_over"}))
    task.refresh_from_db()
    assert task.phase == Phase.ATTENTION


def test_a_task_of_another_office_is_not_there(network, desk):
    Account.objects.filter(pk=network.of_province.pk).update(transport="manual")
    network.of_province.refresh_from_db()
    delivery = send(signed_release(7), account=network.of_province)
    engine.run(delivery.pk)
    see = desk(network.duty)
    for name, more in (("hub_delivery", ()), ("hub_package", ()), ("hub_handed_picture", (0, "01"))):
        assert see.get(name, delivery.pk, *more).status_code == 404


def test_the_package_and_each_picture_are_downloads(task, network, desk):
    see = desk(network.liaison)
    answer = see.get("hub_package", task.pk)
    content = b"".join(answer.streaming_content)
    assert "article.docx" in zipfile.ZipFile(io.BytesIO(content)).namelist()
    assert "attachment" in answer["Content-Disposition"]
    picture = see.get("hub_handed_picture", task.pk, 0, "01")
    assert PIL.Image.open(io.BytesIO(picture.content)).size == (60, 40)
    assert "attachment" in picture["Content-Disposition"] and picture["Content-Type"] == "image/png"
    assert see.get("hub_handed_picture", task.pk, 0, "09").status_code == 404


def test_nothing_of_the_article_can_run_on_the_desk(task, network, desk):
    page = text(desk(network.liaison).get("hub_delivery", task.pk))
    assert 'sandbox="allow-same-origin"' in page and "allow-scripts" not in page


@pytest.mark.parametrize("base_url", ["", "http://127.0.0.1:9/tiny"])
def test_the_console_is_a_link_only_where_the_platform_is_itself(base_url, task, network, desk, monkeypatch):
    tiny = registry.get("tiny")
    platform = dataclasses.replace(tiny.platform, console="https://console.example/")
    monkeypatch.setattr(tiny, "platform", platform)
    Account.objects.filter(pk=network.of_city.pk).update(base_url=base_url)
    page = text(desk(network.liaison).get("hub_delivery", task.pk))
    assert ("https://console.example/" in page) == (not base_url)


def test_what_is_to_be_taken_down_is_closed_by_a_word(task, network, desk, server):
    see = desk(network.liaison)
    record(see, task, f"{server.url}/a/1")
    with transaction.atomic():
        removing.ask([item.pk for item in task.items.all()], [task.pk])
    make_due(task)
    engine.run(task.pk)
    page = text(see.get("hub_delivery", task.pk))
    assert 'value="gone"' in page and f"{server.url}/a/1" in page and "w-clipboard#copy" not in page
    assert see.get("hub_package", task.pk).status_code == 302
    see.post("hub_delivery", task.pk, said={"action": "gone"})
    task.refresh_from_db()
    assert task.phase == Phase.SETTLED and task.is_gone


def test_a_corrected_text_can_be_copied_where_a_person_changes_it(task, network, desk, server):
    see, page_id = desk(network.liaison), make_story(make_section(network.city)).pk
    earlier = send(signed_release(page_id, title="原题", pictures=2), account=network.of_city)
    engine.run(earlier.pk)
    record(see, earlier, f"{server.url}/a/1")
    newer = signed_release(page_id, title="改正后的题目")
    [correction] = correct(newer, {network.of_city: CorrectionStrategy.BY_HAND}, by=OPERATOR)
    engine.run(correction.pk)
    correction.refresh_from_db()
    assert correction.cause == Cause.BY_HAND
    page = text(see.get("hub_delivery", correction.pk))
    assert "改正后的题目" in page and "w-clipboard#copy" in page and "I changed the text there" in page
    record(see, correction, f"{server.url}/a/1")
    correction.refresh_from_db()
    assert correction.phase == Phase.SETTLED


def test_the_look_first_question_stands_where_something_may_be_there(network, desk, server):
    server.faults["/submit"], server.undecided = ["cut"], None
    delivery = send(signed_release(7), account=network.of_city)
    engine.run(delivery.pk)
    make_due(delivery)
    engine.run(delivery.pk)
    see = desk(network.liaison)
    page = text(see.get("hub_delivery", delivery.pk))
    assert 'name="looked"' in page and 'value="take_over"' in page
    answer = text(see.post("hub_delivery", delivery.pk, said={"action": "take_over"}))
    assert "look there first" in answer
    delivery.refresh_from_db()
    assert delivery.transport == "api"
    see.post("hub_delivery", delivery.pk, said={"action": "take_over", "looked": "on"})
    delivery.refresh_from_db()
    assert delivery.transport == "manual"


def test_where_nothing_can_be_there_nothing_is_asked(network, desk, server):
    server.faults["/draft"] = ["permanent"]
    delivery = send(signed_release(7), account=network.of_city)
    engine.run(delivery.pk)
    see = desk(network.liaison)
    assert 'name="looked"' not in text(see.get("hub_delivery", delivery.pk))
    see.post("hub_delivery", delivery.pk, said={"action": "take_over"})
    assert engine.run(delivery.pk) == Phase.ATTENTION
    assert "w-clipboard#copy" in text(see.get("hub_delivery", delivery.pk))


def test_the_lists_name_what_is_late_and_the_latest_stands_first(task, network, desk):
    second = send(signed_release(8, title="另一篇", pictures=2), account=network.of_city)
    engine.run(second.pk)
    late = timezone.now() - dt.timedelta(hours=3)
    Delivery.objects.filter(pk=second.pk).update(deadline_at=late)
    for name in ("hub_deliveries", "wagtailadmin_home"):
        page = text(desk(network.liaison).get(name))
        assert "Late since" in page and page.index("另一篇") < page.index("山里的&lt;阅览室&gt;")


def test_an_edition_costs_as_many_questions_as_it_has_articles_and_no_more(
    network, desk, django_assert_max_num_queries
):
    Account.objects.filter(pk=network.of_city.pk).update(transport="manual")
    network.of_city.refresh_from_db()
    one = send(signed_release(1, pictures=1), account=network.of_city)
    two = send(signed_release(2, pictures=8), signed_release(3, pictures=9), account=network.of_city)
    for delivery in (one, two):
        engine.run(delivery.pk)
    see = desk(network.liaison)
    see.get("hub_delivery", one.pk)
    with django_assert_max_num_queries(34):
        see.get("hub_delivery", one.pk)
    with django_assert_max_num_queries(36):
        see.get("hub_delivery", two.pk)
    with django_assert_max_num_queries(14):
        see.get("hub_package", two.pk)
