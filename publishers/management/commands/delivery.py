"""manage.py delivery list | show | notify | retry"""

import uuid

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from cms.management.commanding import whole_number
from cms.refusals import Refused
from publishers import accounts
from publishers.distribution import broadcasts, retry
from publishers.exports import reports
from publishers.management.commanding import HubCommand, actor
from publishers.management.commands.deliver import line
from publishers.models import Delivery, Phase

#: As many as somebody may ask for at once.
MOST = 10**9
#: Read and printed together, however many are asked for.
CHUNK = 500


class Command(HubCommand):
    help = "List deliveries, show one with its attempts, or let one be tried again."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = self.actions(parser)
        listed = self.add_action(actions, "list", "list deliveries, the latest first")
        listed.add_argument("--phase", choices=Phase.values, help="only those in this phase")
        listed.add_argument("--account", metavar="ACCOUNT", help="only those of this account")
        listed.add_argument("--limit", type=whole_number(1, MOST), default=50, help="at most this many (50)")
        shown = self.add_action(actions, "show", "show a delivery with every attempt")
        tried = self.add_action(actions, "retry", "let the engine go on with a delivery now")
        told = self.add_action(
            actions, "notify", "send a delivery to the account's followers, or not after all"
        )
        told.add_argument("--not", action="store_true", dest="not_", help="publish it without telling them")
        for parser_of_one in (shown, tried, told):
            parser_of_one.add_argument("delivery", metavar="ID", help="the delivery's id")
        for parser_of_one in (tried, told):
            parser_of_one.add_argument(
                "--user", metavar="NAME", help="act in this person's name and with her rights"
            )

    def work(self, options: dict) -> None:
        if options["action"] == "show":
            self.show_one(options, _delivery(options["delivery"]))
        else:
            getattr(self, options["action"])(options)

    def list(self, options: dict) -> None:
        rows = Delivery.objects.order_by("-due_at", "-pk")
        if options["phase"]:
            rows = rows.filter(phase=options["phase"])
        if options["account"]:
            rows = rows.filter(account=accounts.find(options["account"]))
        limit = options["limit"]
        listed = reports.complete(rows)[:limit].iterator(chunk_size=CHUNK)
        if options["json"]:
            return self.show(options, [reports.delivery(row) for row in listed], [])
        for row in listed:
            self.stdout.write(line(row))
        if not rows.exists():
            self.show(options, [], [])
        elif rows[limit : limit + 1].exists():
            sentence = _("There are more: --limit {limit} lists ten times as many.")
            self.stderr.write(sentence.format(limit=min(limit * 10, MOST)))

    def show_one(self, options: dict, row: Delivery) -> None:
        attempts = [reports.attempt(attempt) for attempt in row.attempts.select_related("item")]
        lines = [line(row), *(_attempt_line(attempt) for attempt in attempts)]
        self.show(options, reports.delivery(row) | {"attempts": attempts}, lines)

    def notify(self, options: dict) -> None:
        row = _delivery(options["delivery"])
        broadcasts.decide(row, not options["not_"], by=actor(options["user"]))
        self.show_one(options, _delivery(options["delivery"]))

    def retry(self, options: dict) -> None:
        row = _delivery(options["delivery"])
        retry(row, by=actor(options["user"]))
        self.show_one(options, _delivery(options["delivery"]))


def _attempt_line(attempt: dict) -> str:
    said = attempt["evidence"].get("message", "")
    outcome = f"{attempt['outcome']} ×{attempt['tries']}"
    return f"  {attempt['begun_at']}  {attempt['name']}  {outcome}  {said}".rstrip()


def _delivery(text: str) -> Delivery:
    try:
        return reports.complete(Delivery.objects).get(pk=uuid.UUID(text))
    except (ValueError, Delivery.DoesNotExist):
        raise Refused(_("There is no delivery {id}.").format(id=text)) from None
