from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CmsConfig(AppConfig):
    name = "cms"
    verbose_name = _("Content")

    def ready(self) -> None:
        from wagtail.admin import compare

        # They register themselves.
        from cms import checks, offices, triggers  # noqa: F401
        from cms.review import comparing, keeping, mail  # noqa: F401
        from cms.site import channel, following  # noqa: F401

        compare.diff_text = comparing.diff_text
