from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReadersConfig(AppConfig):
    name = "readers"
    verbose_name = _("Readers")

    def ready(self) -> None:
        from cms import channels
        from cms.releases.sign_off import release_signed
        from cms.releases.withdrawals import release_withdrawn
        from readers.site.channel import MicroSite
        from readers.snapshots import following

        channels.register(MicroSite())
        # Before anybody else is told: whoever acts on a sign-off or a withdrawal finds what readers see.
        release_signed.connect(following.make_reading)
        release_withdrawn.connect(following.end_readings)
