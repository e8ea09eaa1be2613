"""What the generic partner adds to what tests/conformance holds it to, on each of its ways."""

import pytest

from cms.document.model import VariantText
from publishers.platforms.partner.plugin import Partner


@pytest.mark.parametrize("choice", [None, "open", "followers"])
def test_comments_are_opened_only_where_the_editor_says_so(document, choice):
    extra = Partner().render(document, VariantText(comments=choice)).extra
    assert extra == ({"comments": choice} if choice else {})
