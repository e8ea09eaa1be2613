"""Who may approve what, by direct calls: each rule holds whoever calls."""

import pytest
from django.core.exceptions import PermissionDenied
from wagtail.models import TaskState, WorkflowState

from cms.models import Release, Role, Stage
from cms.organisation.offices import change_office, grant
from cms.refusals import Refused
from cms.review.decisions import built_from
from cms.review.run import ReviewRun
from cms.review.state import ReviewState
from tests.factories import make_image, make_office, make_section, make_story, make_user, picture_bytes
from tests.factories_release import approve, submit, waiting


def stages(page) -> list[tuple[int, str]]:
    page.refresh_from_db()
    states = ReviewState.objects.filter(workflow_state__object_id=str(page.pk)).order_by("pk")
    return [(state.stage, state.status) for state in states]


def refused(page, user, match=None):
    before = stages(page)
    with pytest.raises(Refused, match=match):
        waiting(page).approve(user=user)
    assert stages(page) == before
    assert not Release.objects.exists()


def test_three_reviewers_in_order_make_one_release(in_review, cast):
    for reviewer in (cast.reviewer1, cast.reviewer2, cast.reviewer3):
        approve(in_review, reviewer)
    assert Release.objects.get().page_id == in_review.pk


@pytest.mark.parametrize("who", ["editor", "reviewer2", "reviewer3", "duty", "liaison", "admin", "stranger"])
def test_only_the_stages_own_reviewer_approves(in_review, cast, who):
    refused(in_review, getattr(cast, who))


def test_nobody_approves_nothing(in_review):
    refused(in_review, None)


def test_a_superuser_who_is_a_reviewer_is_bound_like_any_other(in_review, cast):
    grant(cast.admin, cast.office, Role.REVIEWER, Stage.FIRST)
    grant(cast.admin, cast.office, Role.REVIEWER, Stage.SECOND)
    approve(in_review, cast.admin)
    refused(in_review, cast.admin, match="earlier stage")


def test_an_author_does_not_approve_her_own_text(in_review, cast):
    grant(cast.editor, cast.office, Role.REVIEWER, Stage.FIRST)
    refused(in_review, cast.editor, match="wrote")


def test_a_superuser_who_is_a_reviewer_does_not_approve_what_she_saved(story, cast):
    grant(cast.admin, cast.office, Role.REVIEWER, Stage.FIRST)
    story.save_revision(user=cast.admin, clean=False)
    story.save_revision(user=cast.editor, clean=False)
    submit(story, cast.editor)
    refused(story, cast.admin, match="wrote")


@pytest.mark.parametrize("turn", range(3))
def test_whoever_submitted_a_text_is_asked_at_no_stage_though_she_wrote_nothing_of_it(story, cast, turn):
    reviewers = (cast.reviewer1, cast.reviewer2, cast.reviewer3)
    submit(story, reviewers[turn])
    for earlier in reviewers[:turn]:
        approve(story, earlier)
    assert reviewers[turn] not in waiting(story).review_status().reviewers
    refused(story, reviewers[turn], match="wrote")


def test_whoever_saved_a_revision_since_the_last_release_is_an_author(story, cast):
    story.save_revision(user=cast.reviewer1, clean=False)
    story.save_revision(user=cast.editor, clean=False)
    submit(story, cast.editor)
    refused(story, cast.reviewer1, match="wrote")


def test_authorship_survives_the_purging_of_revisions(story, cast):
    edited = story.save_revision(user=cast.reviewer1, clean=False, log_action=True)
    story.save_revision(user=cast.editor, clean=False)
    edited.delete()
    submit(story, cast.editor)
    refused(story, cast.reviewer1, match="wrote")


def test_an_author_of_a_released_text_may_review_what_others_change_in_it(story, cast):
    second = make_user("second", cast.office, Role.AUTHOR)
    grant(cast.editor, cast.office, Role.REVIEWER, Stage.FIRST)
    submit(story, cast.editor)
    for reviewer in (cast.reviewer1, cast.reviewer2, cast.reviewer3):
        approve(story, reviewer)
    story.refresh_from_db()
    story.save_revision(user=second)
    submit(story, second)
    approve(story, cast.editor)
    assert waiting(story).stage == Stage.SECOND


