"""One run of a text through review, with the rules for its beginning and end."""

from django.contrib.auth.models import AbstractUser
from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.models import Page, WorkflowState

from cms.refusals import Refused
from cms.review.authors import authors_of
from cms.review.decisions import lock_review


class ReviewRun(WorkflowState):
    """Wagtail's workflow state as an Article hands it out."""

    class Meta:
        proxy = True

    @transaction.atomic
    def resume(self, user: AbstractUser | None = None) -> None:
        """Begin again at the first stage (``ReviewTask.start``); a refusal leaves the run as it was."""
        lock_review(self)
        return super().resume(user)

    @transaction.atomic
    def cancel(self, user: AbstractUser | None = None) -> None:
        """Take the text back. Raises Refused when its review has ended in the meantime."""
        lock_review(self)
        if not self.is_active:
            raise Refused(_("The review has ended already: load the page again."))
        return super().cancel(user)

    def user_can_cancel(self, user: AbstractUser) -> bool:
        """Authors take a text back; a reviewer sends it back, with a reason."""
        page = Page.objects.filter(pk=self.object_id).first()
        return page is not None and user.pk in authors_of([page])[page.pk] | {self.requested_by_id}
