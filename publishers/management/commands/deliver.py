"""manage.py deliver [--until-settled] [--timeout SECONDS]"""

import time
import uuid

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from cms.management.commanding import seconds
from cms.refusals import Refused
from publishers import engine
from publishers.exports import reports
from publishers.management.commanding import HubCommand
from publishers.models import Delivery, Phase

# Other workers may settle what this one waits for, so it looks again at least this often.
LOOK_S = 0.5


class Command(HubCommand):
    help = (
        "Run the delivery engine here, without a broker: once over what is due, or until nothing waits any "
        "more. Exit status 1 when a delivery that was open does not end settled or cancelled."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--until-settled", action="store_true", help="wait for what is due later and for confirmations"
        )
        parser.add_argument(
            "--timeout", type=seconds, metavar="SECONDS", help="give up waiting after this long"
        )

    def work(self, options: dict) -> None:
        give_up = time.monotonic() + options["timeout"] if options["timeout"] is not None else None
        seen = self._open()
        self._run_due()
        while options["until_settled"] and engine.next_moment() is not None:
            if give_up is not None and time.monotonic() > give_up:
                break
            seen |= self._open()
            if not self._run_due():
                time.sleep(LOOK_S)
        self._report(options, seen)

    def _open(self) -> set:
        return set(Delivery.objects.filter(next_at__isnull=False).values_list("pk", flat=True))

    def _run_due(self) -> int:
        """Run each delivery that is due once; return how many there were."""
        done: set[uuid.UUID] = set()
        while due := [delivery_id for delivery_id in engine.sweep() if delivery_id not in done]:
            for delivery_id in due:
                engine.run(delivery_id)
            done.update(due)
        return len(done)

    def _report(self, options: dict, seen: set) -> None:
        rows = list(reports.complete(Delivery.objects.filter(pk__in=seen).order_by("due_at")))
        self.show(options, [reports.delivery(row) for row in rows], [line(row) for row in rows])
        unsettled = [row for row in rows if row.phase not in (Phase.SETTLED, Phase.CANCELLED)]
        waiting = [row for row in unsettled if row.phase in Delivery.OPEN]
        if unsettled and (options["until_settled"] or len(waiting) < len(unsettled)):
            raise Refused(_("{count} deliveries are not settled.").format(count=len(unsettled)))


def line(row: Delivery) -> str:
    """Return one line on the delivery: its id, account, phase, and the address or the reason."""
    addresses = " ".join(item.url for item in row.items.all() if item.url)
    return f"{row.pk}  {row.account.name}  {row.get_phase_display()}  {addresses or row.reason}".rstrip()
