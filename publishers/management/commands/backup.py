"""manage.py backup FOLDER [--keys FOLDER]"""

from pathlib import Path

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from publishers.management.commanding import HubCommand
from publishers.operations import backup
from publishers.operations.backup import keys


class Command(HubCommand):
    help = (
        "Write the database, pictures and uploads into a new folder, with a list of what is in it and its "
        "hashes. The hub may go on working. The keys are never in it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("folder", metavar="FOLDER", type=Path)
        parser.add_argument("--keys", metavar="FOLDER", type=Path, help="copy the keys there: another medium")

    def work(self, options: dict) -> None:
        copied = keys.copy_out(options["keys"], options["folder"]) if options["keys"] else []
        made = backup.make(options["folder"])
        folder = str(options["folder"])
        value = {"folder": folder, "at": made.at.isoformat(), "counts": made.counts, "keys": copied}
        self.show(options, value, [_("Written: {folder}").format(folder=folder), *_about_keys(copied)])


def _about_keys(copied: list[str]) -> list[str]:
    lines = []
    if not copied:
        lines.append(
            _("The keys are not in it: keep a copy elsewhere (--keys). Without them nothing can be verified.")
        )
    if variable := keys.kept_elsewhere():
        sentence = _("The keys of credentials are in {variable}: keep them, too.")
        lines.append(sentence.format(variable=variable))
    return lines
