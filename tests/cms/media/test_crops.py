"""Where a cover is cut."""

import pytest

from cms.document.model import Focus
from cms.media.crops import Box, crop, is_large_enough


@pytest.mark.parametrize(
    ("size", "focus", "shape", "box"),
    [
        ((1600, 900), (500, 500), (16, 9), (0, 0, 1, 1)),
        ((2000, 1000), (500, 500), (1, 1), (0.25, 0, 0.75, 1)),
        ((2000, 1000), (1000, 500), (1, 1), (0.5, 0, 1, 1)),
        ((2000, 1000), (0, 900), (1, 1), (0, 0, 0.5, 1)),
        ((1000, 2000), (500, 300), (1, 1), (0, 0.05, 1, 0.55)),
        ((1000, 1000), (500, 0), (4, 3), (0, 0, 1, 0.75)),
        ((1000, 1000), (500, 1000), (4, 3), (0, 0.25, 1, 1)),
    ],
)
def test_the_largest_part_of_the_shape_with_the_focus_nearest_its_middle(size, focus, shape, box):
    found = crop(*size, Focus(x=focus[0], y=focus[1]), shape)
    assert (found.left, found.top, found.right, found.bottom) == pytest.approx(box)


@pytest.mark.parametrize("size", [(1, 1), (1, 5000), (5000, 1), (999, 707)])
@pytest.mark.parametrize("shape", [(900, 383), (1, 1), (9, 16)])
@pytest.mark.parametrize("focus", [(0, 0), (1000, 1000), (333, 667)])
def test_a_crop_is_never_empty_and_never_leaves_the_picture(size, shape, focus):
    left, top, right, bottom = crop(*size, Focus(x=focus[0], y=focus[1]), shape).pixels(*size)
    assert 0 <= left < right <= size[0] and 0 <= top < bottom <= size[1]


def test_a_crop_in_pixels_has_the_shape():
    left, top, right, bottom = Box(0.25, 0, 0.75, 1).pixels(2000, 1000)
    assert (left, top, right, bottom) == (500, 0, 1500, 1000)


def test_a_picture_is_large_enough_when_its_crop_is():
    assert is_large_enough(900, 600, (900, 383))
    assert not is_large_enough(899, 2000, (900, 383))
    assert not is_large_enough(3000, 382, (900, 383))
