"""manage.py account add | list | check | pause | resume | update | rotate"""

import argparse
import json
import os
from pathlib import Path

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from cms.models import Office
from cms.refusals import Refused
from publishers import accounts, callbacks
from publishers.accounts import credentials
from publishers.exports import reports
from publishers.management.commanding import HubCommand
from publishers.models import Account, Transport
from publishers.people.permissions import OPERATOR


class Command(HubCommand):
    help = "Add, list, check, pause and resume accounts on platforms. Credentials are stored encrypted."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = self.actions(parser)
        add = self.add_action(actions, "add", "add an account of an office on a platform")
        add.add_argument("--office", required=True, metavar="CODE", help="code of the office that owns it")
        add.add_argument("--platform", required=True, help="e.g. wechat, penguin")
        add.add_argument("--name", required=True, help="as the desk shows it")
        self._address(add)
        self._transport(add)
        self._credentials(add)
        self.add_action(actions, "list", "list all accounts")
        self._one(actions, "check", "ask the platform what the account may do")
        pause = self._one(actions, "pause", "stop everything on the account until it is resumed")
        pause.add_argument("--reason", default="", help="one sentence for the desk")
        self._one(actions, "resume", "let the account's deliveries go on")
        update = self._one(actions, "update", "change how articles travel, and replace credentials")
        self._address(update)
        self._transport(update)
        self._credentials(update)
        self.add_action(actions, "rotate", "encrypt all credentials anew with the newest key")

    def _one(self, actions, name: str, text: str) -> CommandParser:
        parser = self.add_action(actions, name, text)
        parser.add_argument("account", metavar="ACCOUNT", help="its name, platform:name, or number")
        return parser

    def _address(self, parser: CommandParser) -> None:
        parser.add_argument("--base-url", metavar="URL", help="another address than the platform's own")

    def _transport(self, parser: CommandParser) -> None:
        parser.add_argument("--transport", choices=Transport.values, help="how articles travel there")
        parser.add_argument("--contract", metavar="TEXT", help="the paper that permits the interface")
        parser.add_argument(
            "--falls-back",
            action=argparse.BooleanOptionalAction,
            help="what it does not take, a person publishes by hand",
        )
        parser.add_argument("--theme", metavar="NAME", help="one of the platform's")

    def _credentials(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--credential",
            action="append",
            default=[],
            metavar="NAME=VALUE",
            help="visible to others: see below",
        )
        parser.add_argument(
            "--credential-env",
            action="append",
            default=[],
            metavar="NAME=VARIABLE",
            help="from the environment",
        )
        parser.add_argument("--credential-file", metavar="PATH", help="JSON object, or lines of NAME=VALUE")
        parser.epilog = "Prefer --credential-file or --credential-env: other users see a command's arguments."

    def work(self, options: dict) -> None:
        # Django's own command has a method called check.
        getattr(self, f"do_{options['action']}")(options)

    def do_add(self, options: dict) -> None:
        office = Office.objects.filter(code=options["office"]).first()
        if office is None:
            raise Refused(_("There is no office {code}.").format(code=options["office"]))
        account = accounts.add(
            office=office,
            platform=options["platform"],
            name=options["name"],
            credentials=_read_credentials(options),
            **_given(options),
            by=OPERATOR,
        )
        self._show_one(options, account)

    def do_list(self, options: dict) -> None:
        rows = list(Account.objects.select_related("office").order_by("platform", "name"))
        self.show(options, [reports.account(row) for row in rows], [_line(row) for row in rows])

    def do_check(self, options: dict) -> None:
        account = accounts.check(accounts.find(options["account"]), by=OPERATOR)
        if account.problem:
            raise Refused(account.problem)
        self._show_one(options, account)

    def do_pause(self, options: dict) -> None:
        account = accounts.find(options["account"])
        accounts.pause(account, reason=options["reason"], by=OPERATOR)
        self._show_one(options, account)

    def do_resume(self, options: dict) -> None:
        account = accounts.find(options["account"])
        accounts.resume(account, by=OPERATOR)
        self._show_one(options, account)

    def do_update(self, options: dict) -> None:
        account = accounts.find(options["account"])
        accounts.change(account, credentials=_read_credentials(options), **_given(options), by=OPERATOR)
        self._show_one(options, account)

    def do_rotate(self, options: dict) -> None:
        count = credentials.rotate()
        self.show(options, {"encrypted": count}, [_("{count} secrets encrypted anew.").format(count=count)])

    def _show_one(self, options: dict, account: Account) -> None:
        address = callbacks.address_of(account)
        told = [_("Callback address: {address}").format(address=address)] if address else []
        self.show(options, reports.account(account), [_line(account), *told])


def _line(account: Account) -> str:
    state = account.paused_reason or account.problem or ", ".join(account.capabilities)
    return (
        f"{account.pk:>4}  {account.platform:<10} {account.name}  ({account.office.code})  {state}".rstrip()
    )


def _given(options: dict) -> dict:
    """Return what was said of the account's ways; what was not said stays, or is the usual."""
    names = ("base_url", "transport", "contract", "falls_back", "theme")
    return {name: options[name] for name in names if options.get(name) is not None}


def _read_credentials(options: dict) -> dict[str, str]:
    """Return the credentials from the file, the environment and the arguments; the last ones count."""
    found = _of_file(options["credential_file"]) if options["credential_file"] else {}
    for pair in options["credential_env"]:
        name, variable = _split(pair)
        if variable not in os.environ:
            raise Refused(_("The environment has no variable {name}.").format(name=variable))
        found[name] = os.environ[variable]
    return found | dict(_split(pair) for pair in options["credential"])


def _of_file(path: str) -> dict[str, str]:
    try:
        text = Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise Refused(_("The file {path} cannot be read.").format(path=path)) from None
    if not text.startswith("{"):
        return dict(_split(line) for line in text.splitlines() if line.strip())
    try:
        return {str(name): str(value) for name, value in json.loads(text).items()}
    except (ValueError, RecursionError):
        raise Refused(_("The file {path} is not JSON.").format(path=path)) from None


def _split(pair: str) -> tuple[str, str]:
    name, equals, value = pair.partition("=")
    if not equals or not name.strip():
        raise Refused(_("Credentials are given as NAME=VALUE."))  # the text itself may be a secret
    return name.strip(), value.strip()
