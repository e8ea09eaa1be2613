from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PublishersConfig(AppConfig):
    name = "publishers"
    verbose_name = _("Distribution")

    def ready(self) -> None:
        from cms.releases.sign_off import release_signed
        from cms.releases.withdrawals import release_withdrawn
        from publishers import registry
        from publishers.desk import channels
        from publishers.distribution import correcting, plans, withdrawing
        from publishers.feeds import pictures
        from publishers.operations import system_checks  # noqa: F401  (they register themselves)
        from publishers.people import audit  # noqa: F401  (the entries of the log are named there)
        from publishers.platforms.built_in import BUILT_IN
        from readers import promises

        registry.load(BUILT_IN)
        channels.register_all()
        promises.add(pictures.promised)
        # In this order: what has not begun carries the newer text first, so that a plan for the same account
        # finds it there and sends nothing twice.
        release_signed.connect(correcting.carry_newer)
        release_signed.connect(plans.carry_out)
        release_withdrawn.connect(withdrawing.take_down)
