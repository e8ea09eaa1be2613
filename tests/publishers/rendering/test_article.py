"""What every platform's article says at its end: where the text and the pictures come from."""

import pytest

from cms.channels import Limits
from cms.document.model import Cover, Gallery, Image, Section, VariantText
from publishers.interface import Rejected
from publishers.rendering import Manner, body, check_lengths, cover_of
from publishers.testing import MemoryPicture, specimen
from publishers.testing.server import text_of


@pytest.fixture(scope="module")
def document():
    return specimen([MemoryPicture("red"), MemoryPicture("green"), MemoryPicture("blue")])


def credited(document, variant) -> str:
    return text_of(body(document, variant, Manner()).html).partition("来源：")[2]


@pytest.mark.parametrize("kind", ["image", "gallery"])
def test_without_a_cover_the_first_picture_of_the_text_is_one(document, kind):
    first, second = (Image(asset=asset, alt="灯", credit="何静 摄") for asset in list(document.assets)[1:3])
    block = first if kind == "image" else Gallery(images=(first, second))
    bare = {"cover": None, "sections": (Section(role="body", blocks=(block, second)),)}
    assert cover_of(document.model_copy(update=bare), VariantText()).asset == first.asset


#: Of a platform that takes two to four characters everywhere.
LIMITS = Limits(title_chars=4, title_chars_min=2, digest_chars=4, author_chars=4)


@pytest.mark.parametrize("length", [1, 2, 4, 5])
@pytest.mark.parametrize("what", ["title", "digest", "author"])
def test_each_line_may_be_exactly_as_long_or_as_short_as_the_platform_says(what, length):
    said = {"title": "三个字", "digest": "", "author": ""} | {what: "字" * length}
    if length == 5 or (length == 1 and what == "title"):
        with pytest.raises(Rejected):
            check_lengths(**said, limits=LIMITS, count=len, platform="某平台")
    else:
        check_lengths(**said, limits=LIMITS, count=len, platform="某平台")


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
