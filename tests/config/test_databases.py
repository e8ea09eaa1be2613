"""What the tests' own database promises to each of them."""

import pytest
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from wagtail.models import Page

from cms.models import Office, Release
from cms.releases import triggers
from tests.elsewhere import touches_database
from tests.factories_release import make_release


def all_rows() -> dict[str, list[str]]:
    with connection.cursor() as cursor:
        rows = {}
        for name in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{name}"')
            rows[name] = sorted(map(str, cursor.fetchall()))
        return rows


@pytest.mark.django_db(transaction=True)
def test_after_a_test_with_transactions_of_its_own_everything_is_as_the_migrations_made_it(django_db_setup):
    put_back = django_db_setup
    before = all_rows()
    assert before["wagtailcore_page"] and before["django_content_type"]
    make_release()
    Page.objects.filter(depth=1).update(title="another")
    ContentType.objects.create(app_label="cms", model="another")
    Permission.objects.all().delete()
    put_back()
    assert all_rows() == before
    assert not Office.objects.exists() and not Release.objects.exists()
    assert not triggers.missing()


def test_who_asks_for_no_database_touches_none(request, settings):
    assert not touches_database(request.node)


@pytest.mark.django_db
def test_who_is_marked_touches_it(request):
    assert touches_database(request.node)


def test_who_has_a_fixture_that_asks_for_it_touches_it(request, cast):
    assert touches_database(request.node)


@pytest.fixture
def server_of_another_name(live_server):
    return live_server


def test_who_has_a_server_touches_it(request, server_of_another_name):
    assert touches_database(request.node)
