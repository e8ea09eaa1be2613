"""Sign-off by direct call: what makes a Release, what it holds, and each reason to refuse."""

import dataclasses
import datetime as dt
import hashlib
import json

import pytest
from django.utils import timezone
from django.utils.translation import override
from wagtail.models import PageLogEntry, Revision, TaskState

from cms import channels, releases, signing
from cms.articles import Story
from cms.channels import Limits
from cms.media import blobs
from cms.models import Blob, Release, Role, Stage, Variant
from cms.releases.sign_off import SignOffRefused, sign_off
from cms.review.approval import Approval
from cms.review.decisions import built_from
from cms.review.state import ReviewState
from cms.review.task import ReviewTask
from readers.models import Reading
from tests.factories import (
    make_document,
    make_image,
    make_office,
    make_section,
    make_story,
    make_user,
    picture_bytes,
)
from tests.factories_release import approve, make_release, ready_for_review, submit, waiting

pytestmark = pytest.mark.django_db
IN_ORDER = (Stage.FIRST, Stage.SECOND, Stage.FINAL)


@pytest.fixture(autouse=True)
def hub(settings):
    ready_for_review()
    settings.LANGUAGE_CODE = "en"
    with override("en"):
        yield


@pytest.fixture
def story(cast):
    picture = {"cover": make_image(), "cover_alt": "图书角", "cover_credit": "省妇联"}
    return make_story(cast.section, author=cast.editor, **picture)


@pytest.fixture
def run(story, cast):
    """The story's review at its very beginning."""
    return submit(story, cast.editor)


def give(run, *given: tuple[Stage, object], **forged) -> None:
    """Write genuine approvals past ``ReviewState.approve``, as somebody who owns the hub's process could.

    ``forged`` are facts of the statements that are not as they are.
    """
    opened = run.current_task_state.specific
    ReviewState.objects.filter(pk=opened.pk).delete()
    for stage, user in given:
        _give(run, opened, stage, user, forged)


def _give(run, opened, stage, user, forged) -> None:
    task = ReviewTask.objects.get(stage=stage)
    state = ReviewState(workflow_state=run, task=task, stage=stage, revision=opened.revision)
    state.sha256 = forged.get("sha256", opened.sha256)
    state.save()
    approval = Approval(
        workflow_state=run.pk,
        task_state=state.pk,
        page_id=int(run.object_id),
        revision_id=state.revision_id,
        stage=stage,
        user_id=user.pk,
        username=user.username,
        name=user.username,
        office_code="province",
        office_name="广东省妇联",
        stand_in=False,
        at=timezone.now().isoformat(),
        sha256=state.sha256,
    )
    approval = dataclasses.replace(approval, **forged)
    key_id, signature = signing.sign(approval.statement())
    ReviewState.objects.filter(pk=state.pk).update(
        status=TaskState.STATUS_APPROVED, statement=approval.statement(), key_id=key_id, signature=signature
    )


def by_three(cast) -> tuple:
    return tuple(zip(IN_ORDER, (cast.reviewer1, cast.reviewer2, cast.reviewer3), strict=True))


def refused(run, match) -> None:
    """Assert that sign-off is refused with that sentence, and that nothing at all has changed."""
    with pytest.raises(SignOffRefused, match=match):
        sign_off(run)
    assert not Release.objects.exists() and not Reading.objects.exists() and not Blob.objects.exists()
    assert not Story.objects.get(pk=run.object_id).live
    assert not PageLogEntry.objects.filter(action="wagtail.publish").exists()


def test_three_genuine_approvals_make_a_release(run, cast):
    give(run, *by_three(cast))
    release = sign_off(run)
    assert releases.genuine(release) and Reading.objects.get().release == release


def test_no_approval_at_all(run):
    refused(run, "Not every stage")


@pytest.mark.parametrize("missing", [0, 1, 2])
def test_a_stage_is_missing(run, cast, missing):
    give(run, *(given for number, given in enumerate(by_three(cast)) if number != missing))
    refused(run, "Not every stage")


@pytest.mark.parametrize("order", [(1, 0, 2), (0, 2, 1), (2, 1, 0)])
def test_the_stages_were_approved_in_another_order(run, cast, order):
    given = by_three(cast)
    give(run, *(given[number] for number in order))
    refused(run, "Not every stage")


def test_a_stage_was_approved_twice_in_place_of_another(run, cast):
    first, second, _ = by_three(cast)
    give(run, first, second, (Stage.SECOND, cast.reviewer3))
    refused(run, "Not every stage")


def test_an_office_that_asks_for_one_more_stage_meanwhile(run, cast):
    give(run, *by_three(cast))
    cast.office.stage_count = 4
    cast.office.save()
    refused(run, "Not every stage")


