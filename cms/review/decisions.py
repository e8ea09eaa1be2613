"""What a reviewer decides: approve, or send back. The rules are checked here, whoever calls."""

import datetime as dt

from django.contrib.auth.models import AbstractUser
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.models import Page, Revision, TaskState, WorkflowState

from cms import signing
from cms.document.build import Built, Unbuildable, build
from cms.models import Office, name_of
from cms.refusals import Refused
from cms.review.approval import Approval
from cms.review.state import ReviewState
from cms.review.status import Status, status_of


@transaction.atomic
def approve(
    state: ReviewState, user: AbstractUser | None, *, update: bool = True, comment: str = ""
) -> ReviewState:
    """Approve the text that ``state`` is about, and open the next stage or sign off.

    Raises Refused, and changes nothing, unless it is this stage's turn, the person is its reviewer for the
    page's office, wrote nothing of the text, approved no earlier stage, and the text is still the same.
    """
    status = _turn_of(state, user)
    if built_from(state.revision, status.office).sha256 != state.sha256:
        raise Refused(
            _("The text, a picture in it or its office has changed since it was submitted: send it back.")
        )
    if {earlier.sha256 for earlier in status.approvals} - {state.sha256}:
        raise Refused(_("An earlier stage approved another text: send this one back."))
    assert user is not None  # or it is nobody's turn
    given = _approval(state, status, user)
    state.statement = given.statement()
    state.key_id, state.signature = signing.sign(state.statement)
    return TaskState.approve(state, user=user, update=update, comment=comment)


@transaction.atomic
def send_back(
    state: ReviewState, user: AbstractUser | None, *, update: bool = True, comment: str = ""
) -> ReviewState:
    """Send the text back to its author. Raises Refused without a reason, or when it is not her turn."""
    _turn_of(state, user)
    if not comment.strip():
        raise Refused(_("Say why you send the text back."))
    return TaskState.reject(state, user=user, update=update, comment=comment.strip())


def lock_review(workflow_state: WorkflowState) -> Page:
    """Lock page and workflow state until the transaction ends, read the state anew, return the page.

    Always the page first, so that two who decide at once wait for each other instead of blocking each other.
    """
    page = lock_page(int(workflow_state.object_id))
    WorkflowState.objects.select_for_update().get(pk=workflow_state.pk)
    workflow_state.refresh_from_db()
    return page


def lock_page(page_id: int) -> Page:
    """Lock the page's row until the transaction ends and return it as it is now. Raises Refused."""
    page = Page.objects.select_for_update().filter(pk=page_id).first()
    if page is None:
        raise Refused(_("The page is gone."))
    return page


def built_from(revision: Revision, office: Office | None = None) -> Built:
    """Return what the revision says. Raises Refused with what is missing.

    ``office`` is the page's, for who knows it already.
    """
    try:
        return build(revision.as_object(), office)
    except Unbuildable as error:
        raise Refused(" ".join(error.sentences)) from error
    except Office.DoesNotExist as error:
        raise Refused(_("The page stands in no office's branch: move it into a section first.")) from error


def _turn_of(state: ReviewState, user: AbstractUser | None) -> Status:
    """Lock everything and return how the text stands. Raises Refused unless ``user`` may act on it now."""
    workflow_state = WorkflowState.objects.get(pk=state.workflow_state_id)
    page = lock_review(workflow_state)
    state.refresh_from_db()  # what the caller holds may be old, or changed by hand
    if (
        state.status != state.STATUS_IN_PROGRESS
        or workflow_state.status != workflow_state.STATUS_IN_PROGRESS
        or workflow_state.current_task_state_id != state.pk
        or page.latest_revision_id != state.revision_id
    ):
        raise Refused(_("This stage is not under review any more: load the page again."))
    status = status_of(state)
    _refuse_unless_reviewer(status, user)
    return status


def _refuse_unless_reviewer(status: Status, user: AbstractUser | None) -> None:
    if user is None or not user.is_active:
        raise Refused(_("Only a reviewer of this stage can decide."))
    if user.pk in status.authors:
        raise Refused(_("You wrote part of this text: somebody else has to review it."))
    if user.pk in status.approvers:
        raise Refused(_("You approved an earlier stage: this one needs somebody else."))
    if not status.may_act(user):
        raise Refused(
            _("Only a reviewer of the stage “{stage}” for {office} can decide.").format(
                stage=status.stage.label, office=status.office.name
            )
        )


def _approval(state: ReviewState, status: Status, user: AbstractUser) -> Approval:
    assert status.covering is not None  # as the user is one of its reviewers
    return Approval(
        workflow_state=state.workflow_state_id,
        task_state=state.pk,
        page_id=status.page.pk,
        revision_id=state.revision_id,
        stage=state.stage,
        user_id=user.pk,
        username=user.get_username(),
        name=name_of(user),
        office_code=status.covering.code,
        office_name=status.covering.name,
        stand_in=status.stand_in,
        at=timezone.now().astimezone(dt.UTC).isoformat(),
        sha256=state.sha256,
    )
