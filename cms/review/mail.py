"""Telling people: the next reviewers that it is their turn, the author how it ended.

Mail is written with the decision, in its transaction, and a mail server that is down changes nothing about
the review. These take the places of Wagtail's own notices, which go out inside the transaction and say less.
"""

import logging
from collections.abc import Iterable, Mapping

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser
from django.dispatch import receiver
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from wagtail.models import WorkflowState
from wagtail.signals import task_submitted, workflow_approved, workflow_rejected, workflow_submitted

from cms import mailing
from cms.models import Office, Stage
from cms.review.authors import authors_of
from cms.review.state import ReviewState
from cms.review.status import status_of

logger = logging.getLogger(__name__)


@receiver(task_submitted, sender=ReviewState)
def tell_reviewers(instance: ReviewState, **kwargs: object) -> None:
    mailing.with_the_act(lambda: _tell_reviewers(instance.pk))


@receiver(workflow_rejected, sender=WorkflowState, dispatch_uid="workflow_state_rejected_email_notification")
def tell_author_of_return(instance: WorkflowState, **kwargs: object) -> None:
    mailing.with_the_act(lambda: _tell_authors(instance.pk, "returned", _("Sent back: {title}")))


@receiver(workflow_approved, sender=WorkflowState, dispatch_uid="workflow_state_approved_email_notification")
def tell_author_of_sign_off(instance: WorkflowState, **kwargs: object) -> None:
    mailing.with_the_act(lambda: _tell_authors(instance.pk, "signed_off", _("Signed off: {title}")))


@receiver(
    workflow_submitted, sender=WorkflowState, dispatch_uid="workflow_state_submitted_email_notification"
)
def say_nothing_about_submission(**kwargs: object) -> None:
    """The first stage's reviewers are told (``tell_reviewers``); nobody else needs to be."""


def _tell_reviewers(state_id: int) -> None:
    state = ReviewState.objects.select_related("workflow_state", "revision").get(pk=state_id)
    try:
        status = status_of(state)
    except Office.DoesNotExist:
        return  # moved out of every branch meanwhile: nobody is responsible
    context = {"status": status, "stage": Stage(state.stage).label}
    _send(status.reviewers, state, "your_turn", _("Awaiting your review: {title}"), context)


def _tell_authors(workflow_state_id: int, template: str, subject: Promise) -> None:
    workflow_state = WorkflowState.objects.get(pk=workflow_state_id)
    state = workflow_state.current_task_state.specific
    if not isinstance(state, ReviewState):
        return
    page = workflow_state.content_object
    wrote = authors_of([page], signed=state.revision_id)[page.pk]
    told = {workflow_state.requested_by_id, page.owner_id} | wrote
    context = {"stage": Stage(state.stage).label, "reason": state.comment, "by": state.finished_by}
    _send(get_user_model().objects.filter(pk__in=told - {None}), state, template, subject, context)


def _send(
    users: Iterable[AbstractUser],
    state: ReviewState,
    template: str,
    subject: Promise,  # translated in each one's language
    context: Mapping[str, object],
) -> None:
    """Write about the page under review; template and subject are given its title and address as well."""
    link = settings.PUBLIC_URL + reverse("wagtailadmin_pages:edit", args=[state.page_id])
    said = {**context, "title": state.revision.object_str, "link": link}
    if sent := mailing.send(users, f"cms/review/{template}.txt", subject, said):
        logger.info("Mail %s about page %s to %d people", template, state.page_id, sent)
