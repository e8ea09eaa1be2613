from typing import TYPE_CHECKING

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractUser
    from wagtail.models import WorkflowState


def finish_workflow(workflow_state: "WorkflowState", user: "AbstractUser | None" = None) -> None:
    """Sign off the text whose review has ended (setting WAGTAIL_FINISH_WORKFLOW_ACTION).

    It stands here because Wagtail imports it before any model exists.
    """
    from cms.releases.sign_off import sign_off

    sign_off(workflow_state, user)


class CmsConfig(AppConfig):
    name = "cms"
    verbose_name = _("Content")

    def import_models(self) -> None:
        """Import the models, and those that stand on other rooms: articles, the stages of review."""
        super().import_models()
        from cms import articles  # noqa: F401
        from cms.review import run, state, task  # noqa: F401

    def ready(self) -> None:
        from wagtail.admin import compare

        # They register themselves.
        from cms import system_checks  # noqa: F401
        from cms.organisation import offices  # noqa: F401
        from cms.releases import triggers  # noqa: F401
        from cms.review import (  # noqa: F401
            comparing,
            delete_protection,
            mail,
        )

        compare.diff_text = comparing.diff_text
