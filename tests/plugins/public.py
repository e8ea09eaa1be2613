"""What a plugin may import of the hub: docs/plugins.md says the same."""

import ast
from collections.abc import Iterator
from pathlib import Path

PUBLIC = (
    "cms.channels",
    "cms.document.model",
    "publishers.http",
    "publishers.interface",
    "publishers.rendering",
    "publishers.testing",
)
#: Names that go on for a version, with what they are called now.
ALIASES = {"publishers.remote": "publishers.http"}
ROOMS = ("bench", "cms", "config", "publishers", "readers", "sandbox", "tests")


def imported(folder: Path) -> set[str]:
    """Return the hub's modules that the Python files in ``folder`` import."""
    names = {name for file in folder.rglob("*.py") for name in _of(ast.parse(file.read_text()))}
    return {name for name in names if name.partition(".")[0] in ROOMS}


def _of(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
