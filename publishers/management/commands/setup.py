import fcntl
import os
import socket
import threading
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import transaction
from django.utils.translation import gettext as _

from cms.management.commanding import InOneSentence
from cms.models import Office
from cms.refusals import Refused
from publishers.demo import content, network
from publishers.demo.logins import Logins

FILE = "logins.json"
#: So often whoever waits is shown that something goes on.
SIGN_OF_LIFE_S = 5


class Command(InOneSentence):
    help = (
        "Migrates, loads the demonstration's offices, people, accounts and articles where they are missing, "
        "and prints the addresses and the logins. What exists is kept. A hub with an organisation of its own "
        "gets none of it: it is refused, or before a start just said."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--without-articles", action="store_true", help="load people and accounts only")
        parser.add_argument(
            "--before-start",
            action="store_true",
            help="refuse where the data or the addresses of make run are in use",
        )

    def handle(self, *, without_articles: bool, before_start: bool, **options: object) -> None:
        if settings.PRODUCTION:
            raise CommandError(
                _("This loads a demonstration. In production, begin with migrate and bootstrap --name …")
            )
        if before_start:
            _require_alone()
            _require_free()
        with self._doing(_("Preparing the database (a minute on the first start) …")):
            call_command("migrate", verbosity=0)
        logins = Logins(settings.DATA_DIR / FILE)
        is_loaded = not network.is_of_others()
        if is_loaded:
            self._load(logins, without_articles=without_articles)
        elif before_start:
            self.stdout.write(_own_organisation())
        else:
            raise CommandError(_own_organisation())
        for title, address in {
            _("Desk"): f"{settings.PUBLIC_URL}/admin/",
            _("Micro-site"): f"{settings.PUBLIC_URL}/",
            _("API documentation"): f"{settings.PUBLIC_URL}/api/v1/docs",
            _("Platform sandbox"): f"{settings.SANDBOX_URL}/",
        }.items():
            self.stdout.write(f"{title}  {address}")
        if is_loaded:
            self._show(logins)

    def _load(self, logins: Logins, *, without_articles: bool) -> None:
        """Load all of it or, whatever happens, nothing."""
        try:
            with self._doing(_("Loading the demonstration …")), transaction.atomic():
                network.load(settings.SANDBOX_URL, logins)
                if not without_articles:
                    content.load()
        except (Refused, PermissionDenied) as refusal:
            sentence = _("The demonstration cannot be loaded, and nothing was changed: {reason}")
            raise CommandError(sentence.format(reason=refusal)) from None

    def _show(self, logins: Logins) -> None:
        self.stdout.write(
            _("Logins of the demonstration (kept in {path}):").format(path=settings.DATA_DIR / FILE)
        )
        roles = network.roles()
        for username, password in logins:
            self.stdout.write(f"  {username:<16}{password:<14}{roles.get(username, '')}")

    @contextmanager
    def _doing(self, sentence: str) -> Iterator[None]:
        """Say what is done, and add a dot now and then until it is."""
        self._say(sentence)
        done = threading.Event()
        dots = threading.Thread(target=self._dots, args=(done,), daemon=True)
        dots.start()
        try:
            yield
        finally:
            done.set()
            dots.join()
            self._say("\n")

    def _dots(self, done: threading.Event) -> None:
        while not done.wait(SIGN_OF_LIFE_S):
            self._say(".")

    def _say(self, text: str) -> None:
        self.stdout.write(text, ending="")
        self.stdout.flush()


def _own_organisation() -> str:
    sentence = _(
        "This hub has an organisation of its own, {office}: the demonstration is not loaded. To look at it, "
        "set HUB_DATA_DIR to another folder."
    )
    return sentence.format(office=Office.get_first_root_node().name)


def _require_alone() -> None:
    """Raise CommandError where another make run works on the data: what is loaded here would be its own."""
    with settings.RUN_LOCK.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sentence = _(
                "Another make run works on the data folder {folder}: stop it first, or set HUB_DATA_DIR in "
                ".env to another folder."
            )
            raise CommandError(sentence.format(folder=settings.DATA_DIR)) from None


def _require_free() -> None:
    """Raise CommandError, naming the variable, where another program listens already."""
    for name, address in (("HUB_BIND", settings.BIND), ("HUB_SANDBOX_PORT", settings.SANDBOX_BIND)):
        host, _colon, port = address.rpartition(":")
        if not port.isdecimal():
            continue  # a socket in the file system is gunicorn's affair
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        try:
            socket.create_server((host.strip("[]"), int(port)), family=family).close()
        except OSError as error:
            raise CommandError(
                _(
                    "Cannot listen on {address} ({reason}). Stop what runs there, perhaps this very hub, or "
                    "set {name} in .env to another."
                ).format(address=address, reason=os.strerror(error.errno or 0), name=name)
            ) from error
