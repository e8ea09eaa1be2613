"""Every road that might lead an unreviewed text to a reader or a platform ends before it gets there."""

import contextlib
import datetime as dt
import json

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.actions.create_alias import CreatePageAliasAction
from wagtail.actions.publish_page_revision import PublishPageRevisionAction
from wagtail.models import Page, WorkflowState
from wagtail.test.utils.form_data import inline_formset, nested_form_data, rich_text, streamfield

from cms.articles import Story
from cms.models import Release
from cms.refusals import Refused
from publishers.models import Account, Delivery, Plan
from readers.models import Reading
from tests.factories import make_story
from tests.factories_release import approve, make_release, ready_for_review, submit

pytestmark = pytest.mark.django_db
SECRET = "还没有审过的文字"


@pytest.fixture(autouse=True)
def ready(db):
    ready_for_review()


@pytest.fixture
def planned(cast):
    """An account to which the text shall go as soon as it is signed off."""
    account = Account.objects.create(office=cast.office, platform="wechat", name="南粤女声")

    def plan(page):
        Plan.objects.create(
            page_id=page.pk, account=account, created_by_id=cast.duty.pk, created_by_name="值班"
        )

    return plan


@pytest.fixture(params=["draft", "in review", "approved by two"])
def unreviewed(request, cast, planned):
    """A text that has not passed its review; it waits to be distributed."""
    page = make_story(cast.section, cast.editor, title=SECRET, slug="secret")
    planned(page)
    if request.param != "draft":
        submit(page, cast.editor)
    if request.param == "approved by two":
        approve(page, cast.reviewer1)
        approve(page, cast.reviewer2)
    return page


def assert_nobody_sees(page, secret=SECRET) -> None:
    reader = Client()
    parent = Page.objects.get(pk=page.pk).get_parent()
    for address in ("/", f"/s/{parent.pk}/", "/o/province/", "/api/v1/articles/"):
        response = reader.get(address)
        assert response.status_code == 200
        assert secret not in response.content.decode(), address
    for address in (f"/a/{page.pk}/", f"/api/v1/articles/{page.pk}/"):
        assert secret not in reader.get(address).content.decode(), address
    for address in (Page.objects.get(pk=page.pk).url_path, f"/pages/{page.pk}/", "/home/secret/"):
        assert reader.get(address).status_code == 404, address
    assert secret not in "".join(bytes(r.document).decode() for r in Release.objects.all())
    assert not Delivery.objects.filter(items__release__page_id=page.pk, items__release__title=secret).exists()


def assert_nothing_came_of_it(page) -> None:
    assert_nobody_sees(page)
    assert not Release.objects.exists() and not Reading.objects.exists() and not Delivery.objects.exists()
    assert Plan.objects.count() == 1, "the plan still waits for its sign-off"
    assert [reader.status_code for reader in _both(page)] == [404, 404]


def _both(page):
    return [Client().get(f"/a/{page.pk}/"), Client().get(f"/api/v1/articles/{page.pk}/")]


refusals = (PermissionDenied, Refused)


def form(page, **pressed):
    fields = {
        "title": page.title,
        "slug": page.slug,
        "body": streamfield([("paragraph", rich_text("<p>她又添了一架书。</p>"))]),
        "variants": inline_formset([]),
        "comments": inline_formset([]),
    }
    return nested_form_data({**fields, **pressed})


def test_what_was_not_published_is_not_there(unreviewed):
    assert_nothing_came_of_it(unreviewed)


@pytest.mark.parametrize("button", ["action-publish", "action-approve", "action-unlock"])
def test_a_superuser_presses_publish_in_the_editor(unreviewed, admin, button):
    address = reverse("wagtailadmin_pages:edit", args=[unreviewed.pk])
    admin.post(address, form(unreviewed, **{button: "1"}), follow=True)
    assert_nothing_came_of_it(unreviewed)
    unreviewed.refresh_from_db()
    assert not unreviewed.live


def test_a_superuser_creates_and_publishes_in_one_go(cast, admin):
    address = reverse("wagtailadmin_pages:add", args=["cms", "story", cast.section.pk])
    said = form(Story(title=SECRET, slug="secret"), **{"action-publish": "1"})
    admin.post(address, said, follow=True)
    made = Story.objects.get()
    assert_nobody_sees(made)
    assert not made.live and not Release.objects.exists()


@pytest.mark.parametrize("include_descendants", ["", "on"])
def test_a_superuser_publishes_a_heap_of_pages(unreviewed, cast, admin, include_descendants):
    address = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "publish"])
    for ids in ([unreviewed.pk], [unreviewed.pk, cast.section.pk]):
        query = "&".join(f"id={pk}" for pk in ids)
        said = {"include_descendants": include_descendants} if include_descendants else {}
        with contextlib.suppress(*refusals):
            admin.post(f"{address}?{query}&next=/admin/", said, follow=True)
    assert_nothing_came_of_it(unreviewed)


def test_an_older_version_is_published_from_the_history(unreviewed, admin):
    revision = unreviewed.latest_revision
    said = form(unreviewed, **{"action-publish": "1", "revision": str(revision.pk)})
    for name in ("revisions_revert", "revisions_unschedule"):
        address = reverse(f"wagtailadmin_pages:{name}", args=[unreviewed.pk, revision.pk])
        admin.post(address, said, follow=True)
    assert_nothing_came_of_it(unreviewed)


