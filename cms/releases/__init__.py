"""Releases: what was signed off, and whether it is still that. The door of the room.

Making one is ``sign_off``, taking one from its readers ``withdrawals``.
"""

from cms.releases.verification import (
    Forged,
    document,
    genuine,
    live_of,
    manifest,
    text_sha256,
    variants,
)

__all__ = ["Forged", "document", "genuine", "live_of", "manifest", "text_sha256", "variants"]
