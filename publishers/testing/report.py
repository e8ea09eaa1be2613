"""A pytest plugin: the table plugin × promise, and no scenario that is left out in silence.

Loaded with ``pytest_plugins = ["publishers.testing.report"]`` in a conftest. A scenario that is skipped by
anything but a declaration or an opt-out fails. ``--conformance`` prints the table; then every publisher that
is installed must have been tested over each of its transports, or pytest's exit status is 1.
``--conformance-of`` asks that of the named ones only.
"""

from collections import defaultdict
from collections.abc import Iterable

import pytest

from publishers import registry, transports
from publishers.interface import API, FEED, MANUAL, PUSH, Publisher
from publishers.testing.given import PUBLISHER, Given
from publishers.testing.scenarios import PROMISES, NotDeclared, OptedOut, Scenario, of_class

KEY = "conformance"
KEPT, LEFT, OUT, BROKEN = "✓", "–", "○", "✗"
#: A platform's slug and a transport.
Row = tuple[str, str]
WIDTH = 24

#: The promises that must have been run, whatever of them is declared.
OVER_HTTP = frozenset(PROMISES) - {"by hand"}
BY_HAND = frozenset({"rendering", "limits", "hostile content", "by hand"})
FED = frozenset(
    {"rendering", "limits", "hostile content", "publish", "unknown outcome", "update", "withdraw"}
)
NEEDED = {API: OVER_HTTP, PUSH: OVER_HTTP, FEED: FED, MANUAL: BY_HAND}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--conformance", action="store_true", help="print the table plugin × promise")
    parser.addoption(
        "--conformance-of",
        action="append",
        metavar="PLATFORM",
        help="print the table for this platform alone (its slug); may be repeated",
    )


def pytest_configure(config: pytest.Config) -> None:
    only = config.getoption("--conformance-of")
    if (only or config.getoption("--conformance")) and not hasattr(config, "workerinput"):
        config.pluginmanager.register(_Table(only), "conformance-table")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo):
    report = yield
    scenario = _scenario_of(item) if isinstance(item, pytest.Function) else None
    if not isinstance(item, pytest.Function) or scenario is None:
        return report
    error = call.excinfo.value if call.excinfo else None
    if report.skipped and not isinstance(error, NotDeclared | OptedOut):
        report.outcome = "failed"
        report.longrepr = f"{scenario.number} was skipped. Say why in opt_outs, with the sheet's line."
    # Decided here, told to the process that prints the table.
    if report.when == "call" or not report.passed:
        report.user_properties.append((KEY, [*_row_of(item), scenario.number, _state(report, error)]))
    return report


def _scenario_of(item: pytest.Function) -> Scenario | None:
    """Return the scenario that ``item`` runs, also when a subclass has put another test in its place."""
    if item.cls is None or not issubclass(item.cls, Given):
        return None
    return dict(of_class(item.cls).values()).get(item.originalname)


def _row_of(item: pytest.Function) -> Row:
    publisher = item.stash.get(PUBLISHER, None)
    if publisher is None:
        assert item.cls is not None  # a scenario stands in a class
        return item.cls.__name__, API
    known: dict[type[Publisher], str] = {kind: name for name, kind in transports.TRANSPORTS.items()}
    return publisher.platform.slug, known.get(type(publisher), API)


def _state(report: pytest.TestReport, error: BaseException | None) -> str:
    if report.failed:
        return BROKEN
    if isinstance(error, OptedOut):
        return f"{OUT} {error.msg}"
    return LEFT if report.skipped else KEPT


class _Table:
    """Collects what the workers tell, in the process that talks to the terminal."""

    def __init__(self, only: list[str] | None):
        self._only = only
        self._states: dict[Row, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        for name, value in report.user_properties:
            if name == KEY:
                assert isinstance(value, list)  # as pytest_runtest_makereport has it
                slug, transport, number, state = value
                self._states[slug, transport][number].append(state)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if any(map(self._missing, self._rows())) and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        terminalreporter.section("conformance: plugin × promise")
        for line in [*self._heading(), *map(self._line, self._rows()), *self._notes()]:
            terminalreporter.write_line(line)

    def _expected(self) -> list[Row]:
        platforms = [publisher.platform for publisher in registry.all_publishers()]
        wanted = [each for each in platforms if self._only is None or each.slug in self._only]
        unknown = set(self._only or ()) - {each.slug for each in wanted}
        rows = [(platform.slug, each) for platform in wanted for each in platform.transports]
        return rows + [(slug, API) for slug in sorted(unknown)]

    def _missing(self, row: Row) -> list[str]:
        """Return the promises of which nothing was run."""
        needed = NEEDED.get(row[1], OVER_HTTP)
        return [each for each in PROMISES if each in needed and not self._of(row, each)]

    def _rows(self) -> list[Row]:
        expected = self._expected()
        return expected + [row for row in self._states if row not in expected]

    def _heading(self) -> Iterable[str]:
        yield " " * WIDTH + "".join(f"{number:>4}" for number in range(1, len(PROMISES) + 1))

    def _line(self, row: Row) -> str:
        missing = self._missing(row)
        signs = (BROKEN if promise in missing else _sum(self._of(row, promise)) for promise in PROMISES)
        return f"{' · '.join(row):<{WIDTH}}" + "".join(f"{sign:>4}" for sign in signs)

    def _of(self, row: Row, promise: str) -> list[str]:
        """Return what became of the promise's scenarios."""
        number, told = PROMISES.index(promise) + 1, self._states.get(row, {})
        return [state for each in told if _order(each)[0] == number for state in told[each]]

    def _notes(self) -> Iterable[str]:
        yield ""
        yield "  ".join(f"{number} {name}" for number, name in enumerate(PROMISES, start=1))
        yield f"{KEPT} kept  {LEFT} not declared  {OUT} opted out  {BROKEN} broken or missing"
        for row in self._rows():
            name = " · ".join(row)
            if missing := self._missing(row):
                yield f"{BROKEN} {name}: no test of {', '.join(missing)}"
            for state, numbers in self._said(row).items():
                yield f"{state[0]} {name} {', '.join(numbers)}{state[1:]}"

    def _said(self, row: Row) -> dict[str, list[str]]:
        """Return what is opted out of and what is broken, with the numbers of which it is said."""
        said: dict[str, list[str]] = defaultdict(list)
        told = self._states.get(row, {})
        for number in sorted(told, key=_order):
            for state in sorted({each for each in told[number] if each[0] in (OUT, BROKEN)}):
                said[state].append(number)
        return said


def _order(number: str) -> tuple[int, ...]:
    return tuple(int(part) for part in number.split("."))


def _sum(states: list[str]) -> str:
    """Return one sign for a promise: the worst of its scenarios; nothing declared is the least."""
    signs = {state[0] for state in states}
    return next((sign for sign in (BROKEN, OUT, KEPT) if sign in signs), LEFT)
