"""Worker processes that can be told where to die: ``python -m tests.chaos.worker``.

Django is set up once; each run is a new process, forked before anything is connected. It runs the engine on
deliveries, one after the other, and, at the point that it was given, kills itself with SIGKILL: nothing is
caught, flushed or closed.

A *point* lies before or after a COMMIT, before or after a writing statement outside of a transaction, which
is a commit of its own, and before or after an HTTP call. For each line on standard input, a JSON list of runs
``{"deliveries": [ids], "kill_at": number from 1 or null, "settings": {…}}``, one line comes back on standard
output: for each run ``{"points": [names passed], "killed": …, "phases": [one for each id] or null}``.
"""

import json
import os
import signal
import sys
import traceback
import uuid
from collections.abc import Callable

TOGETHER = 4
WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE")


class Points:
    """Counts the points of this process, tells each to ``told`` (a pipe) and dies at ``kill_at``."""

    def __init__(self, told: int, kill_at: int | None):
        from publishers import registry

        self._told, self._kill_at, self._passed = told, kill_at, 0
        self._written = self._step = ""
        publishers = registry.all_publishers()
        self._steps = {name for publisher in publishers for name in publisher.platform.steps}

    def install(self) -> None:
        from django.db import connection
        from requests.adapters import HTTPAdapter

        commit, send = connection.commit, HTTPAdapter.send
        connection.execute_wrappers.append(self._statement)
        connection.commit = lambda: self._around(f"commit of {self._written}", commit)
        HTTPAdapter.send = lambda adapter, request, **options: self._around(
            f"{request.method} {request.path_url.partition('?')[0]}",
            lambda: send(adapter, request, **options),
        )

    def _around(self, what: str, work: Callable):
        self._pass(f"before {what}")
        done = work()
        self._pass(f"after {what}")
        return done

    def _statement(self, execute, sql, params, many, context):
        if not sql.startswith(WRITES):
            return execute(sql, params, many, context)
        self._written = self._name(sql, params)
        if context["connection"].in_atomic_block:
            return execute(sql, params, many, context)
        return self._around(self._written, lambda: self._to_its_end(execute, sql, params, many, context))

    def _to_its_end(self, execute, sql, params, many, context):
        """Execute a statement and read what it returns: SQLite commits when all of it was read."""
        done, cursor = execute(sql, params, many, context), context["cursor"]
        if "RETURNING" in sql:
            rows = cursor.fetchall()
            cursor.fetchall, cursor.fetchone = lambda: rows, lambda: next(iter(rows), None)
        return done

    def _name(self, sql: str, params) -> str:
        """Return a statement as people tell it: its table and, for an attempt, the step and its outcome."""
        from publishers.models import Outcome

        table = sql.partition("publishers_")[2].partition('"')[0]
        if table != "attempt":
            return table
        known = [value for value in params or () if isinstance(value, str)]
        outcomes = [value for value in known if value in Outcome.values]
        self._step = next((value for value in known if value in self._steps), self._step)
        return f"{self._step} {' '.join(outcomes)}"

    def _pass(self, name: str) -> None:
        self._passed += 1
        os.write(self._told, f"{name}\n".encode())
        if self._passed == self._kill_at:
            os.kill(os.getpid(), signal.SIGKILL)


def work(run: dict, told: int) -> None:
    """Be the worker: run the engine on the deliveries and tell how each ended."""
    from django.conf import settings

    from publishers import engine
    from publishers.engine import leases

    # A slow machine passes the same points as a quick one.
    leases.QUESTION_S = 3600
    for name, value in run["settings"].items():
        setattr(settings, name, value)
    Points(told, run["kill_at"]).install()
    phases = [engine.run(uuid.UUID(delivery)) for delivery in run["deliveries"]]
    os.write(told, f"= {' '.join(phases)}\n".encode())


def begin(run: dict) -> tuple[int, int]:
    """Fork a worker; return its process id and where it tells what it does."""
    heard, told = os.pipe()
    pid = os.fork()
    if pid:
        os.close(told)
        return pid, heard
    try:
        work(run, told)
        os._exit(0)
    except BaseException:  # noqa: BLE001  (a fork must never return into its parent's code)
        traceback.print_exc()
        os._exit(1)


def end(pid: int, heard: int) -> dict:
    """Wait for a worker and return what became of it."""
    with os.fdopen(heard) as lines:
        points = lines.read().splitlines()
    _pid, status = os.waitpid(pid, 0)
    killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
    if not killed and os.waitstatus_to_exitcode(status):
        raise RuntimeError(f"A worker failed after {points[-3:]}; its traceback is on standard error.")
    phases = points.pop().removeprefix("= ").split() if not killed else None
    return {"points": points, "killed": killed, "phases": phases}


def main() -> None:
    import django

    django.setup()
    import publishers.engine  # noqa: F401  (before the fork: each worker has it)
    from publishers import registry
    from tests.publishers.engine.changing import Changing

    # A platform that changes an article at its address.
    registry.register(Changing())
    for line in sys.stdin:
        runs, ended = json.loads(line), []
        for at in range(0, len(runs), TOGETHER):
            begun = [begin(run) for run in runs[at : at + TOGETHER]]
            ended += [end(*each) for each in begun]
        print(json.dumps(ended), flush=True)


if __name__ == "__main__":
    main()
