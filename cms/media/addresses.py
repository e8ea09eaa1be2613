"""Addresses of covers as a platform shows them, which only the hub can make.

Any focal point and any shape would be any number of pictures to make: the seal in the address says that the
hub wants this one.
"""

from django.utils.crypto import constant_time_compare, salted_hmac

from cms.document.model import Focus
from cms.media.crops import Shape

SEAL_CHARS = 32


def cover_path(sha256: str, focus: Focus, shape: Shape) -> str:
    """Return the path at which readers and platforms get this part of the picture, once it is public."""
    cut = "{}x{}-{}-{}".format(*shape, focus.x, focus.y)
    return f"/b/{sha256}/{cut}/{_seal(sha256, cut)}"


def is_sealed(sha256: str, cut: str, seal: str) -> bool:
    """Return whether the hub made the address in which ``seal`` stands."""
    return constant_time_compare(seal, _seal(sha256, cut))


def _seal(sha256: str, cut: str) -> str:
    return salted_hmac("cms.site.covers", f"{sha256}/{cut}", algorithm="sha256").hexdigest()[:SEAL_CHARS]
