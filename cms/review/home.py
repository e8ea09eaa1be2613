"""On the desk's first page: what waits for the person's review, and where her own texts are.

In the places of Wagtail's two panels, whose cost grows by some thirty queries with each text in review.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AbstractUser
from django.db.models import Exists, IntegerField, OuterRef, Q, QuerySet
from django.db.models.functions import Cast
from django.utils.translation import gettext as _
from wagtail.admin.ui.components import Component
from wagtail.models import Page, Revision, WorkflowState, get_default_page_content_type

from cms.models import Membership, Role, Stage
from cms.review.lock import names
from cms.review.state import ReviewState
from cms.review.status import Status, statuses
from cms.review.task import approve_label


@dataclass(frozen=True)
class Row:
    """One text: its stage, and how it stands there; ``status`` is None when it was sent back."""

    state: ReviewState
    status: Status | None

    @property
    def title(self) -> str:
        return self.state.revision.object_str

    @property
    def stage(self) -> str:
        return str(Stage(self.state.stage).label)

    @property
    def approve(self) -> str:
        return approve_label(self.state.stage)

    @property
    def turn(self) -> str:
        """Whose turn it is at the stage, in one sentence; not of a text that was sent back."""
        assert self.status is not None
        if not self.status.reviewers:
            return _("{stage}: nobody is left who may review it.").format(stage=self.stage)
        people = names(self.status.reviewers)
        return _("{stage}: with {people}.").format(stage=self.stage, people=people)


class AwaitingPanel(Component):
    """Texts that the person may approve or send back now, the one that waits longest first."""

    name = "workflow_objects_to_moderate"
    template_name = "cms/review/home/awaiting.html"
    order = 100

    # Any: a template's context holds anything.
    def get_context_data(self, parent_context: Mapping[str, Any]) -> Mapping[str, Any]:
        request = parent_context["request"]
        held = Membership.objects.filter(user=request.user, role=Role.REVIEWER)
        # A reviewer's membership has a stage (constraint membership_stage_for_reviewers).
        stages = {stage for stage in held.values_list("stage", flat=True) if stage is not None}
        return {"request": request, "rows": awaiting(request.user, stages), "reviews": bool(stages)}


class SubmittedPanel(Component):
    """The person's own texts: whose turn it is, or why they were sent back."""

    name = "user_objects_in_workflow_moderation"
    template_name = "cms/review/home/submitted.html"
    order = 110

    # Any: a template's context holds anything.
    def get_context_data(self, parent_context: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"rows": submitted(parent_context["request"].user)}


def awaiting(user: AbstractUser, stages: set[int]) -> list[Row]:
    """Return the texts at ``stages`` on which the person may decide now, in nine queries for any number."""
    waiting = ReviewState.objects.filter(status=ReviewState.STATUS_IN_PROGRESS, stage__in=stages)
    before = Revision.objects.previous_revision_id_subquery()
    states = list(_complete(waiting).annotate(previous_revision_id=before))
    found = statuses(states) if states else {}
    return [
        Row(state, found[state.pk]) for state in states if state.pk in found and found[state.pk].may_act(user)
    ]


def submitted(user: AbstractUser) -> list[Row]:
    """Return the texts that the person submitted or owns, while they are in review or sent back."""
    owned = Page.objects.filter(owner=user, pk=Cast(OuterRef("object_id"), IntegerField()))
    of_pages = Q(base_content_type=get_default_page_content_type()) & Exists(owned)
    runs = WorkflowState.objects.active().filter(Q(requested_by=user) | of_pages)
    states = list(_complete(ReviewState.objects.filter(pk__in=runs.values("current_task_state"))))
    waiting = [state for state in states if state.status == state.STATUS_IN_PROGRESS]
    found = statuses(waiting) if waiting else {}
    return [Row(state, found.get(state.pk)) for state in states if state not in waiting or state.pk in found]


def _complete(states: QuerySet[ReviewState]) -> QuerySet[ReviewState]:
    """Read with the states what the rows show of them."""
    users = ("revision__user", "finished_by")
    return states.select_related("workflow_state", "revision", *users).order_by("started_at")
