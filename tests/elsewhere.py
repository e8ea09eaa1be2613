"""On PostgreSQL, leave out the tests that touch no database: they ran on SQLite, and nothing would differ.

Which they are is not kept in a list. A test may touch the database only where it is marked for it or has a
fixture that asks for it; pytest-django refuses any other.
"""

import pytest
from django.db import connection

ASKING = {"db", "transactional_db", "live_server"}
LEFT_OUT = "touch no database"


def touches_database(item: pytest.Item) -> bool:
    asked = not ASKING.isdisjoint(getattr(item, "fixturenames", ()))
    return asked or item.get_closest_marker("django_db") is not None


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if connection.vendor == "sqlite":
        return
    left_out = [item for item in items if not touches_database(item)]
    items[:] = [item for item in items if touches_database(item)]
    config.hook.pytest_deselected(items=left_out)
    # A worker of xdist tells it to the process that talks to the terminal.
    getattr(config, "workeroutput", config.stash.setdefault(_told, {}))[LEFT_OUT] = len(left_out)


_told = pytest.StashKey[dict[str, int]]()


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node, error) -> None:
    node.config.stash[_told] = getattr(node, "workeroutput", {})


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if number := terminalreporter.config.stash.get(_told, {}).get(LEFT_OUT):
        terminalreporter.write_line(f"{number} tests {LEFT_OUT} and are left out: they run on SQLite.")
