"""A page that has Releases is kept, whoever deletes it and however; the refusal says what to do instead."""

import contextlib

import pytest
from django.db import transaction
from django.db.models import ProtectedError
from django.test import Client
from django.urls import reverse
from django.utils.translation import override
from wagtail.actions.delete_page import DeletePageAction
from wagtail.models import Page

from cms.articles import Story
from cms.models import Release
from cms.refusals import Refused
from cms.review.delete_protection import refusal_to_delete
from tests.cms.review.conftest import said
from tests.factories import make_office, make_section, make_story
from tests.factories_release import make_release

pytestmark = pytest.mark.django_db


@pytest.fixture
def released(cast):
    page = make_story(cast.section, cast.editor, title="签发过的")
    make_release(page)
    return Story.objects.get()


@pytest.fixture
def draft(cast):
    return make_story(cast.section, cast.editor, title="草稿")


def assert_kept(page) -> None:
    assert Story.objects.filter(pk=page.pk).exists()
    assert Page.objects.get(pk=page.pk).get_parent()
    assert not Page.find_problems()[0], "the tree is whole"
    assert Release.objects.get().page_id == page.pk
    assert page.title in Client().get(f"/a/{page.pk}/").content.decode()


def test_a_superuser_deletes_it_in_the_admin(released, admin):
    address = reverse("wagtailadmin_pages:delete", args=[released.pk])
    for answer in (admin.get(address, follow=True), admin.post(address, follow=True)):
        assert "“签发过的”已经签发" in said(answer) and "取消发布" in said(answer)
    assert_kept(released)


@pytest.mark.parametrize("above", ["section", "branch"])
def test_a_superuser_deletes_what_it_stands_under(released, cast, admin, above):
    page = {"section": cast.section, "branch": cast.office.branch}[above]
    said_name = {"wagtail_site_name": "女声中枢"}
    answer = admin.post(reverse("wagtailadmin_pages:delete", args=[page.pk]), said_name, follow=True)
    assert "不能删除" in said(answer)
    assert_kept(released)


def test_a_superuser_deletes_a_heap_of_pages_with_it_among_them(released, draft, cast, admin):
    address = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "delete"])
    heap = f"id={draft.pk}&id={released.pk}"
    answer = admin.post(f"{address}?{heap}&next=/admin/", {"next": "/admin/"}, follow=True)
    assert "不能删除" in said(answer)
    assert_kept(released)
    assert Story.objects.filter(pk=draft.pk).exists(), "all or nothing"
    answer = admin.post(f"{address}?id={cast.section.pk}", {"next": "/admin/"}, follow=True)
    assert "不能删除" in said(answer)
    assert_kept(released)


def test_the_whole_tree_is_deleted_from_the_listing(released, admin, cast):
    address = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "delete"])
    admin.post(f"{address}?id=all&childOf={cast.section.pk}", {"next": "/admin/"}, follow=True)
    assert_kept(released)


ROADS = {
    "page.delete": lambda page, user: page.delete(),
    "page.delete by a superuser": lambda page, user: page.delete(user=user),
    "the plain page's delete": lambda page, user: Page.objects.get(pk=page.pk).delete(),
    "DeletePageAction": lambda page, user: DeletePageAction(page, user=user).execute(),
    "DeletePageAction, skipping its check": lambda page, user: DeletePageAction(page).execute(
        skip_permission_checks=True
    ),
    "the section's delete": lambda page, user: page.get_parent().delete(),
    "the section's DeletePageAction": lambda page, user: DeletePageAction(
        page.get_parent(), user=user
    ).execute(),
    "the home page's delete": lambda page, user: page.get_parent().get_parent().delete(),
    "queryset.delete": lambda page, user: Story.objects.filter(pk=page.pk).delete(),
    "queryset.delete of pages": lambda page, user: Page.objects.filter(pk=page.pk).delete(),
    "queryset.delete of all": lambda page, user: Page.objects.filter(depth__gt=1).delete(),
    "get_children().delete": lambda page, user: page.get_parent().get_children().delete(),
    "get_descendants().delete": lambda page, user: Page.get_first_root_node().get_descendants().delete(),
}


@pytest.mark.parametrize("road", ROADS)
def test_code_deletes_it(released, cast, road):
    with pytest.raises((Refused, ProtectedError), match=r"不能删除|Office\.branch"), transaction.atomic():
        ROADS[road](released, cast.admin)
    assert_kept(released)


def test_moving_it_away_is_no_way_round(released, cast, admin):
    elsewhere = make_section(make_office("yunshan", name="云山市妇女联合会"), title="云山故事")
    released.move(elsewhere, pos="last-child")
    for page in (Story.objects.get(), elsewhere):
        with pytest.raises(Refused), transaction.atomic():
            Page.objects.get(pk=page.pk).delete()
    assert_kept(released)


def test_moving_its_section_away_is_no_way_round(released, cast):
    city = make_office("yunshan", name="云山市妇女联合会")
    Page.objects.get(pk=cast.section.pk).move(city.branch, pos="last-child")
    with pytest.raises(Refused), transaction.atomic():
        Page.objects.get(pk=cast.section.pk).delete()
    assert_kept(released)


@pytest.mark.parametrize("text", ["draft", "in an empty section"])
def test_what_was_never_signed_off_is_deleted_as_always(released, draft, cast, admin, text):
    empty = make_section(cast.office, title="空栏目")
    page = draft if text == "draft" else empty
    admin.post(reverse("wagtailadmin_pages:delete", args=[page.pk]), follow=True)
    assert not Page.objects.filter(pk=page.pk).exists()
    assert_kept(released)


def test_unpublishing_is_the_archive_and_keeps_everything(released, cast, admin):
    admin.post(reverse("wagtailadmin_pages:unpublish", args=[released.pk]), follow=True)
    released.refresh_from_db()
    assert not released.live
    assert Client().get(f"/a/{released.pk}/").status_code == 404
    assert Release.objects.get().page_id == released.pk
    with pytest.raises(Refused), transaction.atomic():
        released.delete()


def test_a_page_in_the_archive_is_kept_too_after_its_revisions_are_purged(released):
    with contextlib.suppress(Exception):
        released.revisions.all().delete()
    with pytest.raises(Refused), transaction.atomic():
        Story.objects.get().delete()
    assert Release.objects.exists()


def test_the_refusal_names_the_text_and_says_what_to_do(released, draft, cast):
    with override("en"):
        sentence = refusal_to_delete(cast.section)
    assert "“签发过的” has been signed off" in sentence and "Archive it" in sentence
    assert refusal_to_delete(draft) is None
