from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PublishersConfig(AppConfig):
    name = "publishers"
    verbose_name = _("Distribution")

    def ready(self) -> None:
        # The entries of the log are named there.
        from cms.signoff import release_signed
        from cms.site import files
        from cms.withdrawing import release_withdrawn
        from publishers import channels, correcting, history, plans, registry, withdrawing  # noqa: F401
        from publishers.feeds import pictures

        registry.load()
        channels.register_all()
        files.promises.append(pictures.promised)
        # In this order: what has not begun carries the newer text first, so that a plan for the same account
        # finds it there and sends nothing twice.
        release_signed.connect(correcting.carry_newer)
        release_signed.connect(plans.carry_out)
        release_withdrawn.connect(withdrawing.take_down)
