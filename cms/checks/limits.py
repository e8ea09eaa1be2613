"""What channels accept, held against a text: while it is written, and before it is signed off."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cms import channels
from cms.channels import SITE, Channel
from cms.document.build import Built
from cms.document.model import Document, Node, Span, VariantText
from cms.refusals import Refused

TOO_LONG = {
    "title": gettext_lazy("The title is {over} characters too long (limit of {channel}: {limit})."),
    "digest": gettext_lazy("The digest is {over} characters too long (limit of {channel}: {limit})."),
    "author": gettext_lazy("The byline is {over} characters too long (limit of {channel}: {limit})."),
    "body": gettext_lazy("The text is {over} characters too long (limit of {channel}: {limit})."),
}
NOT_OFFERED = {
    "pictures": gettext_lazy("{channel} has no picture messages: clear the form of its variant."),
    "comments": gettext_lazy("{channel} has no switch for comments: clear it in its variant."),
}
#: No problem: the channel takes such a title, and its editor is told.
LONGER_THAN_ADVISED = gettext_lazy("The title is longer than the {limit} characters advised for {channel}.")
TOO_SHORT = gettext_lazy("The title is {under} characters too short ({channel} asks for {limit}).")


@dataclass(frozen=True)
class Problem:
    """``field`` ("title", "digest", "author", "body") cannot go out on the channel with this slug."""

    channel: str
    field: str
    sentence: str


def problems(built: Built) -> list[Problem]:
    """Return what the channels that have a variant would refuse; a channel without one is not asked."""
    found = []
    for slug, variant in built.variants.items():
        try:
            channel = channels.get(slug)
        except KeyError:
            sentence = _("The channel “{channel}” is not installed: delete its variant.").format(channel=slug)
            found.append(Problem(slug, "channel", sentence))
        else:
            try:
                told = list(_problems(built.document, variant, channel))
            except Refused as refusal:
                told = [("channel", refusal.sentence)]
            found.extend(Problem(slug, *problem) for problem in told)
    return found


def _problems(document: Document, variant: VariantText, channel: Channel) -> Iterator[tuple[str, str]]:
    limits = channel.limits
    fields = {
        "title": (variant.title or document.title, limits.title_chars),
        "digest": (variant.digest or document.digest, limits.digest_chars),
        "author": (variant.author or document.byline, limits.author_chars),
    }
    lengths = {field: (channel.count(text), limit) for field, (text, limit) in fields.items()}
    lengths["body"] = (channel.body_length(document, variant), limits.body_chars)
    for field, (length, limit) in lengths.items():
        if limit is not None and (over := length - limit) > 0:
            yield field, TOO_LONG[field].format(over=over, channel=channel.name, limit=limit)
    wanted = {"pictures": variant.form, "comments": variant.comments}
    for name, value in wanted.items():
        if value and name not in limits.offers:
            yield name, NOT_OFFERED[name].format(channel=channel.name)
    length = channel.count(fields["title"][0])
    if length < limits.title_chars_min:
        under = limits.title_chars_min - length
        yield (
            "title",
            TOO_SHORT.format(under=under, channel=channel.name, limit=limits.title_chars_min),
        )


def body_text(document: Document) -> str:
    """Return all words of the text in order, without those that are only about it (alt texts, addresses)."""
    return "".join(_words([section.blocks for section in document.sections]))


def _words(node: object) -> Iterator[str]:
    if isinstance(node, Span):
        yield node.text
    elif isinstance(node, list | tuple):
        for part in node:
            yield from _words(part)
    elif isinstance(node, Node):
        for name, value in node:
            if name in WORDS and isinstance(value, str):
                yield value
            else:
                yield from _words(value)


WORDS = {
    "text",
    "title",
    "caption",
    "attribution",
    "question",
    "number",
    "name",
    "hotline",
    "address",
    "hours",
}


def choices() -> list[tuple[str, str]]:
    """Return the channels that may have a variant, for a field's choices."""
    return [(channel.slug, channel.name) for channel in channels.all_channels() if channel.slug != SITE]


def for_editor() -> dict[str, dict[str, Any]]:  # what JSON holds
    """Return what the live counters need to know, by channel; see ``editor.js``.

    A channel's way of counting is learnt from the channel itself: what one ASCII letter, one character of
    the basic plane and one beyond it weigh. One that cannot count has no live counters.
    """
    found = {}
    for channel in channels.all_channels():
        with suppress(Refused):  # ``problems`` and ``proofreading.notes`` say it
            found[channel.slug] = _for_editor(channel)
    return found


def _for_editor(channel: Channel) -> dict[str, Any]:
    return {
        "name": channel.name,
        "covers": channel.covers,
        "title": channel.limits.title_chars,
        "titleMin": channel.limits.title_chars_min,
        "titleAdvised": channel.limits.title_chars_advised,
        "digest": channel.limits.digest_chars,
        "author": channel.limits.author_chars,
        "weights": [channel.count(sample * 2) / 2 for sample in ("a", "字", "😀")],
    }
