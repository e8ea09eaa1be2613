"""The workflow's end. Apart from ``sign_off``, because Wagtail imports it before any model exists."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractUser
    from wagtail.models import WorkflowState


def finish_workflow(workflow_state: "WorkflowState", user: "AbstractUser | None" = None) -> None:
    """Sign off the text whose review has ended (setting WAGTAIL_FINISH_WORKFLOW_ACTION)."""
    from cms.releases.sign_off import sign_off

    sign_off(workflow_state, user)
