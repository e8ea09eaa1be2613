"""The first start and more machines, with the page's own lines; then an article goes out, and all is stopped.

On one machine a backup is made before, and restored afterwards. Upgrades are followed elsewhere
(tests/publishers/test_old_data.py).
"""

import re
import time
from collections.abc import Callable
from pathlib import Path

from publishers.demo.services import free_port
from sandbox.testing import Sandbox
from tests.production import page
from tests.production.machine import Failed, Machine

OFFICE = "岭南省妇女联合会"
HOST = "hub.example.cn"
METRICS_TOKEN = "a-monitor-may-read-this"
SIGN_OFF = Path(__file__).with_name("sign_off.py")
ACCOUNTS, SECRET = ("lingnan-1", "lingnan-2", "lingnan-3"), "a-secret"
PATIENCE_S = 120
LOOK_AGAIN_S = 0.5


class Hub:
    """As many machines as the roles that ``others`` have; a context manager that leaves no process behind.

    ``settings`` fill in the file of settings. ``venv`` is taken for the one that the page lets each machine
    make: the pinned packages are installed once for all.
    """

    def __init__(self, folder: Path, others: list[str], settings: dict[str, str], venv: Path):
        self._settings, self._venv, self._roles = settings, venv, others
        self.first = Machine(folder / "hub1", free_port())
        numbers = range(2, len(others) + 2)
        self.others = [Machine(folder / f"hub{number}", free_port(), self.first) for number in numbers]

    def __enter__(self) -> "Hub":
        return self

    def __exit__(self, *error) -> None:
        for machine in self.machines:
            machine.kill_all()

    @property
    def machines(self) -> list[Machine]:
        return [self.first, *self.others]

    def start(self) -> None:
        """Follow the page on every machine, until doctor finds nothing wrong on any."""
        self._follow(self.first, "First start", _units_of_the_page("First start"))
        for machine, units in zip(self.others, self._roles, strict=True):
            self._follow(machine, "More machines", units.split())

    def _follow(self, machine: Machine, heading: str, units: list[str]) -> None:
        for line in page.block(heading):
            if line.startswith("systemctl enable --now"):
                self._enable(machine, units)
            elif "-m venv" in line:
                machine.home.joinpath(".venv").symlink_to(self._venv)
            else:
                print(f"{machine.name}: {line}", flush=True)
                machine.follow(line.replace("…", OFFICE))
            if line.startswith("install") and "cp .env.example" in line:
                self._fill_in(machine)

    def _enable(self, machine: Machine, units: list[str]) -> None:
        for unit in units:
            if not unit.endswith(".timer"):
                machine.start(unit)
        self.wait_until("web and both lines of workers answer", self.is_ready)

    def _fill_in(self, machine: Machine) -> None:
        """Put the settings and the keys, made as the page says, into the file that it lets one copy."""
        settings = self._settings | {
            "HUB_PUBLIC_URL": f"http://127.0.0.1:{machine.port}",
            "HUB_SECRET_KEY": machine.follow(page.command("python3 -c")).strip(),
            "HUB_CREDENTIAL_KEYS": machine.follow(page.command(".venv/bin/python -c")).strip(),
        }
        file = machine.place("/etc/hub/env")
        text = file.read_text()
        for name, value in settings.items():
            text, found = re.subn(
                rf"^{name}=.*$", lambda _found, new=f"{name}={value}": new, text, flags=re.MULTILINE
            )
            if found != 1:
                raise Failed(f".env.example has {name} {found} times.")
        file.write_text(text)

    def ask(self, path: str, *headers: str) -> tuple[str, str]:
        """Ask the first machine's web process as a monitor there does, with curl; return status and body."""
        told = page.command("curl -H").replace("/readyz", path).replace(":8000", f":{self.first.port}")
        more = "".join(f' -H "{header}"' for header in headers)
        answer = self.first.run(f"{told}{more} --silent --show-error --write-out '\\n%{{http_code}}'").stdout
        body, _, status = answer.rpartition("\n")
        return status, body

    def ready(self) -> tuple[str, str]:
        return self.ask("/readyz")

    def scrape(self) -> str:
        return self.ask("/metrics", f"Authorization: Bearer {METRICS_TOKEN}")[1]

    def doctor(self) -> str:
        return self.first.run(".venv/bin/python manage.py doctor").stdout

    def is_ready(self) -> bool:
        for machine in self.machines:
            for unit in machine.dead():
                raise Failed(f"{machine.name}: {unit} ended.\n{machine.tail(unit)}")
        return self.ready()[0] == "200" and self.tells(r"hub_aside_heartbeat_age_seconds \d")

    def tells(self, figure: str) -> bool:
        """Return whether a line of the scrape begins so."""
        return re.search(f"^{figure}", self.scrape(), re.MULTILINE) is not None

    def deliver(self, sandbox: Sandbox) -> None:
        """Sign an article off, send it to the accounts by the documented commands, and wait for it there.

        Raises Failed when it is not on each of them once.
        """
        add = ".venv/bin/python manage.py account add --office province --platform wechat"
        for name in ACCOUNTS:
            sandbox.add_account("wechat", name, SECRET, name, capabilities=["draft", "publish"])
            secrets = f"--credential appid={name} --credential secret={SECRET}"
            self.first.follow(f"{add} --name {name} --base-url {sandbox.base_url('wechat')} {secrets}")
        self.send(*ACCOUNTS)
        self.wait_until(
            "all of it is published",
            lambda: self.tells(f'hub_deliveries{{phase="settled"}} {len(ACCOUNTS)}'),
        )
        seen = sorted(article["account"] for article in sandbox.articles() if article["account"] in ACCOUNTS)
        if seen != sorted(ACCOUNTS):
            raise Failed(f"The article is on {seen}.")

    def send(self, *accounts: str) -> None:
        """Let an article be signed off, and distribute it to the accounts."""
        made = self.first.follow(f".venv/bin/python manage.py shell --verbosity 0 < {SIGN_OFF}")
        number = re.findall(r"page (\d+)", made)[-1]
        to = " ".join(f"--account {name}" for name in accounts)
        self.first.follow(f".venv/bin/python manage.py distribute {number} {to} --alike")

    def back_up(self) -> None:
        [line] = page.block("Backup")
        self.first.follow(_with_python(line))

    def restore(self) -> None:
        """Put the hub back to the backup as *Restore* says; raises Failed unless it then waits, paused."""
        units = self.first.stop_all()
        line = page.command("manage.py restore /backup").replace("2026-03-01", "$(date +%F)")
        self.first.follow(f"{_with_python(line)} --replace --stopped")
        self.first.follow(".venv/bin/python manage.py doctor || true")
        for unit in units:
            self.first.start(unit)
        self.wait_until("the restored hub answers", self.is_ready)
        for figure in ("hub_paused 1", 'hub_deliveries{phase="settled"} 0'):
            if not self.tells(figure):
                raise Failed(f"The restored hub does not tell {figure}.")

    def stop(self) -> None:
        for machine in self.machines:
            machine.stop_all()

    def wait_until(self, what: str, holds: Callable[[], bool]) -> None:
        """Look again until it holds; raises Failed with what the units wrote when it never does."""
        end = time.monotonic() + PATIENCE_S
        while not holds():
            if time.monotonic() > end:
                raise Failed(f"Not within {PATIENCE_S} s: {what}.\n{self._said()}")
            time.sleep(LOOK_AGAIN_S)

    def _said(self) -> str:
        deliveries = self.first.run(".venv/bin/python manage.py delivery list").stdout
        logs = [machine.tail(path.stem) for machine in self.machines for path in machine.folder.glob("*.log")]
        return "\n".join([deliveries, *logs])


def _units_of_the_page(heading: str) -> list[str]:
    [line] = [line for line in page.block(heading) if line.startswith("systemctl enable --now")]
    return line.removeprefix("systemctl enable --now").split()


def _with_python(line: str) -> str:
    """Return a line of the page as it is typed in the hub's folder."""
    return line.replace("manage.py", ".venv/bin/python manage.py", 1)
