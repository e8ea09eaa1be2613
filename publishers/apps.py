from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PublishersConfig(AppConfig):
    name = "publishers"
    verbose_name = _("Distribution")

    def ready(self) -> None:
        # Those that are not used here register themselves.
        from cms.site import files
        from publishers import channels, correcting, history, plans, registry, withdrawing  # noqa: F401
        from publishers.feeds import pictures

        registry.load()
        channels.register_all()
        files.promises.append(pictures.promised)
