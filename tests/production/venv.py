"""An environment of requirements.txt alone, made as the page says and kept for the next run."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

from tests.production.machine import Failed, Machine
from tests.production.page import ROOT, block

PINS = ROOT / "requirements.txt"


def made() -> Path:
    """Return where it is, named by the pins and this Python. Raises Failed with what pip says.

    Raises Failed also when it holds what only developers have: then the hub would be tried with that.
    """
    told = hashlib.sha256(PINS.read_bytes() + sys.version.encode()).hexdigest()[:16]
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "nusheng-hub" / told
    if not (done := cache / "complete").exists():
        machine = Machine(cache, port=0)
        machine.home.mkdir(exist_ok=True)
        machine.home.joinpath(PINS.name).write_bytes(PINS.read_bytes())
        [line] = [line for line in block("First start") if "-m venv" in line]
        machine.follow(line)
        done.touch()
    venv = cache / "srv" / "hub" / ".venv"
    if (
        subprocess.run(
            [venv / "bin" / "python", "-c", "import pytest"], capture_output=True, check=False
        ).returncode
        == 0
    ):
        raise Failed(f"{venv} holds what only developers have.")
    return venv
