"""What every platform's article says at its end: where the text and the pictures come from."""

import pytest

from cms.document.model import Cover, VariantText
from publishers.rendering import Manner, body
from publishers.testing import MemoryPicture, specimen
from publishers.testing.server import text_of


@pytest.fixture(scope="module")
def document():
    return specimen([MemoryPicture("red"), MemoryPicture("green"), MemoryPicture("blue")])


def credited(document, variant) -> str:
    return text_of(body(document, variant, Manner()).html).partition("来源：")[2]


def test_the_photographer_of_the_cover_is_named(document):
    assert "封面图：周一帆摄" in credited(document, VariantText())


def test_of_a_channels_own_cover_its_own_photographer_is_named_and_no_other(document):
    own = Cover(asset=list(document.assets)[1], credit="何静 摄")
    said = credited(document, VariantText(cover=own))
    assert "封面图：何静摄" in said and "周一帆" not in said


def test_a_cover_of_nobody_in_particular_is_credited_to_nobody(document):
    own = Cover(asset=list(document.assets)[1])
    assert "封面图" not in credited(document, VariantText(cover=own))
    assert "封面图" not in credited(document.model_copy(update={"cover": None}), VariantText())