ROADS = {
    "revision.publish": lambda page, user: page.get_latest_revision().publish(user=user),
    "revision.publish, skipping Wagtail's check": lambda page, user: page.get_latest_revision().publish(
        user=user, skip_permission_checks=True
    ),
    "page.publish": lambda page, user: page.publish(page.get_latest_revision(), user=user),
    "PublishPageRevisionAction": lambda page, user: PublishPageRevisionAction(
        page.get_latest_revision(), user=user
    ).execute(),
    "PublishPageRevisionAction, skipping Wagtail's check": lambda page, user: PublishPageRevisionAction(
        page.get_latest_revision(), user=user
    ).execute(skip_permission_checks=True),
    "save_revision and publish": lambda page, user: page.save_revision(user=user).publish(user=user),
    "live = True; save()": lambda page, user: _live(page).save(),
    "live = True; save(clean=False)": lambda page, user: _live(page).save(clean=False),
    "an UPDATE": lambda page, user: Story.objects.filter(pk=page.pk).update(
        live=True, live_revision=page.latest_revision, first_published_at=timezone.now()
    ),
    "finishing the workflow": lambda page, user: WorkflowState.objects.get().finish(user=user),
    "the workflow's own end": lambda page, user: WorkflowState.objects.get().on_finish(user=user),
    "copying it alive": lambda page, user: page.copy(
        update_attrs={"slug": "copied"}, keep_live=True, user=user, copy_revisions=True
    ),
    "an alias": lambda page, user: CreatePageAliasAction(
        page, parent=page.get_parent(), update_slug="alias", user=user
    ).execute(),
}


def _live(page):
    page.live = True
    return page


@pytest.mark.parametrize("road", ROADS)
def test_code_publishes_it(unreviewed, cast, road):
    page = Story.objects.get(pk=unreviewed.pk)
    with contextlib.suppress(*refusals, WorkflowState.DoesNotExist):
        ROADS[road](page, cast.admin)
    assert_nothing_came_of_it(unreviewed)
    for copy in Story.objects.exclude(pk=unreviewed.pk):
        assert_nobody_sees(copy)


def test_a_date_of_publication_passes_without_a_sign_off(unreviewed, cast):
    moment = timezone.now() + dt.timedelta(hours=1)
    revision = unreviewed.latest_revision
    content = {**revision.content, "go_live_at": moment.isoformat()}
    type(revision).objects.filter(pk=revision.pk).update(content=content, approved_go_live_at=moment)
    Story.objects.filter(pk=unreviewed.pk).update(go_live_at=moment)
    with time_machine.travel(moment + dt.timedelta(minutes=1), tick=False):
        with contextlib.suppress(*refusals):
            call_command("publish_scheduled")
        assert_nothing_came_of_it(unreviewed)


def test_somebody_saves_a_new_version_of_a_released_text(cast, admin):
    page = make_story(cast.section, cast.editor, title="审过的题目", slug="secret")
    release = make_release(page)
    page = Story.objects.get(pk=page.pk)
    page.title = SECRET
    revision = page.save_revision(user=cast.editor)
    for road in (
        lambda: revision.publish(user=cast.admin),
        lambda: page.save(),
        lambda: admin.post(
            reverse("wagtailadmin_pages:edit", args=[page.pk]), form(page, **{"action-publish": "1"})
        ),
    ):
        with contextlib.suppress(*refusals):
            road()
        assert_nobody_sees(page)
        assert "审过的题目" in Client().get(f"/a/{page.pk}/").content.decode()
        assert Story.objects.get(pk=page.pk).live
    assert Release.objects.get() == release


def test_the_signed_version_is_shown_again_and_not_the_draft_after_it(cast):
    page = make_story(cast.section, cast.editor, title="审过的题目")
    make_release(page)
    signed = Story.objects.get().live_revision
    page = Story.objects.get()
    page.title = SECRET
    page.save_revision(user=cast.editor)
    signed.publish(user=cast.admin)  # Wagtail may, since it was signed off; readers get what they had
    assert_nobody_sees(page)
    assert Release.objects.count() == 1


def test_an_alias_of_a_released_text_shows_its_original_only(cast):
    page = make_story(cast.section, cast.editor, title="审过的题目")
    make_release(page)
    alias = Story.objects.get().create_alias(update_slug="alias", user=cast.admin)
    assert alias.live
    assert [response.status_code for response in _both(alias)] == [404, 404]
    assert len(json.loads(Client().get("/api/v1/articles/").content)["items"]) == 1


def test_the_good_road_works_so_that_the_others_fail_for_their_own_reason(cast, planned):
    page = make_story(cast.section, cast.editor, title=SECRET, slug="secret")
    planned(page)
    submit(page, cast.editor)
    for reviewer in (cast.reviewer1, cast.reviewer2, cast.reviewer3):
        approve(page, reviewer)
    assert [response.status_code for response in _both(page)] == [200, 200]
    assert Delivery.objects.count() == 1 and not Plan.objects.exists()
