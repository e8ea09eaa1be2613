"""``make run`` is one thing: whichever of its processes ends, however it ends, nothing of it stays behind."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 60
PROCFILE = "one: exec sleep 600\ntwo: exec sleep 600\n"


START = [sys.executable, "-m", "config.run", "--env", "/dev/null", "start"]


def environment(folder: Path) -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(ROOT), "HUB_DATA_DIR": str(folder / "data")}


@pytest.mark.parametrize(
    ("told", "folder"), [("/elsewhere/venv", "/elsewhere/venv"), ("venv", f"{ROOT}/venv")]
)
def test_what_make_run_calls_is_in_the_environment_that_was_named(told, folder):
    ran = subprocess.run(
        ["make", "-n", "run", f"VENV={told}"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    pythons = set(re.findall(r"\S*/bin/python(?= )", ran.stdout))
    assert pythons == {f"{folder}/bin/python"}
    assert f'PATH="{folder}/bin:' in ran.stdout


@pytest.fixture
def run(tmp_path):
    (tmp_path / "Procfile").write_text(PROCFILE)
    with (tmp_path / "log").open("w") as log:
        started = subprocess.Popen(
            START,
            cwd=tmp_path,
            env=environment(tmp_path),
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    yield Run(started, tmp_path / "log")
    started.kill()
    started.wait()


class Run:
    def __init__(self, process: subprocess.Popen, log: Path):
        self.process, self._log = process, log
        self.wait(lambda: len(self.pids()) == 2)
        self.started = self.pids()

    def pids(self) -> list[int]:
        return [int(pid) for pid in re.findall(r"started \(pid=(\d+)\)", self._log.read_text())]

    def watcher(self) -> int:
        """Return the parent of the first process."""
        [line] = re.findall(r"PPid:\s+(\d+)", Path(f"/proc/{self.started[0]}/status").read_text())
        return int(line)

    def wait(self, reached) -> None:
        end = time.monotonic() + PATIENCE_S
        while not reached():
            assert time.monotonic() < end, self._log.read_text()
            time.sleep(0.02)

    def nothing_is_left(self) -> bool:
        return not any(lives(pid) for pid in self.started)


def lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def wait_until_ended(pids: list[int]) -> None:
    end = time.monotonic() + PATIENCE_S
    while any(lives(pid) for pid in pids):
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.parametrize("who", ["a process", "its watcher", "the whole"])
def test_whoever_of_make_run_is_killed_takes_the_others_along(run, who):
    pid = {"a process": run.started[0], "its watcher": run.watcher(), "the whole": run.process.pid}[who]
    os.kill(pid, signal.SIGKILL)
    assert run.process.wait(timeout=PATIENCE_S) != 0
    run.wait(run.nothing_is_left)


def test_it_ends_with_who_started_it(tmp_path):
    (tmp_path / "Procfile").write_text(PROCFILE)
    command = f"{sys.executable} -m config.run --env /dev/null start & echo $!; read nothing"
    shell = subprocess.Popen(
        ["sh", "-c", command],
        cwd=tmp_path,
        env=environment(tmp_path),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    run = int(shell.stdout.readline())
    started = [shell.stdout.readline() for _each in range(2)]
    shell.kill()
    shell.wait()
    rest = shell.stdout.read()  # until the last of them has closed it
    assert all("started" in line for line in started) and "SIGTERM received" in rest
    wait_until_ended([run])


@pytest.mark.parametrize("lines", [1, 2])
def test_it_ends_when_nobody_reads_any_more_what_it_says(tmp_path, lines):
    """As in ``make run | head``: also when some are not started yet, and whatever is said at last."""
    (tmp_path / "Procfile").write_text(PROCFILE + "third: while echo said; do sleep 0.05; done\n")
    run = subprocess.Popen(
        START,
        cwd=tmp_path,
        env=environment(tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    said = "".join(run.stdout.readline() for _each in range(lines))
    run.stdout.close()
    try:
        assert run.wait(timeout=PATIENCE_S) == 128 + signal.SIGTERM
    finally:
        run.kill()
    wait_until_ended([int(pid) for pid in re.findall(r"pid=(\d+)", said)])
    assert run.stderr.read() == ""


def test_a_second_one_on_the_same_data_is_refused_and_nothing_is_loaded(run, tmp_path):
    for command in (START, [sys.executable, str(ROOT / "manage.py"), "setup", "--before-start"]):
        second = subprocess.run(
            command, cwd=tmp_path, env=environment(tmp_path), capture_output=True, text=True
        )
        [sentence] = second.stderr.splitlines()
        assert second.returncode != 0 and str(tmp_path / "data") in sentence and "HUB_DATA_DIR" in sentence
    assert not (tmp_path / "data" / "hub.sqlite3").exists() and lives(run.process.pid)


def test_the_data_of_one_that_was_killed_is_free(run, tmp_path):
    run.process.kill()
    run.process.wait()
    run.wait(run.nothing_is_left)
    (tmp_path / "Procfile").write_text("one: true\n")
    again = subprocess.run(START, cwd=tmp_path, env=environment(tmp_path), capture_output=True, text=True)
    assert again.returncode == 0, again.stderr
