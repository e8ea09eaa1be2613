"""What the room's commands share: one sentence for an error, and text or JSON as output."""

import json

from django.contrib.auth import get_user_model
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.core.management.base import CommandError, CommandParser
from django.db import DatabaseError, InterfaceError, InternalError, OperationalError
from django.utils.translation import gettext as _

from cms.management.commanding import InOneSentence, Parser
from cms.refusals import Refused
from publishers.engine import space
from publishers.people.permissions import OPERATOR


class HubCommand(InOneSentence):
    """Exit status 0, or 1 with one sentence on standard error. ``work`` returns the exit status' truth."""

    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print JSON for machines")

    def actions(self, parser: CommandParser):
        """Return argparse's place for several things that the command does."""
        return parser.add_subparsers(dest="action", required=True, metavar="ACTION", parser_class=Parser)

    def add_action(self, actions, name: str, text: str) -> CommandParser:
        """Add one of several things that the command does; ``actions`` is argparse's."""
        parser = actions.add_parser(name, help=text, description=text)
        HubCommand.add_arguments(self, parser)
        return parser

    def handle(self, *args, **options) -> None:
        try:
            self.work(options)
        except (Refused, PermissionDenied, ImproperlyConfigured) as refusal:
            raise CommandError(str(refusal)) from None
        except (OperationalError, InterfaceError, InternalError) as error:
            raise CommandError(no_database(error)) from error

    def work(self, options: dict) -> None:
        raise NotImplementedError

    def show(self, options: dict, value, lines: list[str]) -> None:
        """Print ``value`` as JSON when that is asked for, otherwise ``lines``."""
        if options["json"]:
            self.stdout.write(json.dumps(value, ensure_ascii=False, indent=2))
        else:
            self.stdout.write("\n".join(lines) if lines else _("None."))


def no_database(error: DatabaseError | InterfaceError) -> str:
    """Return what somebody does whose command found no database, or one without tables or without writes."""
    used = _(
        "The database cannot be used: see that it runs, that HUB_DATABASE_URL is right and that manage.py "
        "migrate was run. ({reason})"
    )
    written = _(
        "The database takes no writes: see that HUB_DATABASE_URL names the primary, no standby, and that its "
        "disk can be written. ({reason})"
    )
    sentence = written if space.is_read_only(error) else used
    return sentence.format(reason=" ".join(str(error).split()))


def actor(username: str | None):
    """Return the person in whose name and with whose rights the command acts; without one, the operator."""
    if username is None:
        return OPERATOR
    users = get_user_model()
    try:
        return users.objects.get(**{users.USERNAME_FIELD: username})
    except users.DoesNotExist:
        raise Refused(_("There is no user {name}.").format(name=username)) from None
