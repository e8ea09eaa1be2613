"""The lock on a text in review, and what the editor says about it."""

from collections.abc import Iterable

from django.contrib.auth.models import AbstractUser
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from wagtail.locks import WorkflowLock

from cms.models import name_of
from cms.review.status import Status, status_of


class ReviewLock(WorkflowLock):
    """Holds for everybody. Its message is the banner above the editor: whose turn, who stands in."""

    def for_user(self, user: AbstractUser) -> bool:
        return True

    def get_message(self, user: AbstractUser) -> SafeString:
        status = status_of(self.object.current_workflow_task_state)
        sentences = [turn(status)]
        if status.stand_in:
            sentences.append(stand_in(status))
        return format_html_join(" ", "{}", ((format_html("{}", sentence),) for sentence in sentences))

    def get_locked_by(self, user: AbstractUser, can_lock: bool = False) -> str:
        return _("Locked while in review")

    def get_description(self, user: AbstractUser, can_lock: bool = False) -> str:
        return _("Nobody changes a text while it is in review. Its author can take it back.")


def turn(status: Status) -> str:
    """Return the sentence that says whose turn it is."""
    if not status.reviewers:
        return _(
            "In review, at the stage “{stage}”: nobody is left who may review it. An administrator "
            "has to name another reviewer."
        ).format(stage=status.stage.label)
    return _("In review, at the stage “{stage}”, with {people}. Nobody can change it meanwhile.").format(
        stage=status.stage.label, people=names(status.reviewers)
    )


def stand_in(status: Status) -> str:
    """Return the sentence that says that an office above stands in, where one does (``Status.stand_in``)."""
    assert status.covering is not None
    return _("{office} has no reviewer left for this stage: reviewers of {covering} stand in.").format(
        office=status.office.name, covering=status.covering.name
    )


def names(users: Iterable[AbstractUser]) -> str:
    return "、".join(map(name_of, users))
