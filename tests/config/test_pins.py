"""What is pinned runs on the oldest Python that is promised, and brings what the documented brokers need."""

import importlib.metadata
import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).resolve().parents[2]


def pinned(file: str) -> dict[str, str]:
    return dict(re.findall(r"^([\w.-]+)==(\S+)", (ROOT / file).read_text(), re.MULTILINE))


PINNED = pinned("requirements.txt")
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


@pytest.mark.parametrize("file", ["requirements.txt", "requirements-dev.txt", "requirements-heic.txt"])
def test_every_pin_has_the_hashes_of_its_files(file):
    pins = re.split(r"^(?=\S)", (ROOT / file).read_text(), flags=re.MULTILINE)[1:]
    assert pins
    assert [
        pin for pin in pins if not re.fullmatch(r"\S+==\S+( \\\n    --hash=sha256:[0-9a-f]{64})+\n", pin)
    ] == []


@pytest.mark.parametrize("file", ["requirements.txt", "requirements-dev.txt"])
@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13"])
def test_the_pins_are_complete_so_that_nothing_else_is_asked_for(file, python):
    """They are installed with --no-deps: what is not pinned would be missing."""
    pins, somewhere = (
        pinned(file),
        {"python_version": python, "python_full_version": f"{python}.5", "extra": ""},
    )
    missing = {
        f"{name}: {needed}"
        for name in pins
        for needed in map(Requirement, importlib.metadata.requires(name) or ())
        if (needed.marker is None or needed.marker.evaluate(somewhere)) and named(needed.name) not in pins
    }
    assert missing == set()


def test_everybody_installs_by_hash():
    for file in ("Makefile", "deploy/Containerfile", "docs/operations.md"):
        for command in re.findall(
            r"pip install[^`\n]*-r requirements[^`\n]*|\$\(INSTALL\)|^INSTALL :=.*", text(file), re.M
        ):
            assert command == "$(INSTALL)" or "--no-deps --require-hashes" in command, command


def test_what_brings_gpl_code_is_an_extra():
    assert "pillow-heif" not in PINNED
    assert list(pinned("requirements-heic.txt")) == ["pillow-heif"]
    assert pinned("requirements-heic.txt").items() <= pinned("requirements-dev.txt").items()


def named(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def text(file: str) -> str:
    return (ROOT / file).read_text()
