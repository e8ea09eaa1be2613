"""Sign-off: the one place that makes a Release."""

import hashlib

from django.contrib.auth.models import AbstractUser
from django.db import transaction
from django.db.models import Max
from django.dispatch import Signal
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.actions.publish_page_revision import PublishPageRevisionAction
from wagtail.models import Page, Revision, WorkflowState

from cms import signing
from cms.checks import limits
from cms.document.build import Built
from cms.document.model import canonical
from cms.media import blobs
from cms.models import Office, Release, Stage
from cms.refusals import Refused
from cms.releases import verification as releases
from cms.review import approval
from cms.review.authors import authors_of
from cms.review.decisions import built_from, lock_review
from cms.review.state import ReviewState
from cms.review.status import approved_stages

# Sent inside sign-off's transaction, kwargs ``release``, ``page`` and ``user``: what a receiver writes stands
# or falls with the Release; whoever calls out waits for the commit.
release_signed = Signal()


class SignOffRefused(Refused):
    """The text cannot be signed off as it is. Nothing has changed."""


@transaction.atomic
def sign_off(workflow_state: WorkflowState, user: AbstractUser | None = None) -> Release:
    """Make the Release of the text whose review is complete, and show it as live.

    Every stage of the page's office must have approved, in order, by different people of whom none is an
    author, the very text that the revision gives now. Raises SignOffRefused otherwise; nothing has changed.
    """
    page = lock_review(workflow_state)
    office = _office(page)
    states = _approved(workflow_state, page, office)
    revision = states[-1].revision
    built = _built(revision, states, office)
    release = _signed(_release(page.pk, revision, built, states))
    release.save(force_insert=True)
    release_signed.send(sender=Release, release=release, page=page, user=user)
    # No role holds Wagtail's publish right; the complete review stands for it.
    PublishPageRevisionAction(revision, user=user).execute(skip_permission_checks=True)
    return release


def _office(page: Page) -> Office:
    try:
        return Office.of_page(page)
    except Office.DoesNotExist as error:
        raise SignOffRefused(
            _("The page stands in no office's branch: move it into a section first.")
        ) from error


def _approved(workflow_state: WorkflowState, page: Page, office: Office) -> list[ReviewState]:
    """Return the approved states, one for each stage of the office, in order."""
    run = approved_stages({workflow_state.pk: page.latest_revision_id})[workflow_state.pk]
    states, approvals = [each.state for each in run], [each.approval for each in run]
    if [Stage(state.stage) for state in states] != list(office.stages):
        raise SignOffRefused(_("Not every stage has approved this text, each in its turn: send it back."))
    if any(given.page_id != page.pk for given in approvals):
        raise SignOffRefused(_("An approval belongs to another page: send the text back."))
    people = [given.user_id for given in approvals]
    if len(set(people)) != len(people):
        raise SignOffRefused(_("One person approved two stages: send the text back."))
    writers = authors_of([page])[page.pk] | {workflow_state.requested_by_id}
    if writers.intersection(people):
        raise SignOffRefused(_("An author approved the text herself: send it back."))
    if Release.objects.filter(page_id=page.pk, revision_id=states[-1].revision_id).exists():
        raise SignOffRefused(_("This version has been signed off already."))
    return states


def _built(revision: Revision, states: list[ReviewState], office: Office) -> Built:
    """Return what the revision says now; every approval must be for exactly that."""
    built = built_from(revision, office)
    if {state.sha256 for state in states} != {built.sha256}:
        raise SignOffRefused(
            _("The text or a picture in it has changed since it was approved: send it back.")
        )
    if problems := limits.problems(built):
        raise SignOffRefused(" ".join(problem.sentence for problem in problems))
    return built


def _release(page_id: int, revision: Revision, built: Built, states: list[ReviewState]) -> Release:
    """Return the Release, complete but for the hub's signature, its files stored."""
    article = revision.as_object()
    now = timezone.now()
    last = Release.objects.filter(page_id=page_id).aggregate(last=Max("number"))["last"]
    return Release(
        page_id=page_id,
        revision_id=revision.pk,
        number=(last or 0) + 1,
        kind=built.document.kind,
        title=built.document.title,
        slug=article.slug,
        office_code=built.document.office.code,
        office_name=built.document.office.name,
        public_from=max(now, article.go_live_at or now),
        signed_at=now,
        document=built.document.canonical(),
        variants=canonical(built.variants_json),
        approvals=canonical([approval.record(state) for state in states]),
        assets=canonical(_stored_files(built)),
        document_sha256=built.document.sha256(),
    )


def _stored_files(built: Built) -> dict[str, int]:
    """Copy every file into the blob store; return their sizes by hash."""
    sizes = {}
    for sha256, file in built.files.items():
        blob = blobs.store(file)
        if blob.sha256 != sha256:
            raise SignOffRefused(
                _("The file {name} was replaced a moment ago: send the text back.").format(name=file.name)
            )
        sizes[sha256] = blob.size
    return sizes


def _signed(release: Release) -> Release:
    manifest = releases.manifest(release)
    release.sha256 = hashlib.sha256(manifest).hexdigest()
    release.key_id, release.signature = signing.sign(manifest)
    return release
