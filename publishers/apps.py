from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PublishersConfig(AppConfig):
    name = "publishers"
    verbose_name = _("Distribution")

    def ready(self) -> None:
        from publishers import channels, history, plans, registry  # noqa: F401  (two of them register themselves)

        registry.load()
        channels.register_all()
