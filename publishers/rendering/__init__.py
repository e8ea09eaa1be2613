"""What every platform's HTML shares: a Document becomes restrained semantic HTML with placeholders.

Pure functions: no network, clock or database. What differs per platform is its ``Manner``.
"""

from publishers.rendering.article import Body, body, cover_of, focus_of, text_of
from publishers.rendering.lengths import check_lengths
from publishers.rendering.markup import fill
from publishers.rendering.plain import rendition
from publishers.rendering.writer import Manner

__all__ = ["Body", "Manner", "body", "check_lengths", "cover_of", "fill", "focus_of", "rendition", "text_of"]
