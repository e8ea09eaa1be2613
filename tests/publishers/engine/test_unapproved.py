"""What reaches a platform is the signed Release, at its time: whatever is done to the page meanwhile.

The roads that lead past the review are in tests/cms/releases/test_holes.py, forged rows in test_forged.
"""

import contextlib
import json

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.urls import reverse
from wagtail.test.utils.form_data import inline_formset, nested_form_data, rich_text, streamfield

from cms import refusals as reviewing
from cms.articles import Story
from cms.models import Variant
from cms.refusals import Refused
from publishers import engine
from publishers.distribution import plan, reschedule, retry
from publishers.models import Delivery, Phase
from publishers.people.permissions import OPERATOR
from tests.factories import make_image, make_story, picture_bytes
from tests.factories_release import make_release, ready_for_review, submit
from tests.publishers.engine.cast import make_account, make_due, send, sent_titles, signed_release
from tests.publishers.engine.clock import an_hour_ago, in_an_hour
from tests.publishers.engine.test_forged import forge_delivery
from tests.publishers.engine.tiny import Tiny

pytestmark = pytest.mark.django_db(transaction=True)
SECRET = "还没有审过的题目"
SIGNED = "审过的题目"


@pytest.fixture
def account(cast, server):
    return make_account(cast.office, server)


def press_publish(admin, page, title):
    """Let the superuser save the page with another title and press Wagtail's publish button."""
    fields = {
        "title": title,
        "slug": page.slug,
        "body": streamfield([("paragraph", rich_text(f"<p>{SECRET}</p>"))]),
        "variants": inline_formset([]),
        "comments": inline_formset([]),
        "action-publish": "1",
    }
    admin.post(reverse("wagtailadmin_pages:edit", args=[page.pk]), nested_form_data(fields), follow=True)


def everything_sent(server) -> str:
    return json.dumps(server.bodies, ensure_ascii=False)


def run_all() -> None:
    for delivery_id in engine.sweep():
        engine.run(delivery_id)


# --- before the sign-off ----------------------------------------------------------------------------------


@pytest.mark.parametrize("in_review", [False, True])
def test_a_superuser_who_publishes_a_planned_text_sends_nothing(cast, account, server, admin, in_review):
    story = make_story(cast.section, cast.editor, title=SECRET)
    plan(story, account, by=cast.duty)
    if in_review:
        put_in_review(story)
    press_publish(admin, story, SECRET)
    with contextlib.suppress(PermissionDenied, reviewing.Refused):
        story.get_latest_revision().publish(user=cast.admin)
    run_all()
    assert server.total == 0 and not Delivery.objects.exists()


def put_in_review(story):
    ready_for_review()
    submit(story, story.owner)


def test_a_text_in_review_cannot_be_distributed_by_command(cast, account, server):
    story = make_story(cast.section, cast.editor, title=SECRET)
    put_in_review(story)
    with pytest.raises(CommandError):
        call_command("distribute", str(story.pk), "--account", account.name)
    run_all()
    assert server.total == 0


# --- after the sign-off -----------------------------------------------------------------------------------


def test_a_page_that_was_edited_after_its_sign_off_goes_out_as_it_was_signed(cast, account, server, admin):
    story = make_story(cast.section, cast.editor, title=SIGNED)
    delivery = send(make_release(story, cast=cast), account=account)
    page = Story.objects.get(pk=story.pk)
    page.title = SECRET
    page.variants = [Variant(channel="tiny", title=SECRET)]
    page.save_revision(user=cast.editor)
    press_publish(admin, page, SECRET)
    Story.objects.filter(pk=page.pk).update(title=SECRET, live=True)
    assert engine.run(delivery.pk) == Phase.SETTLED
    assert sent_titles(server) == [SIGNED] and SECRET not in everything_sent(server)


def test_what_is_distributed_later_is_the_signed_version_and_not_the_draft_after_it(cast, account, server):
    story = make_story(cast.section, cast.editor, title=SIGNED)
    make_release(story, cast=cast)
    page = Story.objects.get(pk=story.pk)
    page.title = SECRET
    page.save_revision(user=cast.editor)
    call_command("distribute", str(story.pk), "--account", account.name)
    run_all()
    assert sent_titles(server) == [SIGNED] and SECRET not in everything_sent(server)


def test_a_picture_that_was_replaced_in_the_library_goes_out_as_it_was_signed(
    cast, account, server, monkeypatch
):
    sent = []

    def upload(self, job, client, picture):
        sent.append(picture.read())
        return job.uploaded("body", picture, lambda: client.call("/upload", {"sha256": picture.sha256}))[
            "url"
        ]

    monkeypatch.setattr(Tiny, "_upload", upload)
    image = make_image(colour="#b3261e")
    signed = picture_bytes(colour="#b3261e")
    block = {"image": image, "alt": "图书角", "credit": "何静 摄", "caption": ""}
    story = make_story(cast.section, cast.editor, title=SIGNED, body=[("image", block)])
    delivery = send(make_release(story, cast=cast), account=account)
    with image.file.storage.open(image.file.name, "wb") as file:
        file.write(picture_bytes(colour="#1f5f8b"))
    assert engine.run(delivery.pk) == Phase.SETTLED
    assert sent == [signed]


# --- before its time --------------------------------------------------------------------------------------


def assert_waits(delivery, server, until):
    make_due(delivery)
    assert engine.run(delivery.pk) == Phase.SCHEDULED
    delivery.refresh_from_db()
    assert server.total == 0 and delivery.next_at == until and delivery.reason


@pytest.fixture
def until():
    return in_an_hour()


@pytest.fixture
def later(until):
    """A Release that readers may see from ``until`` on."""
    return signed_release(public_from=until)


def test_a_release_is_not_sent_before_its_time_though_the_desk_asks_for_now(later, account, server, until):
    delivery = send(later, account=account, at=an_hour_ago())
    assert engine.run(delivery.pk) == Phase.SCHEDULED and engine.sweep() == []
    assert_waits(delivery, server, until)


def test_a_release_is_not_sent_before_its_time_though_it_was_moved_or_retried(later, account, server, until):
    delivery = send(later, account=account)
    reschedule(delivery, an_hour_ago(), by=OPERATOR)
    assert_waits(delivery, server, until)
    with pytest.raises(Refused):
        retry(delivery, by=OPERATOR)
    assert_waits(delivery, server, until)


@pytest.mark.parametrize("phase", [Phase.SCHEDULED, Phase.SENDING, Phase.CONFIRMING])
def test_a_release_is_not_sent_before_its_time_though_the_row_was_forged(
    later, account, server, until, phase
):
    delivery = forge_delivery(account, later)
    Delivery.objects.update(phase=phase)
    assert_waits(delivery, server, until)


def test_an_edition_waits_for_the_last_of_its_texts(later, account, server, until):
    assert_waits(send(signed_release(page_id=8), later, account=account), server, until)
