"""The generic partner keeps what every publisher promises of its rendering."""

import pytest

from cms.document.model import VariantText
from publishers.partner.plugin import Partner
from publishers.testing import MemoryPicture, RenderingPromises, specimen


class TestPartner(RenderingPromises):
    plugin = pytest.fixture(lambda self: Partner())


def test_comments_are_opened_only_where_the_editor_says_so(document):
    plugin = Partner()
    assert plugin.render(document, VariantText()).extra == {}
    assert plugin.render(document, VariantText(comments="open")).extra == {"comments": "open"}


@pytest.fixture
def document():
    return specimen([MemoryPicture(colour) for colour in ("darkred", "teal", "olive")])
