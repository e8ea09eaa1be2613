"""manage.py restore FOLDER [--keys FOLDER] [--replace] [--stopped]"""

from pathlib import Path

from django.core.management.base import CommandParser
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from publishers.management.commanding import HubCommand
from publishers.operations import backup


class Command(HubCommand):
    help = (
        "Make this hub what it was when the backup was made. Stop web servers and workers first. It starts "
        "paused, and looks on the platforms for what the backup does not know before it sends anything."
    )
    # They look into tables that may not be there yet.
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("folder", metavar="FOLDER", type=Path)
        parser.add_argument("--keys", metavar="FOLDER", type=Path, help="put the keys back from there first")
        parser.add_argument("--replace", action="store_true", help="give up what the hub holds now")
        parser.add_argument(
            "--stopped",
            action="store_true",
            help="web servers, workers and beat are stopped, although there are signs of life",
        )

    def work(self, options: dict) -> None:
        found = backup.restore(
            options["folder"],
            kept=options["keys"],
            replace=options["replace"],
            stopped=options["stopped"],
        )
        time = date_format(localtime(found.at), "DATETIME_FORMAT")
        lines = [
            _("Restored, as of {time}. Everything is paused.").format(time=time),
            _("What was signed off or withdrawn later is not in it: withdraw again what must stay down."),
            _("Look at the desk, then resume: what may be out is looked for before anything is sent."),
        ]
        self.show(options, {"at": found.at.isoformat(), "counts": found.counts}, lines)
