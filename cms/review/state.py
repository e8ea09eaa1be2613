"""The state of one stage of one review. An approval is more than a status: it is a signed statement."""

from typing import Any

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models.signals import pre_save
from django.dispatch import receiver
from django.utils.translation import gettext as _
from wagtail.models import TaskState

from cms.checks.proofreading import Note
from cms.models import Stage
from cms.refusals import Refused
from cms.review import approval


class ReviewState(TaskState):
    """Its task is always a ReviewTask. ``sha256`` is the text's when the stage was opened."""

    stage = models.PositiveSmallIntegerField(choices=Stage.choices)
    sha256 = models.CharField(max_length=64)
    statement = models.BinaryField(default=b"", help_text="who approved what when (cms.review.approval)")
    key_id = models.CharField(max_length=16, default="")
    signature = models.BinaryField(default=b"", help_text="the hub's, over the statement")

    class Meta:
        verbose_name = "review state"
        verbose_name_plural = "review states"

    @property
    def page_id(self) -> int:
        return int(self.workflow_state.object_id)

    def __str__(self) -> str:
        return f"{Stage(self.stage).label} · {self.get_status_display()}"

    # What is asked of a state, or done to it, its task answers and does: the rules read this model.

    # Any: a cms.review.status.Status; that module stands on this one.
    def review_status(self) -> Any:
        """Return whose turn it is (cms.review.status)."""
        return self.task.specific.review_status(self)

    def notes(self) -> list[Note]:
        """Return what a machine notices of the text that is under review (cms.checks.proofreading)."""
        return self.task.specific.notes(self)

    def approve(
        self, user: AbstractUser | None = None, update: bool = True, comment: str = ""
    ) -> "ReviewState":
        """Approve the text for ``user``. Raises Refused; then nothing has changed."""
        self.task.specific.on_action(self, user, "approve", update=update, comment=comment)
        return self

    def reject(
        self, user: AbstractUser | None = None, update: bool = True, comment: str = ""
    ) -> "ReviewState":
        """Send the text back with a reason. Raises Refused; then nothing has changed."""
        self.task.specific.on_action(self, user, "reject", update=update, comment=comment)
        return self


@receiver(pre_save, sender=TaskState)
@receiver(pre_save, sender=ReviewState)
def refuse_a_bare_approval(instance: TaskState, **kwargs: object) -> None:
    """Let no stage become approved past ``ReviewState.approve``, for instance by ``TaskState.approve``."""
    if instance.status != TaskState.STATUS_APPROVED:
        return
    state = instance
    if not isinstance(instance, ReviewState):
        state = ReviewState.objects.filter(pk=instance.pk).first()
    if state is not None and not approval.read_approval(state):
        raise Refused(_("A stage is approved by its reviewer, in the editor or on the dashboard."))
