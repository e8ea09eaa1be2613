"""Whoever opts out of a scenario names a section that its platform's sheet has."""

import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from publishers.testing.given import Given
from publishers.testing.scenarios import OPT_OUT

ROOT = Path(settings.BASE_DIR)
FILES = [
    *ROOT.glob("tests/publishers/platforms/*/test_conformance.py"),
    *ROOT.glob("tests/conformance/test_*.py"),
]


def opt_outs() -> list[str]:
    for file in FILES:
        if file != Path(__file__):
            importlib.import_module(".".join(file.relative_to(ROOT).with_suffix("").parts))
    return sorted({why for kind in _kinds(Given) for why in kind.opt_outs.values()})


def _kinds(base: type) -> Iterator[type]:
    for kind in base.__subclasses__():
        yield kind
        yield from _kinds(kind)


@pytest.mark.parametrize("why", opt_outs())
def test_the_sheet_has_the_section(why):
    sheet, section, _reason = OPT_OUT.fullmatch(why).groups()
    headings = re.findall(r"^#+ (\w+)\. ", (ROOT / "docs" / "platforms" / sheet).read_text(), re.MULTILINE)
    assert section.partition(".")[0] in headings
