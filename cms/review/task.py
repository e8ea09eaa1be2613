"""One Wagtail task for each stage of review, for the whole network."""

from typing import Any

from django import forms
from django.contrib.auth.models import AbstractUser
from django.db import models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.models import Page, Task, TaskState, WorkflowState
from wagtail.signals import task_submitted

from cms.checks import proofreading
from cms.checks.proofreading import Note
from cms.models import Membership, Role, Stage
from cms.refusals import Refused
from cms.review import decisions
from cms.review.decisions import built_from, lock_page
from cms.review.forms import ApproveForm, SendBackForm
from cms.review.lock import ReviewLock
from cms.review.state import ReviewState
from cms.review.status import Status, approved_stages, reviews_for, status_of, statuses


class ReviewTask(Task):
    """A stage. It finds its reviewers from the page's office and the memberships."""

    stage = models.PositiveSmallIntegerField(gettext_lazy("stage"), choices=Stage.choices, unique=True)

    admin_form_fields = [*Task.admin_form_fields, "stage"]
    admin_form_readonly_on_edit_fields = [*Task.admin_form_readonly_on_edit_fields, "stage"]
    lock_class = ReviewLock
    task_state_class = ReviewState

    class Meta:
        verbose_name = gettext_lazy("stage of review")
        verbose_name_plural = gettext_lazy("stages of review")

    @classmethod
    def get_description(cls) -> str:
        return _("Reviewers of this stage in the page's own office approve it")

    @transaction.atomic
    def start(self, workflow_state: WorkflowState, user: AbstractUser | None = None) -> ReviewState:
        """Open the stage that is due. Raises Refused for a text that is not complete.

        Wagtail resumes at the stage that sent back; here a run begins at the first stage, so that the
        stage that is opened may be another than this one.
        """
        page = lock_page(int(workflow_state.object_id))
        due = _stage_due(workflow_state, page.latest_revision_id)
        state = ReviewState(workflow_state=workflow_state, task=due, stage=due.stage)
        state.revision = page.latest_revision
        state.sha256 = built_from(state.revision).sha256
        state.save()
        task_submitted.send(sender=ReviewState, instance=state, user=user)
        return state

    def get_actions(self, obj: Page, user: AbstractUser) -> list[tuple[str, str, bool]]:
        state = obj.current_workflow_task_state
        if not isinstance(state, ReviewState) or not status_of(state).may_act(user):
            return []
        return [("approve", approve_label(self.stage), True), ("reject", _("Send back"), True)]

    def review_status(self, state: ReviewState) -> Status:
        return status_of(state)

    def notes(self, state: ReviewState) -> list[Note]:
        return proofreading.notes(state.revision.as_object())

    def on_action(
        self,
        task_state: ReviewState,
        user: AbstractUser | None,
        action_name: str,
        **kwargs: Any,  # update and comment, as both decisions take them
    ) -> None:
        """Approve, or send back. Raises Refused; then nothing has changed."""
        decide = {"approve": decisions.approve, "reject": decisions.send_back}[action_name]
        decide(task_state, user, **kwargs)  # what is returned here, Wagtail takes for an answer

    def get_form_for_action(self, action: str) -> type[forms.Form]:
        return SendBackForm if action == "reject" else ApproveForm

    def get_template_for_action(self, action: str) -> str:
        return "cms/review/action.html"

    def get_task_states_user_can_moderate(
        self, user: AbstractUser, **kwargs: object
    ) -> models.QuerySet[TaskState]:
        if not Membership.objects.filter(user_id=user.pk, role=Role.REVIEWER, stage=self.stage).exists():
            return TaskState.objects.none()
        waiting = ReviewState.objects.filter(task=self, status=TaskState.STATUS_IN_PROGRESS)
        found = statuses(waiting.select_related("workflow_state"))
        return TaskState.objects.filter(pk__in=[pk for pk, status in found.items() if status.may_act(user)])

    def user_can_access_editor(self, obj: Page, user: AbstractUser) -> bool:
        return reviews_for(user, obj)

    def locked_for_user(self, obj: Page, user: AbstractUser) -> bool:
        """Nobody edits a text in review, reviewers and superusers included."""
        return True


def approve_label(stage: int) -> str:
    """Return what the button of approval says: the last one signs off."""
    return _("Approve and sign off") if stage == Stage.FINAL else _("Approve")


def _stage_due(workflow_state: WorkflowState, revision_id: int) -> ReviewTask:
    """Return the first stage of the workflow that has no approval in this run."""
    approved = approved_stages({workflow_state.pk: revision_id})[workflow_state.pk]
    tasks = ReviewTask.objects.filter(workflow_tasks__workflow=workflow_state.workflow_id, active=True)
    due = tasks.exclude(stage__in=[each.state.stage for each in approved])
    if task := due.order_by("workflow_tasks__sort_order").first():
        return task
    raise Refused(_("Every stage has approved this text already."))