def test_one_person_approved_two_stages(run, cast):
    first, _, last = by_three(cast)
    give(run, first, (Stage.SECOND, cast.reviewer1), last)
    refused(run, "two stages")


def test_an_author_approved_the_text_herself(run, cast):
    _, second, last = by_three(cast)
    give(run, (Stage.FIRST, cast.editor), second, last)
    refused(run, "author")


def test_somebody_who_saved_a_version_of_it_approved_it(story, cast):
    story.save_revision(user=cast.reviewer2)
    story.save_revision(user=cast.editor)
    run = submit(story, cast.editor)
    give(run, *by_three(cast))
    refused(run, "author")


def test_a_superuser_who_saved_a_version_of_it_approved_it(story, cast):
    first, _, last = by_three(cast)
    story.save_revision(user=cast.admin)
    story.save_revision(user=cast.editor)
    run = submit(story, cast.editor)
    give(run, first, (Stage.SECOND, cast.admin), last)
    refused(run, "author")


def test_whoever_submitted_it_approved_it(story, cast):
    run = submit(story, cast.reviewer1)
    give(run, *by_three(cast))
    refused(run, "author")


def test_a_superuser_may_not_approve_two_stages_either(run, cast):
    last = by_three(cast)[-1]
    give(run, (Stage.FIRST, cast.admin), (Stage.SECOND, cast.admin), last)
    refused(run, "two stages")


def test_the_approvals_are_for_another_text(run, cast):
    give(run, *by_three(cast), sha256="a" * 64)
    refused(run, "has changed")


def test_the_approvals_belong_to_another_page(run, cast):
    give(run, *by_three(cast), page_id=99999)
    refused(run, "another page")


@pytest.mark.parametrize("fact", ["workflow_state", "task_state", "revision_id", "stage"])
def test_an_approval_that_was_given_elsewhere_does_not_count(run, cast, fact):
    give(run, *by_three(cast), **{fact: 99999})
    refused(run, "Not every stage")


def test_an_approval_that_the_hub_did_not_sign_does_not_count(run, cast):
    give(run, *by_three(cast))
    ReviewState.objects.filter(stage=Stage.SECOND).update(signature=bytes(64))
    refused(run, "Not every stage")


@pytest.mark.parametrize("field", ["title", "digest"])
def test_the_revision_was_overwritten_after_the_approvals(run, cast, field):
    give(run, *by_three(cast))
    revision = Revision.objects.get(pk=Story.objects.get().latest_revision_id)
    Revision.objects.filter(pk=revision.pk).update(content={**revision.content, field: "别的"})
    refused(run, "has changed")


def test_the_states_say_another_text_than_was_approved(run, cast):
    give(run, *by_three(cast))
    revision = Revision.objects.get(pk=Story.objects.get().latest_revision_id)
    Revision.objects.filter(pk=revision.pk).update(content={**revision.content, "title": "别的"})
    revision.refresh_from_db()
    ReviewState.objects.update(sha256=built_from(revision).sha256)
    refused(run, "Not every stage")


def test_a_variant_was_slipped_in_after_the_approvals(run, cast):
    give(run, *by_three(cast))
    revision = Story.objects.get().latest_revision
    page = revision.as_object()
    page.variants = [Variant(channel="site", title="别的")]
    Revision.objects.filter(pk=revision.pk).update(content=page.serializable_data())
    refused(run, "has changed")


def test_a_picture_was_replaced_after_the_approvals(run, story, cast):
    give(run, *by_three(cast))
    with story.cover.file.storage.open(story.cover.file.name, "wb") as file:
        file.write(picture_bytes(colour="#000000"))
    refused(run, "has changed")


def test_another_revision_was_saved_past_the_lock_after_the_approvals(run, story, cast):
    give(run, *by_three(cast))
    newer = Revision.objects.get(pk=story.latest_revision_id)
    newer.pk = None
    newer.save(force_insert=True)
    Story.objects.update(latest_revision=newer)
    refused(run, "Not every stage")


def test_the_page_was_moved_to_another_office_after_the_approvals(run, story, cast):
    give(run, *by_three(cast))
    story.move(make_section(make_office("yunshan")), pos="last-child")
    refused(run, "has changed")


class Strict:
    """A channel whose titles have ten characters at most."""

    slug, name, colour, limits = "strict", "严格的平台", "#000000", Limits(title_chars=10)

    def count(self, text):
        return len(text)

    def body_length(self, document, variant):
        return 0


@pytest.fixture
def strict(monkeypatch):
    monkeypatch.setitem(channels._channels, "strict", Strict())


def varied(cast, title):
    page = make_story(cast.section, cast.editor, variants=[Variant(channel="strict", title=title)])
    return submit(page, cast.editor)


@pytest.mark.usefixtures("strict")
def test_a_variant_is_over_its_channels_limit(cast):
    run = varied(cast, "一" * 13)
    give(run, *by_three(cast))
    refused(run, "3 characters too long")


