"""How a text in review stands: what was approved in this run, whose turn it is, who may act."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from django.contrib.auth.models import AbstractUser
from wagtail.models import Page

from cms.models import Anybody, Membership, Office, Role, Stage, paths_down_to
from cms.review import approval
from cms.review.approval import Approval
from cms.review.authors import authors_of
from cms.review.state import ReviewState


@dataclass(frozen=True)
class Status:
    """One text in review at one stage. ``covering`` is the office whose reviewers are asked.

    It is the page's office, or the nearest above it that has somebody left who neither wrote the text nor
    approved it already; None when nobody is left at all.
    """

    page: Page
    office: Office
    stage: Stage
    approvals: tuple[Approval, ...]
    authors: frozenset[int]
    covering: Office | None
    reviewers: tuple[AbstractUser, ...]

    @property
    def stand_in(self) -> bool:
        return self.covering is not None and self.covering != self.office

    @property
    def approvers(self) -> frozenset[int]:
        return frozenset(approval.user_id for approval in self.approvals)

    def may_act(self, user: AbstractUser | None) -> bool:
        reviewers = {reviewer.pk for reviewer in self.reviewers}
        return user is not None and user.is_active and user.pk in reviewers


def status_of(state: ReviewState) -> Status:
    """Return how the state's text stands. Raises Office.DoesNotExist for a page outside every branch."""
    found = statuses([state])
    if state.pk not in found:
        raise Office.DoesNotExist(f"The page of review {state.pk} stands in no office's branch.")
    return found[state.pk]


def statuses(states: Iterable[ReviewState]) -> dict[int, Status]:
    """Return how each state's text stands, by the state's id, in eight queries for any number of states.

    Leaves out states whose page is gone or stands in no office's branch.
    """
    states = list(states)
    pages = _pages(states)
    tree = _Tree()
    authors = authors_of(pages.values())
    runs = _approvals(states)
    reviewers = _reviewers({state.stage for state in states})
    found = {}
    for state in states:
        page = pages.get(state.page_id)
        office = tree.office_of(page) if page else None
        if page is None or office is None:
            continue
        wrote = (authors[page.pk] | {state.workflow_state.requested_by_id}) - {None}
        barred = wrote | {earlier.user_id for earlier in runs[state.workflow_state_id]}
        covering, eligible = _covering(tree.chain(office), reviewers[state.stage], barred)
        found[state.pk] = Status(
            page=page,
            office=office,
            stage=Stage(state.stage),
            approvals=tuple(runs[state.workflow_state_id]),
            authors=wrote,
            covering=covering,
            reviewers=eligible,
        )
    return found


class Approved(NamedTuple):
    """A stage's state, and the genuine approval that it holds."""

    state: ReviewState
    approval: Approval


def approved_stages(workflow_states: dict[int, int]) -> dict[int, list[Approved]]:
    """Return, by workflow state, the stages that are approved in the run that is under way, in order.

    ``workflow_states`` gives the revision under review for each. What was approved before the text was last
    sent back, or on another revision, does not count. One query; each approval is verified once.
    """
    runs: dict[int, list[Approved]] = defaultdict(list)
    for state in ReviewState.objects.filter(workflow_state__in=workflow_states).order_by("pk"):
        run = runs[state.workflow_state_id]
        if state.status == state.STATUS_REJECTED:
            run.clear()
        elif found := _approval_of(state, workflow_states[state.workflow_state_id]):
            run.append(Approved(state, found))
    return runs


def _approval_of(state: ReviewState, revision_id: int) -> Approval | None:
    approved = state.status == state.STATUS_APPROVED and state.revision_id == revision_id
    return approval.read_approval(state) if approved else None


def reviews_for(user: Anybody, page: Page) -> bool:
    """Return whether the person is a reviewer, of any stage, for the page's office or one above it."""
    if not isinstance(user, AbstractUser):
        return False
    memberships = Membership.objects.filter(user_id=user.pk, role=Role.REVIEWER)
    offices = set(memberships.values_list("office_id", flat=True))
    return bool(offices) and any(office.pk in offices for office in Office.of_page(page).chain())


def _pages(states: list[ReviewState]) -> dict[int, Page]:
    ids = {state.page_id for state in states}
    return Page.objects.only(
        "path", "depth", "title", "owner_id", "latest_revision_id", "live_revision_id"
    ).in_bulk(ids)


def _approvals(states: list[ReviewState]) -> dict[int, list[Approval]]:
    runs = approved_stages({state.workflow_state_id: state.revision_id for state in states})
    return defaultdict(list, {key: [each.approval for each in run] for key, run in runs.items()})


def _reviewers(stages: set[int]) -> Mapping[int | None, Mapping[int, list[AbstractUser]]]:
    """Return active reviewers as {stage: {office id: [user, …]}}."""
    found: dict[int | None, dict[int, list[AbstractUser]]] = defaultdict(lambda: defaultdict(list))
    memberships = Membership.objects.filter(role=Role.REVIEWER, stage__in=stages, user__is_active=True)
    for membership in memberships.select_related("user").order_by("pk"):
        found[membership.stage][membership.office_id].append(membership.user)
    return found


def _covering(
    chain: list[Office], reviewers: Mapping[int, list[AbstractUser]], barred: frozenset[int]
) -> tuple[Office | None, tuple[AbstractUser, ...]]:
    for office in chain:
        if eligible := tuple(user for user in reviewers[office.pk] if user.pk not in barred):
            return office, eligible
    return None, ()


class _Tree:
    """All offices, read once: as Office.of_page and Office.chain for many pages."""

    def __init__(self) -> None:
        offices = list(Office.objects.select_related("branch"))
        self.by_branch = {office.branch.path: office for office in offices}
        self.by_path = {office.path: office for office in offices}

    def office_of(self, page: Page) -> Office | None:
        above = map(self.by_branch.get, reversed(paths_down_to(page.path, Page.steplen)))
        return next(filter(None, above), None)

    def chain(self, office: Office) -> list[Office]:
        return [self.by_path[path] for path in reversed(paths_down_to(office.path, Office.steplen))]