def test_bringing_back_an_older_version_brings_back_its_authors(story, cast):
    older = story.save_revision(user=cast.reviewer1, clean=False)
    story.save_revision(user=cast.editor, clean=False)
    submit(story, cast.editor)
    other = make_user("other", cast.office, Role.REVIEWER, Stage.FIRST)
    for reviewer in (other, cast.reviewer2, cast.reviewer3):
        approve(story, reviewer)
    story.refresh_from_db()
    story.save_revision(user=cast.editor, previous_revision=older, log_action=True)
    submit(story, cast.editor)
    with pytest.raises(Refused, match="wrote"):
        waiting(story).approve(user=cast.reviewer1)


def test_nobody_approves_two_stages(in_review, cast):
    grant(cast.reviewer1, cast.office, Role.REVIEWER, Stage.SECOND)
    approve(in_review, cast.reviewer1)
    refused(in_review, cast.reviewer1, match="earlier stage")


def test_a_stage_is_approved_once(in_review, cast):
    state = waiting(in_review)
    state.approve(user=cast.reviewer1)
    with pytest.raises(Refused):
        state.approve(user=cast.reviewer1)
    with pytest.raises(Refused):
        ReviewState.objects.get(pk=state.pk).approve(user=cast.reviewer2)


def test_a_reviewer_who_left_does_not_approve(in_review, cast):
    cast.reviewer1.is_active = False
    cast.reviewer1.save()
    refused(in_review, cast.reviewer1)


def test_a_reviewer_of_another_office_does_not_approve(in_review, cast):
    city = make_office("shaoguan")
    refused(in_review, make_user("elsewhere", city, Role.REVIEWER, Stage.FIRST))


@pytest.mark.parametrize(("count", "expected"), [(2, [1, 4]), (4, [1, 2, 3, 4])])
def test_an_office_reviews_in_as_many_stages_as_it_asks_for(cast, count, expected):
    city = make_office("city", stage_count=4)
    for stage in Stage:
        make_user(f"city{stage}", city, Role.REVIEWER, stage)
    change_office(city, name=city.name, kind=city.kind, stage_count=count)
    page = make_story(make_section(city), author=make_user("cityauthor", city, Role.AUTHOR))
    submit(page)
    seen = []
    while state := waiting(page):
        seen.append(state.stage)
        approve(page)
    assert seen == expected
    assert Release.objects.filter(page_id=page.pk).exists()


def test_a_picture_replaced_in_review_voids_the_review(cast):
    picture = make_image()
    story = make_story(cast.section, cast.editor, cover=picture, cover_alt="图书角", cover_credit="省妇联")
    submit(story)
    approve(story, cast.reviewer1)
    with picture.file.storage.open(picture.file.name, "wb") as file:
        file.write(picture_bytes(colour="#000000"))
    refused(story, cast.reviewer2, match="changed")


def test_a_revision_overwritten_in_the_database_voids_the_review(in_review, cast):
    approve(in_review, cast.reviewer1)
    revision = in_review.latest_revision
    revision.content["title"] = "别的题目"
    type(revision).objects.filter(pk=revision.pk).update(content=revision.content)
    refused(in_review, cast.reviewer2, match="changed")


def test_an_earlier_approval_of_another_text_voids_the_review_though_this_stage_is_of_the_new_one(
    in_review, cast
):
    approve(in_review, cast.reviewer1)
    revision = in_review.latest_revision
    revision.content["title"] = "别的题目"
    type(revision).objects.filter(pk=revision.pk).update(content=revision.content)
    revision.refresh_from_db()
    ReviewState.objects.filter(stage=Stage.SECOND).update(sha256=built_from(revision).sha256)
    refused(in_review, cast.reviewer2, match="another text")


def test_moving_a_text_in_review_hands_it_to_the_other_office_and_voids_the_review(in_review, cast):
    city = make_office("city")
    new = make_user("city1", city, Role.REVIEWER, Stage.FIRST)
    in_review.move(make_section(city), pos="last-child")
    refused(in_review, cast.reviewer1, match="Only a reviewer")
    refused(in_review, new, match="changed")
    waiting(in_review).reject(user=new, comment="重新提交")
    assert stages(in_review) == [(1, "rejected")]


