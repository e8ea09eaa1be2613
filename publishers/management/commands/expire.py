"""manage.py expire [--dry-run]"""

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from publishers.management.commanding import HubCommand
from publishers.operations import retention


class Command(HubCommand):
    help = (
        "Let go what is kept no longer, as beat does every night; docs/operations.md says of each table how "
        "long and why. What proves anything stays for ever."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--dry-run", action="store_true", help="count what would go, and change nothing")

    def work(self, options: dict) -> None:
        counts = {
            rule.name: rule.over().count() if options["dry_run"] else sum(retention.expire(rule))
            for rule in retention.RULES
        }
        sentence = _("{table}: {count} would go") if options["dry_run"] else _("{table}: {count} gone")
        lines = [sentence.format(table=table, count=count) for table, count in counts.items()]
        self.show(options, counts, lines)
