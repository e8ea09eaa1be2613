"""Where a page's pictures and files are, and how large."""

from dataclasses import dataclass

from cms.document.model import Asset, Focus

# Wide enough for a phone of 1x to 3x and for the column of a desktop; each is made once per picture.
WIDTHS = (360, 720, 1080, 1440)
USUAL = 720


@dataclass(frozen=True)
class Picture:
    """What an ``img`` needs; width and height are the picture's own, so that nothing jumps while it loads."""

    src: str
    srcset: str
    width: int | None
    height: int | None
    full: str


class Stored:
    """Pictures and files as readers get them."""

    def picture(self, sha256: str, asset: Asset) -> Picture:
        """Return the picture in every width that it is large enough for."""
        widths = [width for width in WIDTHS if asset.width is None or width < asset.width]
        candidates = [f"{address(sha256, width)} {width}w" for width in widths]
        if asset.width and len(widths) < len(WIDTHS):
            # The next width gives the picture in its own size: nothing is ever enlarged.
            candidates.append(f"{address(sha256, WIDTHS[len(widths)])} {asset.width}w")
        return Picture(
            src=address(sha256, USUAL),
            srcset=", ".join(candidates),
            width=asset.width,
            height=asset.height,
            full=address(sha256, WIDTHS[-1]),
        )

    def file(self, sha256: str) -> str:
        return f"/b/{sha256}"


class Placeholders:
    """Pictures and files of a preview, which have no address yet (``cms.channels.Channel.preview``)."""

    def picture(self, sha256: str, asset: Asset) -> Picture:
        name = self.file(sha256)
        return Picture(src=name, srcset="", width=asset.width, height=asset.height, full=name)

    def file(self, sha256: str) -> str:
        return f"asset:{sha256}"


STORED, PLACEHOLDERS = Stored(), Placeholders()


def address(sha256: str, width: int) -> str:
    return f"/b/{sha256}/{width}"


def focus_class(focus: Focus) -> str:
    """Return the style classes that keep ``focus`` in sight where a picture is cropped.

    Classes in steps of a tenth, because a style attribute would need a weaker Content-Security-Policy.
    """
    return f"focus-x-{round(focus.x / 100)} focus-y-{round(focus.y / 100)}"
