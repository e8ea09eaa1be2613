"""Which part of a cover a channel shows: the largest of its shape, the focal point nearest its middle. Pure.

Previews, export packages and what is uploaded all cut here, so that an editor sees what readers will.
``static/cms/focus.js`` repeats ``crop`` for the editor's screen.
"""

from dataclasses import dataclass

from cms.document.model import Focus

#: Width and height of what a channel shows, in pixels.
Shape = tuple[int, int]


@dataclass(frozen=True)
class Box:
    """A part of a picture; each edge in parts of its width or height, from the top left."""

    left: float
    top: float
    right: float
    bottom: float

    def pixels(self, width: int, height: int) -> tuple[int, int, int, int]:
        """Return the box in a picture of this size, as Pillow's ``crop`` takes it; never empty."""
        left, top = min(round(self.left * width), width - 1), min(round(self.top * height), height - 1)
        right, bottom = round(self.right * width), round(self.bottom * height)
        return left, top, max(right, left + 1), max(bottom, top + 1)


def crop(width: int, height: int, focus: Focus, shape: Shape) -> Box:
    """Return the box of ``shape`` in an upright picture of ``width`` × ``height`` pixels."""
    own, wanted = width / height, shape[0] / shape[1]
    across, down = min(1.0, wanted / own), min(1.0, own / wanted)
    left = min(max(focus.x / 1000 - across / 2, 0.0), 1 - across)
    top = min(max(focus.y / 1000 - down / 2, 0.0), 1 - down)
    return Box(left, top, min(left + across, 1.0), min(top + down, 1.0))


def is_large_enough(width: int, height: int, shape: Shape) -> bool:
    """Whether the crop of ``shape`` has all the pixels that the channel shows: nothing is enlarged."""
    box = crop(width, height, Focus(), shape)
    across, down = (box.right - box.left) * width, (box.bottom - box.top) * height
    return round(across) >= shape[0] and round(down) >= shape[1]
