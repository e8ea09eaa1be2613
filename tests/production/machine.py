"""A folder that stands for a machine: commands are run there, and units started and stopped."""

import os
import re
import shlex
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from tests.production.page import ROOT

UNITS = ROOT / "deploy" / "systemd"
#: What is done instead of what a line says: it needs root, or is about a place that is not ours.
INSTEAD = (
    (r"^useradd .*$", "true"),
    (r"^systemctl daemon-reload$", "true"),
    (r" && systemctl daemon-reload$", ""),
    (r"runuser -u hub -- ", ""),
    (r"-o hub ", ""),
    (r"-g hub ", ""),
    (r" && chown -R hub:hub \S+", ""),
    (r"<where the hub is kept>", str(ROOT)),
    (r"\bpython3 ", f"{sys.executable} "),
)
PLACES = ("/srv/hub", "/etc/hub", "/etc/systemd/system", "/var/backups/hub", "/backup", "/safe")
#: systemd kills after TimeoutStopSec; what takes longer than this here does not end by itself.
STOP_S = 60


class Failed(Exception):
    """A line of the page, or what it started, did not do what the page says."""


class Machine:
    """``folder`` is its root, ``hub1`` the machine that it copies from and shares a folder with.

    Processes get the few variables that a service gets, and none of this process's.
    """

    def __init__(self, folder: Path, port: int, hub1: "Machine | None" = None):
        self.folder, self.name, self.port, self._hub1 = folder, folder.name, port, hub1
        self._running: dict[str, subprocess.Popen] = {}
        for place in PLACES:
            self.place(place).parent.mkdir(parents=True, exist_ok=True)
        self.place("/etc/systemd/system").mkdir(exist_ok=True)

    def place(self, path: str) -> Path:
        """Return where a folder of the page is here."""
        return self.folder / path.lstrip("/")

    @property
    def home(self) -> Path:
        return self.place("/srv/hub")

    def follow(self, line: str) -> str:
        """Run a line of the page; return what it prints. Raises Failed with its output."""
        ran = self.run(line)
        if ran.returncode:
            raise Failed(f"{self.name}: {line}\n{ran.stdout}")
        return ran.stdout

    def run(self, line: str) -> subprocess.CompletedProcess[str]:
        """Run a line of the page; what it prints to either stream is the result's ``stdout``."""
        return subprocess.run(
            ["bash", "-euc", self.translated(line)],
            cwd=self.home if self.home.exists() else self.folder,
            env=self._variables(),
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )

    def translated(self, text: str) -> str:
        for pattern, instead in INSTEAD:
            text = re.sub(pattern, lambda _found, instead=instead: instead, text)
        if self._hub1:
            text = re.sub(r"mount -t nfs hub1:(\S+) (\S+)", self._shared, text)
            text = re.sub(r"scp (-r )?root@hub1:(\S+)", self._copied, text)
        for path in PLACES:
            text = re.sub(
                rf"(?<![\w/.-]){path}(?![\w-])", lambda _found, path=path: str(self.place(path)), text
            )
        return text

    def _shared(self, found: re.Match) -> str:
        return f"mv {found[2]} {found[2]}.covered && ln -s {self._hub1.place(found[1])} {found[2]}"

    def _copied(self, found: re.Match) -> str:
        return f"cp -r {self._hub1.place(found[2])}"

    def start(self, unit: str) -> None:
        """Start the program of a unit as systemd does: in its folder, in a group of its own."""
        text = (self.place("/etc/systemd/system") / f"{unit}.service").read_text()
        for before in re.findall(r"^ExecStartPre=(.+)$", text, re.MULTILINE):
            self.follow(before)
        [told] = re.findall(r"^ExecStart=(.+)$", text, re.MULTILINE)
        told = self.translated(told.replace("%H", self.name)).replace(":8000", f":{self.port}")
        with self.log(unit).open("ab") as log:
            self._running[unit] = subprocess.Popen(
                shlex.split(told),
                cwd=self.home,
                env=self._variables(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def stop(self, unit: str) -> None:
        """End a unit as ``KillMode=mixed`` does: SIGTERM to its first process, then SIGKILL to the rest.

        Raises Failed when SIGTERM does not end it.
        """
        process = self._running.pop(unit)
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            raise Failed(f"{self.name}: {unit} does not end after SIGTERM.\n{self.tail(unit)}") from None
        finally:
            _kill_group(process)

    def kill(self, unit: str) -> None:
        """Let a unit die as when its machine loses power."""
        process = self._running.pop(unit)
        _kill_group(process)
        process.wait()

    def dead(self) -> list[str]:
        return [unit for unit, process in self._running.items() if process.poll() is not None]

    def stop_all(self) -> list[str]:
        """Stop what runs; return its units."""
        units = list(self._running)
        for unit in units:
            self.stop(unit)
        return units

    def kill_all(self) -> None:
        for unit in list(self._running):
            self.kill(unit)

    def log(self, unit: str) -> Path:
        return self.folder / f"{unit}.log"

    def tail(self, unit: str) -> str:
        return "\n".join(self.log(unit).read_text(errors="replace").splitlines()[-25:])

    def _variables(self) -> dict[str, str]:
        """Return a service's variables, and where packages come from on this very machine."""
        passed = {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
        return passed | {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(self.folder), "LANG": "C.UTF-8"}


def _kill_group(process: subprocess.Popen) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