@pytest.mark.usefixtures("strict")
def test_a_variant_within_its_channels_limit_and_a_channel_without_a_variant_are_no_reason(cast):
    run = varied(cast, "一" * 10)
    give(run, *by_three(cast))
    assert releases.variants(sign_off(run))["strict"].title == "一" * 10
    long = make_story(cast.section, cast.editor, title="二" * 13)
    assert make_release(long).title == "二" * 13


def test_the_same_version_is_not_signed_off_twice(run, cast):
    give(run, *by_three(cast))
    sign_off(run)
    with pytest.raises(SignOffRefused, match="signed off already"):
        sign_off(run)
    assert Release.objects.count() == 1


def test_a_refusal_at_the_last_step_leaves_nothing_behind(run, cast, monkeypatch):
    give(run, *by_three(cast))

    def fails(*args, **kwargs):
        raise RuntimeError("the power went")

    monkeypatch.setattr("cms.releases.sign_off.PublishPageRevisionAction", fails)
    with pytest.raises(RuntimeError):
        sign_off(run)
    assert not Release.objects.exists() and not Reading.objects.exists()


def test_the_last_approval_makes_a_genuine_release(story, cast):
    release = make_release(story)
    assert releases.genuine(release)
    stored = Release.objects.get()
    assert releases.genuine(stored)
    document = releases.document(stored)
    assert document.title == story.title
    story.refresh_from_db()
    assert story.live
    assert releases.live_of(story.pk) == release


def test_every_file_is_in_the_store_under_the_hash_that_is_signed(cast):
    body = [
        ("image", {"image": make_image(), "alt": "书架", "credit": "李梅摄", "caption": ""}),
        ("attachment", {"document": make_document(), "title": "申请表"}),
    ]
    release = make_release(make_story(cast.section, cast.editor, body=body))
    stored = {sha256: len(blobs.read_blob(sha256)) for sha256 in json.loads(bytes(release.assets))}
    assert stored == json.loads(bytes(release.assets)) and len(stored) == 2
    document = releases.document(release)
    assert document.named_assets() == set(stored)
    assert all(hashlib.sha256(blobs.read_blob(sha256)).hexdigest() == sha256 for sha256 in stored)


def test_the_release_tells_who_approved_what_when_without_asking_anybody(story, cast):
    cast.reviewer1.first_name, cast.reviewer1.last_name = "静", "何"
    cast.reviewer1.save()
    release = make_release(story)
    cast.reviewer1.delete()
    given = json.loads(bytes(Release.objects.get().approvals))
    assert [approval["stage"] for approval in given] == [1, 2, 4]
    assert given[0]["name"] == "静 何" and given[0]["username"] == "reviewer1"
    assert {approval["office_name"] for approval in given} == {"广东省妇联"}
    assert {approval["sha256"] for approval in given} == {
        releases.text_sha256(bytes(release.document), bytes(release.variants))
    }
    assert all(dt.datetime.fromisoformat(approval["at"]).tzinfo for approval in given)
    assert releases.genuine(Release.objects.get())


def test_releases_of_a_page_are_numbered(story, cast):
    first = make_release(story)
    page = Story.objects.get().get_latest_revision_as_object()
    page.title = "更正"
    page.save_revision(user=make_user("second", cast.office, Role.AUTHOR))
    second = make_release(page)
    assert (first.number, second.number) == (1, 2)
    assert make_release(make_story(cast.section, cast.editor)).number == 1
    assert releases.live_of(story.pk) == second


def test_the_publication_date_of_the_page_is_when_readers_see_it(story, cast):
    moment = timezone.now().replace(microsecond=0) + dt.timedelta(days=1)
    release = make_release(story, public_from=moment)
    assert release.public_from == moment
    assert releases.live_of(story.pk) is None


def test_a_date_that_has_passed_means_now(story, cast):
    page = story.get_latest_revision_as_object()
    page.go_live_at = timezone.now() - dt.timedelta(days=1)
    page.save_revision(user=cast.editor)
    submit(page, cast.editor)
    before = timezone.now()
    for reviewer in (cast.reviewer1, cast.reviewer2, cast.reviewer3):
        approve(page, reviewer)
    release = Release.objects.get()
    assert waiting(page) is None
    assert before <= release.public_from == release.signed_at <= timezone.now()


def test_approvals_of_a_run_that_was_sent_back_do_not_count_in_the_next(run, story, cast):
    approve(story, cast.reviewer1)
    approve(story, cast.reviewer2)
    waiting(story).reject(user=cast.reviewer3, comment="补充出处")
    run.refresh_from_db()
    run.resume(user=cast.editor)
    assert waiting(story).stage == Stage.FIRST
    refused(run, "Not every stage")
