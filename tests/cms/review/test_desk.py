"""The review at Wagtail's own addresses."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Revision, WorkflowState

from cms.articles import Story
from cms.models import Release, Role, Stage
from cms.organisation.offices import grant
from cms.review.state import ReviewState
from tests.cms.review.conftest import said
from tests.factories import make_office, make_section, make_story, make_user
from tests.factories_release import approve, approve_all, submit, waiting


def test_a_text_goes_from_the_editor_over_three_desks_to_its_release(story, cast, desk):
    assert desk(cast.editor).edit(story, **{"action-submit": "1"}).status_code == 200
    for reviewer in (cast.reviewer1, cast.reviewer2, cast.reviewer3):
        assert desk(reviewer).decide("approve", waiting(story)).status_code == 200
    release = Release.objects.get()
    assert "她又添了一架书" in bytes(release.document).decode()
    story.refresh_from_db()
    assert (story.live, story.has_unpublished_changes) == (True, False)
    assert WorkflowState.objects.get().status == "approved"


@pytest.mark.parametrize("who", ["editor", "reviewer2", "duty", "admin", "stranger"])
@pytest.mark.parametrize("action", ["approve", "reject"])
def test_only_the_stages_reviewer_decides(in_review, cast, desk, who, action):
    state = waiting(in_review)
    desk(getattr(cast, who)).decide(action, state, "因为")
    assert waiting(in_review) == state


def test_pressing_approve_twice_approves_once(in_review, cast, desk):
    state = waiting(in_review)
    grant(cast.reviewer1, cast.office, Role.REVIEWER, Stage.SECOND)
    for _ in range(2):
        desk(cast.reviewer1).decide("approve", state)
    assert waiting(in_review).stage == Stage.SECOND
    assert ReviewState.objects.filter(status="approved").count() == 1


@pytest.mark.parametrize("reason", ["", "   ", "\n"])
def test_sending_back_needs_a_reason(in_review, cast, desk, reason):
    desk(cast.reviewer1).decide("reject", waiting(in_review), reason)
    assert waiting(in_review).status == "in_progress"


def test_a_text_that_was_sent_back_begins_again_at_the_first_stage(in_review, cast, desk):
    approve(in_review, cast.reviewer1)
    desk(cast.reviewer2).decide("reject", waiting(in_review), "第二段缺出处")
    assert waiting(in_review) is None
    page = desk(cast.editor).get("wagtailadmin_pages:edit", in_review.pk)
    assert "Sent back at the stage “Second review” by reviewer2: 第二段缺出处" in said(page)
    desk(cast.editor).edit(in_review, **{"action-submit": "1"})
    assert waiting(in_review).stage == Stage.FIRST
    approve_all(in_review)
    assert Release.objects.count() == 1


def test_why_it_was_sent_back_is_read_though_who_did_has_gone(in_review, cast, desk):
    waiting(in_review).reject(user=cast.reviewer1, comment="第二段缺出处")
    cast.reviewer1.delete()
    page = desk(cast.editor).get("wagtailadmin_pages:edit", in_review.pk)
    assert "by somebody who has left: 第二段缺出处" in said(page)


@pytest.mark.parametrize("who", ["editor", "reviewer1", "reviewer3", "admin"])
@pytest.mark.parametrize("button", ["save", "action-submit", "action-publish", "action-restart-workflow"])
def test_nobody_saves_over_a_text_in_review(in_review, cast, desk, who, button):
    before = in_review.latest_revision
    desk(getattr(cast, who)).edit(in_review, **{button: "1"})
    in_review.refresh_from_db()
    assert in_review.latest_revision == before
    assert in_review.latest_revision.content == before.content
    assert not in_review.live


@pytest.mark.parametrize("who", ["editor", "admin"])
def test_autosave_does_not_overwrite_a_revision_in_review(in_review, cast, desk, who):
    revision = in_review.latest_revision
    answer = desk(getattr(cast, who)).edit(
        in_review, accept="application/json", overwrite_revision_id=str(revision.pk)
    )
    assert answer.json()["success"] is False
    assert Revision.objects.get(pk=revision.pk).content == revision.content
    assert in_review.revisions.count() == 1


def test_a_persons_own_lock_does_not_let_her_edit_in_review(in_review, cast, desk):
    in_review.locked, in_review.locked_by = True, cast.admin
    in_review.save()
    desk(cast.admin).edit(in_review)
    in_review.refresh_from_db()
    assert in_review.revisions.count() == 1


def test_a_persons_own_lock_keeps_her_colleagues_from_a_text_that_is_not_in_review(story, cast, desk):
    colleague = make_user("colleague", cast.office, Role.AUTHOR)
    story.locked, story.locked_by = True, cast.editor
    story.save()
    desk(colleague).edit(story)
    assert story.revisions.count() == 1
    desk(cast.editor).edit(story)
    assert story.revisions.count() == 2


def test_an_article_has_no_end(story):
    story.expire_at = timezone.now()
    with pytest.raises(ValidationError, match="do not expire"):
        story.full_clean()


def test_the_author_takes_a_text_back_and_edits_it(in_review, cast, desk):
    desk(cast.editor).edit(in_review, **{"action-cancel-workflow": "1"})
    assert waiting(in_review) is None
    assert not in_review.workflow_in_progress
    desk(cast.editor).edit(in_review, **{"action-submit": "1"})
    assert waiting(in_review).stage == Stage.FIRST
    assert in_review.revisions.count() == 2


@pytest.mark.parametrize("who", ["reviewer1", "reviewer2", "admin"])
def test_nobody_but_an_author_takes_a_text_back(in_review, cast, desk, who):
    desk(getattr(cast, who)).edit(in_review, **{"action-cancel-workflow": "1"})
    assert waiting(in_review).stage == Stage.FIRST


def test_a_reviewer_sees_the_text_its_buttons_and_whose_turn_it_is(in_review, cast, desk):
    page = desk(cast.reviewer1).get("wagtailadmin_pages:edit", in_review.pk)
    shown = page.content.decode()
    state = waiting(in_review)
    for action in ("approve", "reject"):
        assert reverse("wagtailadmin_pages:workflow_action", args=[in_review.pk, action, state.pk]) in shown
    assert "with reviewer1" in shown
    assert "action-publish" not in shown
    dialog = desk(cast.reviewer1).get("wagtailadmin_pages:workflow_action", in_review.pk, "reject", state.pk)
    assert "Reason" in dialog.json()["html"]


def test_a_colleague_without_a_turn_sees_no_buttons(in_review, cast, desk):
    for person in (cast.editor, cast.reviewer2, cast.admin):
        shown = desk(person).get("wagtailadmin_pages:edit", in_review.pk).content.decode()
        assert "workflow/action/approve" not in shown


def test_a_stranger_sees_nothing(in_review, cast, desk):
    response = desk(cast.stranger).get("wagtailadmin_pages:edit", in_review.pk)
    assert response.status_code == 302


def test_a_refused_sign_off_is_told_to_the_last_reviewer_and_changes_nothing(in_review, cast, desk):
    approve(in_review, cast.reviewer1)
    approve(in_review, cast.reviewer2)
    state = waiting(in_review)
    cast.office.stage_count = 4
    cast.office.save()
    answer = desk(cast.reviewer3).decide("approve", state)
    assert answer.status_code == 200
    assert "Not every stage" in said(answer)
    assert waiting(in_review) == state
    assert not Release.objects.exists()


OWN = ("/admin/account/", "http://testserver/admin/account/")
FOREIGN = ("https://elsewhere.example/admin/", "//elsewhere.example/admin/", "javascript:alert(1)")


@pytest.mark.parametrize("came_as", ["next", "referer"])
def test_a_refusal_leads_with_its_sentence_to_where_the_person_was_and_to_no_other_site(
    in_review, cast, desk, came_as
):
    revision = in_review.latest_revision
    Revision.objects.filter(pk=revision.pk).update(content={**revision.content, "title": "别的题目"})
    see, asked = desk(cast.reviewer1), (in_review.pk, "approve", waiting(in_review).pk)
    home = reverse("wagtailadmin_home")
    for came_from, leads_to in [*zip(OWN, OWN, strict=True), *((foreign, home) for foreign in FOREIGN)]:
        told = {"said": {"next": came_from}} if came_as == "next" else {"referer": came_from}
        page = see.post("wagtailadmin_pages:workflow_action", *asked, **told)
        assert page.redirect_chain[0][0] == leads_to and "has changed" in said(page)
        told["x-requested-with"] = "XMLHttpRequest"
        dialog = see.post("wagtailadmin_pages:workflow_action", *asked, **told)
        assert dialog.json() == {"step": "success", "redirect": leads_to}


def test_an_incomplete_text_is_refused_with_what_is_missing(cast, desk):
    story = make_story(cast.section, cast.editor, cover_alt="")
    answer = desk(cast.editor).edit(story, text="", **{"action-submit": "1"})
    assert "no text" in said(answer)
    assert waiting(story) is None


def test_the_admin_home_shows_what_waits_for_me_and_only_that(in_review, cast, desk):
    def home(person):
        return desk(person).get("wagtailadmin_home").content.decode()

    assert "Awaiting your review" in home(cast.reviewer1)
    for person in (cast.editor, cast.reviewer2, cast.reviewer3, cast.admin):
        assert "Awaiting your review" not in home(person)
    for person, reviews in ((cast.reviewer2, True), (cast.reviewer1, False), (cast.editor, False)):
        assert ("Nothing waits for your review" in home(person)) == reviews


@pytest.mark.parametrize("who", ["reviewer1", "editor"])
def test_what_waits_longest_stands_first_on_the_admin_home(cast, desk, who):
    for title in ("早提交的", "晚提交的"):
        submit(make_story(cast.section, cast.editor, title=title), cast.editor)
    home = desk(getattr(cast, who)).get("wagtailadmin_home").content.decode()
    assert -1 < home.find("早提交的") < home.find("晚提交的")


def test_the_admin_home_stays_cheap_with_150_offices_and_costs_no_more_for_each_text(
    cast, desk, django_assert_max_num_queries
):
    for number in range(150):
        make_office(f"city{number}")

    def costs(person, texts) -> int:
        see = desk(person)
        see.get("wagtailadmin_home")
        with django_assert_max_num_queries(39) as seen:
            home = see.get("wagtailadmin_home").content.decode()
        assert all(f"第{number}篇" in home for number in texts)
        return len(seen)

    small = {}
    for texts in (range(2), range(11)):
        for number in texts:
            if not Story.objects.filter(title=f"第{number}篇").exists():
                submit(make_story(cast.section, cast.editor, title=f"第{number}篇"), cast.editor)
        for name in ("reviewer1", "editor"):
            cost = costs(getattr(cast, name), texts)
            assert cost == small.setdefault(name, cost), name


def test_an_author_sees_on_her_first_page_whose_turn_it_is_or_why_it_was_sent_back(in_review, cast, desk):
    def home(person):
        return desk(person).get("wagtailadmin_home").content.decode()

    assert "First review: with reviewer1." in home(cast.editor)
    assert "Your texts in review" not in home(cast.reviewer1)
    waiting(in_review).reject(user=cast.reviewer1, comment="第二段缺出处")
    shown = home(cast.editor)
    assert "First review: sent back by reviewer1." in shown and "第二段缺出处" in shown
    assert "Awaiting your review" not in home(cast.reviewer1)


def test_who_submitted_a_colleagues_text_sees_whose_turn_it_is_and_takes_it_back(story, cast, desk):
    colleague = make_user("colleague", cast.office, Role.AUTHOR)
    submit(story, colleague)
    see = desk(colleague)
    for home in (see, desk(cast.editor)):
        assert "First review: with reviewer1." in home.get("wagtailadmin_home").content.decode()
    see.edit(story, **{"action-cancel-workflow": "1"})
    assert waiting(story) is None and not story.workflow_in_progress


@pytest.mark.parametrize("who", ["reviewer1", "reviewer3"])
def test_a_reviewer_reads_the_history_and_compares_versions_word_by_word(in_review, cast, desk, who):
    in_review.current_workflow_state.cancel(user=cast.editor)
    page = in_review.get_latest_revision_as_object()
    page.title = "山里的图书室"
    page.save_revision(user=cast.editor)
    submit(page, cast.editor)
    first, second = in_review.revisions.order_by("pk")
    see = desk(getattr(cast, who))
    compared = see.get("wagtailadmin_pages:revisions_compare", in_review.pk, first.pk, second.pk)
    marked = '山里的<span class="deletion">阅览</span><span class="addition">图书</span>室'
    assert marked in compared.content.decode()
    assert see.get("wagtailadmin_pages:history", in_review.pk).status_code == 200


@pytest.mark.parametrize("who", ["duty", "stranger", "elsewhere"])
def test_nobody_else_reads_the_history_or_compares_versions(in_review, cast, desk, who):
    cast.elsewhere = make_user("elsewhere", make_office("city"), Role.REVIEWER, Stage.FIRST)
    see, revision = desk(getattr(cast, who)), in_review.latest_revision_id
    for name, *args in (("revisions_compare", revision, "latest"), ("history",), ("history_results",)):
        answer = see.get(f"wagtailadmin_pages:{name}", in_review.pk, *args)
        assert answer.status_code == 302, name


def test_wagtails_reports_and_histories_keep_working(in_review, cast, desk):
    approve(in_review, cast.reviewer1)
    admin = desk(cast.admin)
    for name, *args in (
        ("wagtailadmin_reports:workflow",),
        ("wagtailadmin_reports:workflow_tasks",),
        ("wagtailadmin_reports:locked_pages",),
        ("wagtailadmin_pages:workflow_history", in_review.pk),
        ("wagtailadmin_pages:workflow_history_detail", in_review.pk, WorkflowState.objects.get().pk),
        ("wagtailadmin_pages:history", in_review.pk),
        ("wagtailadmin_pages:confirm_workflow_cancellation", in_review.pk),
        ("wagtailadmin_workflows:index",),
        ("wagtailadmin_workflows:task_index",),
    ):
        assert admin.get(name, *args).status_code == 200, name


def test_a_parents_office_stands_in_and_everybody_can_see_it(cast, desk):
    city = make_office("city", name="韶关市妇联", parent=cast.office)
    author = make_user("cityauthor", city, Role.AUTHOR)
    grant(author, city, Role.REVIEWER, Stage.FIRST)  # she wrote the text: nobody is left
    page = make_story(make_section(city), author=author)
    submit(page, author)
    shown = desk(cast.reviewer1).get("wagtailadmin_pages:edit", page.pk).content.decode()
    assert "韶关市妇联 has no reviewer left for this stage: reviewers of 广东省妇联 stand in." in shown
    desk(author).decide("approve", waiting(page))
    assert waiting(page).stage == Stage.FIRST
    state = waiting(page)
    dialog = desk(cast.reviewer1).get("wagtailadmin_pages:workflow_action", page.pk, "approve", state.pk)
    assert "stand in" in dialog.json()["html"]
    desk(cast.reviewer1).decide("approve", state)
    standing = waiting(page).review_status()
    assert [(given.name, given.stand_in, given.office_name) for given in standing.approvals] == [
        ("reviewer1", True, "广东省妇联")
    ]


def test_the_parents_reviewers_wait_while_the_office_has_its_own(cast, desk):
    city = make_office("city", parent=cast.office)
    own = make_user("own", city, Role.REVIEWER, Stage.FIRST)
    page = make_story(make_section(city), author=make_user("cityauthor", city, Role.AUTHOR))
    submit(page)
    desk(cast.reviewer1).decide("approve", waiting(page))
    assert waiting(page).stage == Stage.FIRST
    desk(own).decide("approve", waiting(page))
    assert waiting(page).stage == Stage.SECOND


def test_where_nobody_is_left_at_all_the_page_says_so(cast, desk):
    cast.reviewer1.is_active = False
    cast.reviewer1.save()
    page = make_story(cast.section, cast.editor)
    submit(page, cast.editor)
    shown = desk(cast.editor).get("wagtailadmin_pages:edit", page.pk).content.decode()
    assert "nobody is left who may review it" in shown
