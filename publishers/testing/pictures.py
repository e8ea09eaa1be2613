"""Pictures for tests: drawn, not shipped, and served over HTTP for platforms that fetch them."""

import hashlib
import io

import PIL.Image

from publishers.interface import Rejected
from publishers.testing.stand_in import Answer, Call, StandIn

EVERY_SIZE = 10**9


class MemoryPicture:
    """Implements ``interface.Picture`` for a picture of one colour, or of noise that stays large."""

    mime = "image/png"

    def __init__(self, colour: str = "", size: tuple[int, int] = (900, 600), public_url: str = ""):
        drawn = PIL.Image.new("RGB", size, colour) if colour else PIL.Image.effect_noise(size, 90)
        written = io.BytesIO()
        drawn.save(written, "PNG")
        self._content = written.getvalue()
        self.sha256 = hashlib.sha256(self._content).hexdigest()
        self.width, self.height = size
        self.public_url = public_url

    def read(self) -> bytes:
        return self._content

    def jpeg(self, *, max_bytes: int, max_width: int = 1080) -> bytes:
        picture = PIL.Image.open(io.BytesIO(self._content)).convert("RGB")
        picture.thumbnail((max_width, max_width * 10))
        for quality in (85, 60, 30):
            written = io.BytesIO()
            picture.save(written, "JPEG", quality=quality)
            if written.tell() <= max_bytes:
                return written.getvalue()
        raise Rejected("The picture cannot be made small enough.")

    def cropped(self, focus: tuple[int, int], shape: tuple[int, int], *, max_bytes: int) -> bytes:
        return self.jpeg(max_bytes=max_bytes, max_width=shape[0])

    def cropped_url(self, focus: tuple[int, int], shape: tuple[int, int]) -> str:
        return self.public_url

    def public_jpeg(self, *, max_width: int) -> tuple[str, bytes]:
        return f"{self.public_url}?{max_width}", self.jpeg(max_bytes=EVERY_SIZE, max_width=max_width)


class PictureServer(StandIn):
    """Serves pictures on a free port of this machine; a context manager.

    With a number behind the question mark, as JPEG so many pixels wide.
    """

    def __init__(self) -> None:
        self._pictures: dict[str, MemoryPicture] = {}
        super().__init__()

    def serve(self, picture: MemoryPicture) -> MemoryPicture:
        """Give ``picture`` an address under which it can be fetched."""
        self._pictures[f"/{picture.sha256}"] = picture
        picture.public_url = f"{self.url}/{picture.sha256}"
        return picture

    def respond(self, call: Call) -> Answer:
        width = call.target.partition("?")[2]
        picture = self._pictures.get(call.path)
        if picture is None:
            return 404, b""
        if width:
            return 200, picture.public_jpeg(max_width=int(width))[1], {"Content-Type": "image/jpeg"}
        return 200, picture.read(), {"Content-Type": picture.mime}
