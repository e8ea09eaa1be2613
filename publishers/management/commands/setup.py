from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from publishers.demo import content, network
from publishers.demo.logins import Logins

FILE = "logins.json"


class Command(BaseCommand):
    help = (
        "Migrates, loads the demonstration's offices, people, accounts and articles where they are missing, "
        "and prints the addresses and the logins. What exists is kept."
    )

    def add_arguments(self, parser):
        parser.add_argument("--without-articles", action="store_true", help="load people and accounts only")

    def handle(self, *, without_articles, **options):
        call_command("migrate", verbosity=0)
        logins = Logins(settings.DATA_DIR / FILE)
        network.load(settings.SANDBOX_URL, logins)
        if not without_articles:
            content.load()
        for title, address in {
            _("Desk"): f"{settings.PUBLIC_URL}/admin/",
            _("Micro-site"): f"{settings.PUBLIC_URL}/",
            _("API documentation"): f"{settings.PUBLIC_URL}/api/v1/docs",
            _("Platform sandbox"): f"{settings.SANDBOX_URL}/",
        }.items():
            self.stdout.write(f"{title}  {address}")
        self.stdout.write(
            _("Logins of the demonstration (kept in {path}):").format(path=settings.DATA_DIR / FILE)
        )
        for username, password in logins:
            self.stdout.write(f"  {username:<16}{password}")
