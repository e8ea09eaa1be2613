from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


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
