"""What is pinned runs on the oldest Python that is promised, and brings what the documented brokers need."""

import importlib.metadata
import re
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).resolve().parents[2]
PINNED = dict(re.findall(r"^([\w.-]+)==(\S+)", (ROOT / "requirements.txt").read_text(), re.MULTILINE))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def test_every_pin_runs_on_the_oldest_python_that_is_promised():
    oldest = PROJECT["requires-python"].removeprefix(">=")
    refused = {
        name: needed
        for name in PINNED
        if (needed := importlib.metadata.metadata(name)["Requires-Python"])
        and oldest not in SpecifierSet(needed)
    }
    assert refused == {}
    assert oldest in (ROOT / "README.md").read_text()


def test_every_library_that_is_asked_for_is_pinned_with_its_extras():
    asked = [Requirement(each) for each in PROJECT["dependencies"]]
    missing = [
        f"{each.name}[{extra}]: {needed.name}"
        for each in asked
        for extra in each.extras
        for needed in map(Requirement, importlib.metadata.requires(each.name) or ())
        if needed.marker
        and needed.marker.evaluate({"extra": extra})
        and not needed.marker.evaluate({"extra": ""})
        if needed.name.lower().replace("_", "-") not in PINNED
    ]
    assert missing == []
