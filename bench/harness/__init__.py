"""What every benchmark stands on: a hub of its own, in a folder that ends with the process.

Import it before anything of the project: it puts the project on the path and gives the settings their
environment, so that no benchmark touches the database, the pictures or the keys of this checkout. A process
that a benchmark starts joins its hub.
"""

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from socket import create_server

import django

from harness import stacks

ROOT = Path(__file__).resolve().parents[2]
START_S = 60
JOINED = "HUB_BENCH_FOLDER"


def free_port() -> int:
    with closing(create_server(("127.0.0.1", 0))) as listener:
        return listener.getsockname()[1]


def _environment(folder: Path) -> dict[str, str]:
    """Return what a hub could reach out of ``folder`` with; an ``.env`` changes none of it."""
    return {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "HUB_MODE": "embedded",
        "HUB_DEBUG": "off",
        "HUB_DATA_DIR": str(folder / "data"),
        "HUB_MEDIA_ROOT": str(folder / "media"),
        "HUB_KEY_DIR": str(folder / "keys"),
        "HUB_DATABASE_URL": f"sqlite:///{folder}/data/hub.sqlite3",
        "HUB_BROKER_URL": "filesystem://",
        "HUB_EMAIL_URL": "dummy://",
        "HUB_ALLOWED_HOSTS": "127.0.0.1,localhost",
        "HUB_PUBLIC_URL": f"http://127.0.0.1:{free_port()}",
        "HUB_PRIVATE_HOSTS_ALLOWED": "127.0.0.1,localhost",
        "HUB_LOG_LEVEL": "ERROR",
    }


def _begin() -> Path:
    folder = Path(os.environ.get(JOINED) or tempfile.mkdtemp(prefix="hub-bench-"))
    if JOINED not in os.environ:
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        for name in [name for name in os.environ if name.startswith("HUB_")]:
            del os.environ[name]
        os.environ |= {**_environment(folder), **stacks.environment(), JOINED: str(folder)}
        (folder / "data" / "static").mkdir(
            parents=True
        )  # where collected files would lie: none are asked for
    sys.path.insert(0, str(ROOT))
    django.setup()
    return folder


FOLDER = _begin()


def lay() -> None:
    """Migrate the database; make what bootstrap makes, an office with a section, and its author."""
    from django.core.management import call_command

    from cms.models import Role
    from tests.factories import make_office, make_section, make_user
    from tests.factories_release import ready_for_review

    call_command("migrate", verbosity=0, skip_checks=True)
    ready_for_review()
    office = make_office("lingnan", name="岭南省妇女联合会")
    make_section(office, title="女性故事")
    make_user("editor", office, Role.AUTHOR)


@contextmanager
def web(application: str = "config.wsgi", *options: str) -> Iterator[str]:
    """Serve the hub with gunicorn, as ``make run`` does, until the block ends; give its address."""
    from django.conf import settings

    address = settings.PUBLIC_URL
    command = [sys.executable, "-m", "gunicorn", application, "--bind", address.removeprefix("http://")]
    path = os.pathsep.join([str(ROOT), str(ROOT / "bench")])
    with (FOLDER / "web.log").open("wb") as log:
        server = subprocess.Popen(
            [*command, "--workers", "1", *options],
            env=os.environ | {"PYTHONPATH": path},
            stdout=log,
            stderr=log,
        )
    try:
        _wait_for(f"{address}/healthz", server)
        yield address
    finally:
        server.terminate()
        server.wait()


def _wait_for(address: str, server: subprocess.Popen) -> None:
    end = time.monotonic() + START_S
    while True:
        try:
            urllib.request.urlopen(address, timeout=5).close()
            return
        except OSError:
            if server.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"The hub did not start:\n{(FOLDER / 'web.log').read_text()}") from None
            time.sleep(0.05)
