"""Shorter titles and digests, offered and never put in: whole parts of what was written, nothing cut. Pure.

Lengths are counted by the channel (``cms.channels.Channel.count``).
"""

import re
from collections.abc import Callable, Iterable, Iterator

MOST = 3
SUBTITLE = re.compile(r"[：:｜|]|——|—|\s-\s")
BRACKETED = re.compile(r"【[^】]*】|（[^）]*）|\([^)]*\)|\[[^\]]*\]")
# An official title names who issued it before what it is about.
ISSUER = re.compile(r"^[^《]+?(?=关于.)")
# Not 、: a list is not cut in its middle.
PAUSES = "，；：,;:！？!?。 \u3000"
SENTENCE = re.compile(r"[^。！？!?]*[。！？!?]+[”』」）]*|[^。！？!?]+$")

Count = Callable[[str], int]


def titles(title: str, limit: int, count: Count, at_least: int = 0) -> list[str]:
    """Return up to three shorter forms of ``title`` that fit, the fullest first; none when it fits itself."""
    if count(title) <= limit:
        return []
    found = dict.fromkeys(short for short in _shorter(title) if at_least <= count(short) <= limit)
    return sorted((short for short in found if short), key=count, reverse=True)[:MOST]


def _shorter(title: str) -> Iterator[str]:
    bare = _tidy(BRACKETED.sub("", title))
    for whole in dict.fromkeys((title, bare, ISSUER.sub("", title), ISSUER.sub("", bare))):
        yield _tidy(whole)
        yield _tidy(SUBTITLE.split(whole)[0])
        yield from _up_to_a_pause(whole)


def _up_to_a_pause(title: str) -> Iterator[str]:
    for at, letter in enumerate(title):
        if letter in PAUSES and not _inside(title, at):
            yield _tidy(title[:at])


def _inside(title: str, at: int) -> bool:
    """Whether the place is between quotation marks or brackets, which a cut would leave open."""
    before = title[:at]
    return any(
        before.count(opened) > before.count(closed) for opened, closed in ("“”", "《》", "（）", "【】")
    )


def _tidy(title: str) -> str:
    return title.strip(PAUSES.replace("！", "").replace("？", "").replace("!", "").replace("?", "") + "—-｜|")


def digests(texts: Iterable[str], limit: int, count: Count) -> list[str]:
    """Return, for each text, its first sentences as far as they fit; left out where the first is too long."""
    found = (_first_sentences(" ".join(text.split()), limit, count) for text in texts)
    return list(dict.fromkeys(digest for digest in found if digest))[:MOST]


def _first_sentences(text: str, limit: int, count: Count) -> str:
    taken = ""
    for sentence in SENTENCE.findall(text):
        if count((taken + sentence).strip()) > limit:
            break
        taken += sentence
    return taken.strip()
