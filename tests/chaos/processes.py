"""The worker processes, as tests hold them."""

import json
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

from django.conf import settings


def environment(database: dict, folder: Path) -> dict[str, str]:
    """Return the environment of another process of the same hub: the same database, files of its own."""
    return os.environ | {
        "HUB_DATABASE_URL": _address(database),
        "HUB_DATA_DIR": str(folder),
        "HUB_KEY_DIR": str(settings.KEY_DIR),
        "HUB_MEDIA_ROOT": str(settings.MEDIA_ROOT),
        "HUB_PUBLIC_URL": settings.PUBLIC_URL,
        # A mail that is printed would be taken for an answer.
        "HUB_EMAIL_URL": "dummy://",
    }


def _address(database: dict) -> str:
    if database["ENGINE"].endswith("sqlite3"):
        return f"sqlite:///{database['NAME']}"
    who = ":".join(quote(str(database[part]), safe="") for part in ("USER", "PASSWORD") if database[part])
    where = f"{database['HOST'] or '127.0.0.1'}:{database['PORT'] or 5432}"
    return f"postgres://{who}@{where}/{database['NAME']}"


class Workers:
    """``tests.chaos.worker`` as a process; a context manager."""

    def __init__(self, env: dict[str, str], errors: Path):
        self._errors = errors
        with errors.open("w") as written:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.chaos.worker"],
                env=env,
                text=True,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=written,
            )

    def __enter__(self) -> "Workers":
        return self

    def __exit__(self, *_error) -> None:
        self._process.stdin.close()
        self._process.wait(timeout=30)
        self._process.stdout.close()

    def run(self, runs: list[dict]) -> list[dict]:
        """Let a new process do each of the runs; return what became of them, in order."""
        places = {"MEDIA_ROOT": str(settings.MEDIA_ROOT), "PUBLIC_URL": settings.PUBLIC_URL}
        given = [{**run, "settings": {**places, "KEY_DIR": str(settings.KEY_DIR)}} for run in runs]
        self._process.stdin.write(json.dumps(given) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, self._errors.read_text()
        return json.loads(answer)
