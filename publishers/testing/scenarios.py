"""The numbered promises of the suite, and how a scenario is chosen: declared, opted out of, or run."""

import dataclasses
import re
from collections.abc import Callable
from typing import Any

import pytest

from publishers.interface import Platform, Publisher

#: What the suite promises, by number from 1. A scenario 8.2 is the second one of ``PROMISES[7]``.
PROMISES = (
    "rendering",
    "limits",
    "hostile content",
    "publish",
    "unknown outcome",
    "find",
    "update",
    "withdraw",
    "look",
    "quota",
    "credentials",
    "rejected",
    "capabilities",
    "figures",
    "callbacks",
    "notifying",
    "by hand",
)
#: An opt-out: "toutiao.md, section 4: the list tells no titles".
OPT_OUT = re.compile(r"(?P<sheet>[^,:\s]+), section (?P<section>[^:]+): (?P<why>.+)", re.DOTALL)

_PLAIN = {
    field.name: field.default if field.default_factory is dataclasses.MISSING else field.default_factory()
    for field in dataclasses.fields(Platform)
}


class NotDeclared(pytest.skip.Exception):  # type: ignore[name-defined]  # mypy sees no class in a function
    """The platform does not declare what the scenario is about."""


class OptedOut(pytest.skip.Exception):  # type: ignore[name-defined]  # mypy sees no class in a function
    """The plugin's tests say why the scenario cannot hold, and where its sheet says so."""


@dataclasses.dataclass(frozen=True)
class Scenario:
    """``needs`` are fields of Platform that must say more than their defaults do."""

    number: str
    needs: tuple[str, ...] = ()

    @property
    def promise(self) -> str:
        return PROMISES[int(self.number.partition(".")[0]) - 1]

    def require(self, publisher: Publisher, opt_outs: dict[str, str]) -> None:
        """Raise NotDeclared or OptedOut when the scenario is not to be run."""
        platform = publisher.platform
        for name in self.needs:
            if getattr(platform, name) == _PLAIN[name]:
                raise NotDeclared(f"{platform.name} does not declare {name}.")
        if self.number in opt_outs:
            raise OptedOut(opt_outs[self.number])


# Any: a plugin's own scenario stays whatever it is.
def scenario(number: str, *, needs: str | tuple[str, ...] = ()) -> Callable[[Any], Any]:
    """Number a test; ``needs`` names fields of Platform without which it does not apply."""
    made = Scenario(number, (needs,) if isinstance(needs, str) else needs)

    def numbered(test):
        test.scenario = made
        return test

    return numbered


def require_calls(publisher: Publisher, changing: list[str]) -> None:
    """Raise NotDeclared when nothing is called that changes something."""
    if not changing:
        raise NotDeclared(f"Nobody is called to publish on {publisher.platform.name}.")


def require_waits(server: object) -> None:
    """Raise NotDeclared when the server that stands for the platform cannot ask to wait."""
    if not hasattr(server, "ask_to_wait"):
        raise NotDeclared("The server has no ask_to_wait.")


def of_class(kind: type) -> dict[str, tuple[str, Scenario]]:
    """Return the scenarios that ``kind`` inherits or has: by number, the test's name and the scenario."""
    found = {}
    for base in kind.__mro__:
        for name, test in vars(base).items():
            if isinstance(made := getattr(test, "scenario", None), Scenario):
                found[made.number] = (name, made)
    return found


def check_opt_outs(kind: type, opt_outs: dict[str, str]) -> None:
    """Raise TypeError when an opt-out names no scenario, or no line of a sheet."""
    known = of_class(kind)
    for number, why in opt_outs.items():
        if number not in known:
            raise TypeError(f"{kind.__name__} opts out of {number}, which is no scenario that it inherits.")
        if not OPT_OUT.fullmatch(why):
            raise TypeError(
                f"{kind.__name__}: the opt-out of {number} must read like "
                f"“sheet.md, section 4: why”, not {why!r}."
            )
