"""A sheet of 1600 × 900 to draw flat, calm pictures on; drawn twice as large, for soft edges."""

from pathlib import Path

from PIL import Image, ImageDraw

WIDTH, HEIGHT, FINE = 1600, 900, 2

PAPER, INK, SOFT, KAPOK, WASH = "#FFFDF9", "#22262B", "#5E5750", "#B3261E", "#FBEDE8"
LEAF, AMBER, SEA = "#2F6B4F", "#8A5A00", "#1F5F8B"
SKIN = "#E9C3A5"


def tint(colour: str, share: float) -> str:
    """Return ``colour`` thinned with paper: 1 is the colour itself, 0 is paper."""
    mixed = (
        round(int(colour[at : at + 2], 16) * share + int(PAPER[at : at + 2], 16) * (1 - share))
        for at in (1, 3, 5)
    )
    return "#" + "".join(f"{part:02X}" for part in mixed)


class Canvas:
    """Shapes by their corners in a sheet whose top left is (0, 0)."""

    def __init__(self, background: str):
        self._image = Image.new("RGB", (WIDTH * FINE, HEIGHT * FINE), background)
        self._draw = ImageDraw.Draw(self._image)

    def save(self, path: Path) -> None:
        self._image.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS).save(path, "PNG", optimize=True)

    def box(self, left: float, top: float, right: float, bottom: float, colour: str, corner: int = 0) -> None:
        self._draw.rounded_rectangle(_fine(left, top, right, bottom), corner * FINE, fill=colour)

    def oval(self, left: float, top: float, right: float, bottom: float, colour: str) -> None:
        self._draw.ellipse(_fine(left, top, right, bottom), fill=colour)

    def disc(self, x: float, y: float, radius: float, colour: str) -> None:
        self.oval(x - radius, y - radius, x + radius, y + radius, colour)

    def shape(self, colour: str, *points: tuple[float, float]) -> None:
        self._draw.polygon(_fine(*(part for point in points for part in point)), fill=colour)

    def stroke(self, colour: str, width: int, *points: tuple[float, float]) -> None:
        line = _fine(*(part for point in points for part in point))
        self._draw.line(line, fill=colour, width=width * FINE, joint="curve")

    def bow(
        self,
        left: float,
        top: float,
        right: float,
        bottom: float,
        begin: int,
        end: int,
        colour: str,
        width: int,
    ) -> None:
        self._draw.arc(_fine(left, top, right, bottom), begin, end, fill=colour, width=width * FINE)

    def half_disc(self, x: float, y: float, radius: float, colour: str) -> None:
        """The upper half of a disc standing on ``y``: a hill, a lampshade, a pair of shoulders."""
        self._draw.pieslice(_fine(x - radius, y - radius, x + radius, y + radius), 180, 360, fill=colour)

    def person(self, x: float, ground: float, height: float, coat: str, hair: str = INK) -> None:
        """A figure seen from the front, from the shoulders' width down to ``ground``."""
        head = height * 0.16
        top = ground - height
        self.half_disc(x, ground - height * 0.44, height * 0.24, coat)
        self.box(x - height * 0.24, ground - height * 0.45, x + height * 0.24, ground, coat)
        self.disc(x, top + head, head * 1.12, hair)
        self.disc(x, top + head * 1.3, head * 0.92, SKIN)
        self.half_disc(x, top + head * 1.05, head * 0.94, hair)

    def plant(self, x: float, ground: float, height: float) -> None:
        self.box(x - height * 0.18, ground - height * 0.34, x + height * 0.18, ground, tint(KAPOK, 0.55), 6)
        for lean, share in ((-0.3, 0.75), (0, 1), (0.3, 0.75)):
            top = ground - height * share
            middle = (top + ground - height * 0.34) / 2
            self.shape(
                tint(LEAF, 0.8),
                (x, ground - height * 0.34),
                (x + height * lean - height * 0.1, middle),
                (x + height * lean * 1.3, top),
                (x + height * lean + height * 0.1, middle),
            )


def _fine(*parts: float) -> list[float]:
    return [part * FINE for part in parts]
