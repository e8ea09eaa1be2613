"""Releases, made the only way there is: by walking the review."""

import datetime as dt
from contextlib import nullcontext
from itertools import count

from django.utils import timezone

from cms import signing
from cms.models import Office, Release, Role
from cms.organisation.offices import grant
from cms.review.setup import ensure_workflows
from tests.factories import make_office, make_section, make_story, make_user

_numbers = count(1)


def ready_for_review() -> None:
    """Make what bootstrap makes: the signing key and the workflows."""
    signing.ensure_key()
    ensure_workflows()


def submit(page, user=None):
    """Submit the page's latest revision as its author; return the workflow state."""
    page = page.specific
    page.refresh_from_db()
    return page.get_workflow().start(page, user or page.owner)


def waiting(page):
    """Return the state of the stage that the page waits at; None when it is not in review."""
    page.refresh_from_db()
    return page.specific.current_workflow_task_state


def approve(page, user=None):
    """Approve the stage that the page waits at, by ``user`` or whoever may."""
    state = waiting(page)
    return state.approve(user=user or _reviewer(page, state))


def approve_all(page) -> Release:
    """Approve every stage that is left and return the Release."""
    while waiting(page):
        approve(page)
    return Release.objects.filter(page_id=page.pk).latest("number")


def make_release(page=None, public_from: dt.datetime | None = None, cast=None) -> Release:
    """Return the Release of ``page`` (or of a new story), approved by ``cast``'s reviewers or new ones.

    ``public_from`` may lie in the past: then the whole review happened at that time.
    """
    ready_for_review()
    with _travel(public_from) if _is_past(public_from) else nullcontext():
        page = (page or _story(cast)).specific
        page.refresh_from_db()
        page = page.get_latest_revision_as_object()
        page.go_live_at = None if _is_past(public_from) else public_from
        author = page.owner or make_user(f"author{next(_numbers)}")
        page.save_revision(user=author)
        submit(page, author)
        return approve_all(page)


def _travel(moment: dt.datetime):
    import time_machine  # tests/production signs off where no tool of the developers is installed

    return time_machine.travel(moment, tick=True)


def _is_past(moment: dt.datetime | None) -> bool:
    return moment is not None and moment < timezone.now()


def _story(cast):
    if cast:
        return make_story(cast.section, author=cast.editor)
    section = make_section(Office.get_first_root_node() or make_office())
    author = make_user(f"author{next(_numbers)}", Office.of_page(section), Role.AUTHOR)
    return make_story(section, author=author, title=f"山里的阅览室之{next(_numbers)}")


def _reviewer(page, state):
    status = state.review_status()
    if status.reviewers and not status.stand_in:
        return status.reviewers[0]
    user = make_user(f"reviewer-{next(_numbers)}")
    grant(user, Office.of_page(page), Role.REVIEWER, state.stage)
    return user
