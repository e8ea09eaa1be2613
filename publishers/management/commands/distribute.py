"""manage.py distribute PAGE … --account ACCOUNT …"""

import datetime as dt

from django.core.management.base import CommandParser
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from cms.management.commanding import row_number
from cms.models import Release
from cms.refusals import Refused
from publishers import accounts
from publishers.distribution import distribute, newest_release
from publishers.exports import reports
from publishers.management.commanding import HubCommand, actor
from publishers.models import Delivery


class Command(HubCommand):
    help = (
        "Distribute what was signed off last of each PAGE to accounts. Makes deliveries; workers, or "
        "manage.py deliver, carry them out."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("page", nargs="+", type=row_number, metavar="PAGE", help="its number")
        parser.add_argument(
            "--account",
            action="append",
            required=True,
            metavar="ACCOUNT",
            help="name, platform:name, or number; may be repeated",
        )
        parser.add_argument(
            "--at",
            metavar="TIME",
            help="e.g. 2026-11-25T18:00, the hub's zone unless it says another; now if left out",
        )
        parser.add_argument("--urgent", action="store_true", help="goes before what else is due there")
        parser.add_argument(
            "--again",
            action="store_true",
            help="send although an earlier delivery was cancelled halfway; somebody has looked there",
        )
        parser.add_argument(
            "--alike",
            action="store_true",
            help="send although a text like it went to the account not long ago",
        )
        parser.add_argument("--user", metavar="NAME", help="act in this person's name and with her rights")

    def work(self, options: dict) -> None:
        releases = [_release(page_id) for page_id in options["page"]]
        chosen = [accounts.find(handle) for handle in options["account"]]
        made = distribute(
            releases,
            chosen,
            at=_time(options["at"]),
            urgent=options["urgent"],
            again=options["again"],
            alike=options["alike"],
            by=actor(options["user"]),
        )
        rows = reports.complete(Delivery.objects.filter(pk__in=[delivery.pk for delivery in made]))
        lines = [f"{row.pk}  {row.account.platform} {row.account.name}  {_shown(row.due_at)}" for row in rows]
        self.show(options, [reports.delivery(row) for row in rows], lines)


def _release(page_id: int) -> Release:
    release = newest_release(page_id)
    if release is None:
        raise Refused(_("Page {page} was never signed off.").format(page=page_id))
    return release


def _time(text: str | None) -> dt.datetime | None:
    if text is None:
        return None
    try:
        moment = parse_datetime(text)
    except ValueError:
        moment = None
    # The first and the last year end on another day in other zones, of which there is none.
    if moment is None or moment.year in (dt.MINYEAR, dt.MAXYEAR):
        raise Refused(_("{text} is not a time such as 2026-11-25T18:00.").format(text=text))
    return moment if timezone.is_aware(moment) else timezone.make_aware(moment)


def _shown(moment: dt.datetime) -> str:
    return timezone.localtime(moment).isoformat(" ", "minutes")
