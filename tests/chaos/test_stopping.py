"""Every documented way to stop ends in time, and leaves nothing behind."""

import os
import re
import shlex
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from django.db import connection

from publishers.operations import heartbeat
from tests.chaos.processes import environment
from tests.chaos.test_celery import Started, is_gone

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(__file__).resolve().parents[2]
UNITS = ROOT / "deploy" / "systemd"
SERVICES = [path.stem for path in sorted(UNITS.glob("hub-*.service")) if path.stem != "hub-backup"]
#: systemd's own, where a unit says nothing (DefaultTimeoutStopSec=).
USUAL_S = 90


class Unit:
    """What a unit of systemd starts, and how systemd stops it."""

    def __init__(self, name: str):
        self._text = (UNITS / f"{name}.service").read_text()
        self.patience_s = int(self._said("TimeoutStopSec") or USUAL_S)

    def command(self, bind: str) -> list[str]:
        program, *arguments = shlex.split(self._said("ExecStart").replace("%H", "host"))
        arguments = [bind if each == "127.0.0.1:8000" else each for each in arguments]
        return [sys.executable, "-m", Path(program).name, *arguments]

    def stop(self, pid: int) -> None:
        if self._said("KillMode") == "mixed":
            os.kill(pid, signal.SIGTERM)
        else:
            os.killpg(pid, signal.SIGTERM)

    def _said(self, name: str) -> str:
        found = re.search(rf"^{name}=(.*)$", self._text, re.MULTILINE)
        return found[1] if found else ""


@pytest.fixture
def start(hub, tmp_path):
    """Return a starter of a command, over files as on one machine; it tells when the words were said."""
    env = environment(connection.settings_dict, tmp_path) | {"HUB_BROKER_URL": "filesystem://"}
    log = tmp_path / "log"

    @contextmanager
    def started(command: list[str]):
        with log.open("w") as output:
            process = subprocess.Popen(
                command, cwd=ROOT, env=env, stdout=output, stderr=output, start_new_session=True
            )
        try:
            yield Started(process, log)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    return started


@pytest.mark.parametrize("name", SERVICES)
def test_each_unit_of_systemd_ends_within_its_time_and_leaves_nothing(name, start, free_bind):
    unit = Unit(name)
    with start(unit.command(free_bind)) as wait:
        wait(lambda: is_there(name, wait.log))
        unit.stop(wait.worker.pid)
        assert wait.worker.wait(timeout=unit.patience_s) == 0
        assert is_gone(wait.worker.pid), "A child lives on, until systemd kills it."


def is_there(name: str, log: Path) -> bool:
    """Return whether the unit is at work: beat has called somebody, the others say so."""
    if name == "hub-beat":
        return any((log.parent / "broker" / "messages").glob("*.msg"))
    return ("Booting worker" if name == "hub-web" else " ready.") in log.read_text()


@pytest.fixture
def free_bind() -> str:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return f"127.0.0.1:{listening.getsockname()[1]}"


@pytest.mark.parametrize("signals", [1, 2])
def test_over_files_a_worker_told_as_a_group_ends_whatever_pool_is_asked_for(start, signals):
    command = [sys.executable, "-m", "celery", "--app", "config", "worker", "--beat", "--concurrency", "4"]
    with start(command) as wait:
        wait(lambda: heartbeat.age() is not None)
        for _signal in range(signals):
            os.killpg(wait.worker.pid, signal.SIGTERM)
        wait.worker.wait(timeout=60)
        assert is_gone(wait.worker.pid)
