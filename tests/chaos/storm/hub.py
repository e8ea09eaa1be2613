"""The hub that a storm goes over: its folder, database and broker, its web server, its worker groups.

``prepare`` comes before anything of the project is imported. What the driver itself does goes to the services
directly; the workers reach them over wires that can be cut.
"""

import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from pathlib import Path
from socket import create_server
from urllib.parse import urlsplit

from publishers.demo.services import free_port
from tests.chaos.storm.workers import Group
from tests.services.brokers import forget
from tests.services.databases import database_on
from tests.services.wire import Wire

START_S = 60
GROUPS = 2


@contextmanager
def prepare(database: str, broker: str) -> Iterator[Path]:
    """Give the settings their environment: a folder, a database and a broker of the storm's own."""
    name = f"storm{os.getpid()}"
    with tempfile.TemporaryDirectory(prefix="hub-storm-", ignore_cleanup_errors=True) as folder:
        for variable in [variable for variable in os.environ if variable.startswith("HUB_")]:
            del os.environ[variable]
        os.environ |= _environment(Path(folder), name)
        if broker:
            os.environ["HUB_BROKER_URL"] = broker
        with database_on(database, name) if database else nullcontext() as address:
            if address:
                os.environ["HUB_DATABASE_URL"] = address
            yield Path(folder)


def _environment(folder: Path, name: str) -> dict[str, str]:
    return {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "HUB_MODE": "embedded",
        "HUB_DATA_DIR": str(folder / "data"),
        "HUB_MEDIA_ROOT": str(folder / "media"),
        "HUB_KEY_DIR": str(folder / "keys"),
        "HUB_DATABASE_URL": f"sqlite:///{folder}/data/hub.sqlite3",
        "HUB_BROKER_URL": "filesystem://",
        "HUB_QUEUE": name,
        "HUB_EMAIL_URL": "dummy://",
        "HUB_PUBLIC_URL": f"http://127.0.0.1:{free_port()}",
        "HUB_PRIVATE_HOSTS_ALLOWED": "127.0.0.1",
        "HUB_LOG_LEVEL": "WARNING",
    }


class Hub:
    """Everything that runs; a context manager. ``wires`` has "database" and "broker", where there are any."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.wires: dict[str, Wire] = {}
        self.groups: list[Group] = []
        self.silent_url = ""
        self._stack = ExitStack()

    def __enter__(self) -> "Hub":
        from django.core.management import call_command

        call_command("migrate", verbosity=0, skip_checks=True)
        env = dict(os.environ)
        self._wire("database", "HUB_DATABASE_URL", env)
        self._wire("broker", "HUB_BROKER_URL", env)
        if self.broker_folder is None:
            self._stack.callback(forget, os.environ["HUB_BROKER_URL"], os.environ["HUB_QUEUE"])
        self._stack.enter_context(_web(self.folder))
        # Takes connections and never answers: pages that hang, and the mail server all along.
        silent = self._stack.enter_context(create_server(("127.0.0.1", 0), backlog=256))
        self.silent_url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        self._env = env | {"HUB_EMAIL_URL": self.silent_url.replace("http", "smtp")}
        return self

    def __exit__(self, *error) -> None:
        for group in self.groups:
            group.kill()
        self._stack.close()

    def start_workers(self) -> None:
        alone = self.broker_folder is not None
        self.groups = [Group(number, self._env, self.folder, alone=alone) for number in range(GROUPS)]

    @property
    def broker_folder(self) -> Path | None:
        """Return where the embedded broker has its messages; None for another broker."""
        return None if "broker" in self.wires else self.folder / "data" / "broker" / "messages"

    def _wire(self, name: str, variable: str, env: dict[str, str]) -> None:
        if urlsplit(env[variable]).hostname is None:
            return
        self.wires[name] = wire = self._stack.enter_context(Wire(env[variable]))
        env[variable] = wire.url


@contextmanager
def _web(folder: Path) -> Iterator[None]:
    """Serve the hub: platforms fetch pictures from it."""
    address = os.environ["HUB_PUBLIC_URL"]
    command = [sys.executable, "-m", "gunicorn", "config.wsgi", "--bind", address.removeprefix("http://")]
    with (folder / "web.log").open("wb") as log:
        server = subprocess.Popen([*command, "--threads", "4"], stdout=log, stderr=log)
        try:
            _wait_for(f"{address}/healthz", server, folder / "web.log")
            yield
        finally:
            server.terminate()
            server.wait()


def _wait_for(address: str, server: subprocess.Popen, log: Path) -> None:
    end = time.monotonic() + START_S
    while True:
        try:
            urllib.request.urlopen(address, timeout=5).close()
            return
        except OSError:
            if server.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"The hub did not start:\n{log.read_text()}") from None
            time.sleep(0.1)