def test_the_base_classs_approve_does_not_get_past_the_rules(in_review, cast):
    state = waiting(in_review)
    for bare in (state, TaskState.objects.get(pk=state.pk)):
        with pytest.raises(Refused):
            TaskState.approve(bare, user=cast.reviewer1)
    assert stages(in_review) == [(1, "in_progress")]


def test_a_status_written_past_the_models_counts_for_nothing(in_review, cast):
    TaskState.objects.filter(pk=waiting(in_review).pk).update(status="approved", finished_by=cast.reviewer1)
    run = WorkflowState.objects.get()
    run.update(user=cast.reviewer1)
    assert waiting(in_review).stage == Stage.FIRST  # the same stage is opened again
    for stage in (1, 2, 4):
        TaskState.objects.filter(reviewstate__stage=stage).update(status="approved")
    with pytest.raises(Refused):
        WorkflowState.objects.get().finish(user=cast.admin)
    assert not Release.objects.exists()


def test_finishing_the_workflow_directly_signs_nothing_off(in_review, cast):
    approve(in_review, cast.reviewer1)
    with pytest.raises(Refused):
        WorkflowState.objects.get().finish(user=cast.admin)
    assert WorkflowState.objects.get().status == "in_progress"
    assert not Release.objects.exists()


def test_an_approval_copied_from_another_text_counts_for_nothing(in_review, cast):
    other = make_story(cast.section, author=cast.editor, title="另一篇")
    submit(other, cast.editor)
    genuine = approve(other, cast.reviewer1)
    state = waiting(in_review)
    ReviewState.objects.filter(pk=state.pk).update(
        status="approved",
        sha256=genuine.sha256,
        statement=genuine.statement,
        key_id=genuine.key_id,
        signature=genuine.signature,
    )
    assert state.review_status().approvals == ()


def test_a_workflow_of_wagtails_own_kind_signs_nothing_off(story, cast, django_user_model):
    from wagtail.models import GroupApprovalTask, Workflow, WorkflowTask

    task = GroupApprovalTask.objects.create(name="one group")
    task.groups.add(cast.office.group)
    workflow = Workflow.objects.create(name="short cut")
    WorkflowTask.objects.create(workflow=workflow, task=task)
    state = workflow.start(story, cast.editor)
    with pytest.raises((Refused, PermissionDenied)):
        state.current_task_state.approve(user=cast.admin)
    assert not Release.objects.exists()


def test_a_text_whose_review_has_ended_is_not_taken_back_from_a_page_that_was_open(in_review, cast):
    run = in_review.current_workflow_state
    for reviewer in (cast.reviewer1, cast.reviewer2, cast.reviewer3):
        approve(in_review, reviewer)
    with pytest.raises(Refused, match="ended already"):
        run.cancel(user=cast.editor)
    assert WorkflowState.objects.get().status == "approved"
    assert {status for _stage, status in stages(in_review)} == {"approved"}


def test_a_text_that_was_taken_back_is_not_taken_back_again(in_review, cast):
    run, again = ReviewRun.objects.get(), ReviewRun.objects.get()
    run.cancel(user=cast.editor)
    before = stages(in_review)
    with pytest.raises(Refused, match="ended already"):
        again.cancel(user=cast.editor)
    assert stages(in_review) == before


def test_a_text_that_was_sent_back_begins_again_once(in_review, cast):
    waiting(in_review).reject(user=cast.reviewer1, comment="请核对数字。")
    run, again = ReviewRun.objects.get(), ReviewRun.objects.get()
    run.resume(user=cast.editor)
    before = stages(in_review)
    with pytest.raises(PermissionDenied):
        again.resume(user=cast.editor)
    assert stages(in_review) == before == [(Stage.FIRST, "rejected"), (Stage.FIRST, "in_progress")]


def test_an_incomplete_text_is_not_submitted(cast):
    story = make_story(cast.section, author=cast.editor, body=[])
    with pytest.raises(Refused, match="no text"):
        submit(story)
    assert not story.workflow_in_progress
