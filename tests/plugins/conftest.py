"""Distributions of plugins, installed by pip into folders of their own, and processes that see them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
SAMPLE = ROOT / "tests" / "sample_publisher"


def install(source: Path, target: Path) -> Path:
    """Install by pip without an index: the distribution needs nothing but its build backend, flit-core."""
    quiet = ("--quiet", "--disable-pip-version-check", "--no-deps", "--no-index", "--no-build-isolation")
    run([sys.executable, "-m", "pip", "install", *quiet, "--target", str(target), str(source)])
    return target


def run(command: list[str], *, cwd: Path = ROOT, status: int = 0, **env: str) -> str:
    """Run a process that has nothing of this one's settings but ``env``, and return what it prints."""
    bare = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
    ran = subprocess.run(command, cwd=cwd, env=bare | env, capture_output=True, text=True)
    assert ran.returncode == status, ran.stdout + ran.stderr
    return ran.stdout


def run_tests(folder: Path, *arguments: str, path: list[Path], data: Path, status: int = 0) -> str:
    """Run pytest in a distribution's folder, as its README says."""
    found = os.pathsep.join(str(each) for each in (ROOT, *path))
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
    return run(command, cwd=folder, status=status, PYTHONPATH=found, HUB_DATA_DIR=str(data))


@pytest.fixture(scope="session")
def sample(tmp_path_factory):
    """Return where the sample distribution is installed."""
    return install(SAMPLE, tmp_path_factory.mktemp("site"))
