"""The "read the original" link leads to the article and counts, and keeps nothing of the reader."""

import pytest
from django.utils import timezone

from publishers.models import Delivery, DeliveryItem, SourceLink, SourceVisits
from tests.publishers.engine.cast import send

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def link(account, release):
    item = send(release, account=account).items.get()
    return SourceLink.objects.create(token="a1b2c3", item=item, generation=1)


def test_it_leads_to_the_article_and_counts_by_day(client, link, django_assert_max_num_queries):
    for _ in range(3):
        with django_assert_max_num_queries(5):
            answer = client.get("/r/a1b2c3")
        assert (answer.status_code, answer["Location"]) == (302, "/a/7/")
    assert "no-store" in answer["Cache-Control"] and not answer.cookies
    visits = SourceVisits.objects.get()
    assert (visits.count, visits.day) == (3, timezone.localdate())


def test_a_machine_that_only_looks_is_not_counted(client, link):
    assert client.head("/r/a1b2c3").status_code == 302
    assert not SourceVisits.objects.exists()


def test_an_unknown_token_is_not_found(client, link):
    assert client.get("/r/unknown").status_code == 404
    assert client.post("/r/a1b2c3").status_code == 405


def test_the_links_of_earlier_generations_keep_working(client, link):
    SourceLink.objects.create(token="d4e5f6", item=link.item, generation=2)
    assert client.get("/r/a1b2c3").status_code == client.get("/r/d4e5f6").status_code == 302
    assert SourceVisits.objects.count() == 2


def test_the_link_that_is_shown_is_that_of_the_present_generation(link):
    SourceLink.objects.create(token="d4e5f6", item=link.item, generation=2)
    for generation, token in ((1, "a1b2c3"), (2, "d4e5f6"), (3, "")):
        Delivery.objects.update(generation=generation)
        assert DeliveryItem.objects.get().token == token
