"""What all commands share: whatever is wrong is said in one Chinese sentence, an argument or a refusal."""

import argparse
import math
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn  # options of every type

from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from cms.refusals import Refused

#: What argparse says, and what is said in its place; the last one takes what it may say besides.
SAID = (
    (r"the following arguments are required: (?P<what>.*)", gettext_noop("{what} is missing: see --help.")),
    (r"unrecognized arguments: (?P<what>.*)", gettext_noop("There is no argument {what}: see --help.")),
    (r"ambiguous option: (?P<what>\S+) .*", gettext_noop("{what} may mean several arguments: see --help.")),
    (r"argument (?P<what>.+?): expected .*", gettext_noop("{what} needs a value: see --help.")),
    (
        r"argument (?P<what>.+?): invalid choice: (?P<value>.*) \(choose from (?P<known>.*)\)",
        gettext_noop("{what} cannot be {value}; there are: {known}."),
    ),
    (
        r"argument (?P<what>.+?): invalid \w+ value: (?P<value>.*)",
        gettext_noop("{what} cannot be {value}: see --help."),
    ),
    (r"argument (?P<what>.+?): (?P<value>.*)", gettext_noop("{what} is wrong: {value}")),
    (r"(?P<value>.*)", gettext_noop("The command is not understood, see --help: {value}")),
)
LONGEST_SHOWN = 80


class Parser(CommandParser):
    """A parser that says what is wrong in one sentence, with exit status 2."""

    def error(self, message: str) -> NoReturn:
        sentence = _in_one_sentence(message)
        if self.called_from_command_line:
            self.exit(2, f"{sentence}\n")
        raise CommandError(sentence, returncode=2)


class InOneSentence(BaseCommand):
    """A command that ends with one sentence and status 1, or 2 for an argument that cannot be."""

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        parser.__class__ = Parser  # Django has no place to say which
        return parser

    def execute(self, *args: Any, **options: Any) -> str | None:
        try:
            for text in _texts(options.values()):
                _refuse_unwritable(text)
            return super().execute(*args, **options)
        except (Refused, PermissionDenied) as refusal:
            raise CommandError(str(refusal)) from None
        except BrokenPipeError:
            raise  # whoever read has left
        except OSError as error:
            sentence = _("The system refuses: {reason}")
            raise CommandError(sentence.format(reason=error)) from error


def whole_number(least: int, most: int) -> Callable[[str], int]:
    """Return an argument's type: a whole number from ``least`` to ``most``."""

    def parse(text: str) -> int:
        sentence = _("a whole number from {least} to {most} is needed.").format(least=least, most=most)
        try:
            number = int(text)
        except ValueError:
            raise argparse.ArgumentTypeError(sentence) from None
        if not least <= number <= most:
            raise argparse.ArgumentTypeError(sentence)
        return number

    return parse


#: The number of a page, or of another row: an argument's type.
row_number = whole_number(1, 2**31 - 1)


def seconds(text: str) -> float:
    """Return how long somebody is ready to wait: an argument's type."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not (math.isfinite(number) and number >= 0):
        raise argparse.ArgumentTypeError(_("a number of seconds is needed, such as 30."))
    return number


def _in_one_sentence(message: str) -> str:
    for pattern, sentence in SAID:
        if found := re.fullmatch(pattern, message, re.DOTALL):
            return _(sentence).format(**{name: _shown(text) for name, text in found.groupdict().items()})
    raise AssertionError(message)  # the last pattern takes everything


def _shown(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_SHOWN else f"{line[:LONGEST_SHOWN]}…"


def _texts(values: Any) -> Iterator[str | Path]:
    for value in values:
        if isinstance(value, str | Path):
            yield value
        elif isinstance(value, list | tuple):
            yield from _texts(value)


def _refuse_unwritable(text: str | Path) -> None:
    """Refuse what neither a database nor a file takes: a null byte, or bytes that are no text.

    A file may be called by such bytes, but not by a null byte.
    """
    if "\0" in str(text) or (isinstance(text, str) and re.search(r"[\ud800-\udfff]", text)):
        sentence = _("{text} holds what is no character: write it anew.")
        raise CommandError(sentence.format(text=ascii(_shown(str(text)))), returncode=2)
