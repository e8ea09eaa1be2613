"""The sandbox knows the sheets and nothing of the project."""

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import sandbox

FOLDER = Path(sandbox.__file__).parent
PROJECT = {
    "cms",
    "readers",
    "publishers",
    "config",
    "tests",
    "liaison",
    "bench",
    "django",
    "wagtail",
    "celery",
}


def test_it_imports_nothing_of_the_project():
    for file in FOLDER.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module]
            assert not {name.partition(".")[0] for name in names} & PROJECT, file


def test_it_runs_from_a_folder_of_its_own(tmp_path):
    """Copied away from the project, so that nothing of it can be found."""
    shutil.copytree(FOLDER, tmp_path / "sandbox")
    code = (
        "from sandbox.testing import start_sandbox\n"
        "with start_sandbox() as one:\n"
        "    print(one.control('health', method='GET'), len(one.accounts()))\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env={}, capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stdout) == (0, "{'ok': True} 15\n"), ended.stderr
