"""What a page is that goes through review: locked meanwhile, published by sign-off only."""

from typing import TYPE_CHECKING

from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext as _
from wagtail.actions.publish_page_revision import PublishPagePermissionError
from wagtail.locks import BaseLock, BasicLock
from wagtail.models import PagePermissionTester, Revision, Workflow

from cms.models import Office, Release
from cms.refusals import InReview
from cms.review.run import ReviewRun


class ReviewedPagePermissions(PagePermissionTester):
    """Nobody publishes by hand, superusers included: readers see Releases, and sign-off makes them."""

    def can_publish(self) -> bool:
        return False


if TYPE_CHECKING:
    # What it is mixed into. At run time a model that inherits from Page would be a kind of page itself.
    from wagtail.models import Page as _Base
else:
    _Base = models.Model


class Reviewed(_Base):
    """Mixin before Page."""

    class Meta:
        abstract = True

    def clean(self) -> None:
        super().clean()
        if self.expire_at:
            raise ValidationError({"expire_at": _("Articles do not expire: leave this empty.")})

    def get_workflow(self) -> Workflow | None:
        """Return the workflow with as many stages as the page's office asks for."""
        try:
            stage_count = Office.of_page(self).stage_count
        except Office.DoesNotExist:
            return None
        return workflow_of(stage_count)

    @property
    def has_workflow(self) -> bool:
        return self.get_workflow() is not None

    @property
    def workflow_states(self) -> models.QuerySet[ReviewRun]:
        return ReviewRun.objects.for_instance(self)

    def get_lock(self) -> BaseLock | None:
        """Return the review's lock before a person's own: that one would let its owner edit in review.

        A date of publication locks nothing: it stands in a Release, and a correction may be prepared.
        """
        if task := self.current_workflow_task:
            return task.lock_class(self, task)
        return BasicLock(self) if self.locked else None

    @transaction.atomic
    def save_revision(self, *args: object, **kwargs: object) -> Revision:
        """Save a revision. Raises InReview while the text is in review, also for autosave's overwriting."""
        if self.pk:
            type(self).objects.select_for_update().filter(pk=self.pk).values_list("pk").first()
            if self.workflow_in_progress:
                raise InReview(_("The text is in review and cannot be changed. Its author can take it back."))
        return super().save_revision(*args, **kwargs)

    def publish(self, revision: Revision, user: AbstractUser | None = None, **kwargs: object) -> None:
        """Let Wagtail show as live what was signed off; nothing else, whoever asks."""
        if not Release.objects.filter(page_id=self.pk, revision_id=revision.pk).exists():
            raise PublishPagePermissionError(
                _("An article is published by its last reviewer's sign-off, not by hand.")
            )
        return super().publish(revision, user=user, **{**kwargs, "skip_permission_checks": True})

    def permissions_for_user(self, user: AbstractUser) -> PagePermissionTester:
        return ReviewedPagePermissions(user, self)


def workflow_of(stage_count: int) -> Workflow | None:
    """Return the active workflow of that many stages of review (``cms.review.setup``)."""
    stages = Workflow.objects.filter(active=True, workflow_tasks__task__reviewtask__isnull=False)
    counted = stages.annotate(stage_count=models.Count("workflow_tasks"))
    return counted.filter(stage_count=stage_count).order_by("pk").first()
