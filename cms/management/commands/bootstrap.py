import secrets
from typing import Any  # Django's own options

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _

from cms import signing
from cms.bootstrap import bootstrap
from cms.management.commanding import InOneSentence
from cms.models import Office


class Command(InOneSentence):
    help = (
        "Makes the home page, the root office, the review workflows, the signing key and the first "
        "administrator, as far as they are missing. Can be run again without harm."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--code", default="province", help="code of the root office (default: province)")
        parser.add_argument("--name", help="full name of the root office; not needed once there is one")
        parser.add_argument(
            "--new-key", action="store_true", help="make another signing key: the old one is away for good"
        )
        parser.add_argument("--administrator", default="admin", help="user name of the first administrator")

    def handle(
        self, *, code: str, name: str | None, administrator: str, new_key: bool = False, **options: Any
    ) -> None:
        if signing.is_lost() and not new_key:
            raise CommandError(
                _(
                    "The signing key is gone: put the copy that is kept elsewhere back to {file}. --new-key "
                    "makes another one."
                ).format(file=signing.key_file())
            )
        if not name and Office.get_first_root_node() is None:
            raise CommandError(_("Say what the root office is called: --name …"))
        password = secrets.token_urlsafe(12)
        made = bootstrap(code=code, name=name or "", administrator=administrator, password=password)
        if not made.anything:
            self.stdout.write(_("Nothing was missing, nothing was changed."))
        self.stdout.write(_("Root office: {name}").format(name=made.office.name))
        for key in signing.public_keys():
            self.stdout.write(_("Signing key {key_id}: {public_key}").format(**key))
        if made.administrator_made:
            self.stdout.write(
                _("Administrator {username}, password (shown only once): {password}").format(
                    username=administrator, password=password
                )
            )
