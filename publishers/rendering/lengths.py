"""Lengths that a platform states. What is too long is refused with a sentence and never cut."""

from collections.abc import Callable

from django.utils.translation import gettext as _

from cms.channels import Limits
from publishers.interface import Rejected


def check_lengths(
    title: str, digest: str, author: str, limits: Limits, count: Callable[[str], int], platform: str
) -> None:
    """Raise Rejected with the first sentence that says what is too long or too short for ``platform``."""
    _at_most(
        count(title),
        limits.title_chars,
        platform,
        _("The title is {over} characters too long ({platform} allows {limit})."),
    )
    if count(title) < limits.title_chars_min:
        raise Rejected(
            _("The title is too short: {platform} asks for at least {limit} characters.").format(
                platform=platform, limit=limits.title_chars_min
            )
        )
    _at_most(
        count(digest),
        limits.digest_chars,
        platform,
        _("The digest is {over} characters too long ({platform} allows {limit})."),
    )
    _at_most(
        count(author),
        limits.author_chars,
        platform,
        _("The author line is {over} characters too long ({platform} allows {limit})."),
    )


def _at_most(length: int, limit: int | None, platform: str, sentence: str) -> None:
    if limit is not None and length > limit:
        raise Rejected(sentence.format(over=length - limit, platform=platform, limit=limit))
