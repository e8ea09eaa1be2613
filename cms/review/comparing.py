"""Comparing two versions of a Chinese text: character by character.

Wagtail takes all letters between two punctuation marks for one word, so that one changed character marks a
whole sentence. Its comparisons call one function, which ``cms.apps`` replaces by this one.
"""

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

from wagtail.admin.compare import TextDiff

# A run of letters and digits that are not Chinese is one token, everything else a token for each character.
TOKEN = re.compile(r"[^\W\u3400-\u9fff\uf900-\ufaff]+|.", re.DOTALL)


def diff_text(old: str | None, new: str | None) -> TextDiff:
    """Return what was deleted, added and left of two plain texts."""
    before, after = TOKEN.findall(old or ""), TOKEN.findall(new or "")
    changes = []
    for equal, i1, i2, j1, j2 in _joined(SequenceMatcher(None, before, after).get_opcodes()):
        if equal:
            changes.append(("equal", "".join(before[i1:i2])))
            continue
        for kind, tokens in (("deletion", before[i1:i2]), ("addition", after[j1:j2])):
            if tokens:
                changes.append((kind, "".join(tokens)))
    return TextDiff(changes)


def _joined(opcodes: Sequence[tuple[str, int, int, int, int]]) -> list[tuple[bool, int, int, int, int]]:
    """Join two changes with a single token between them: words read better than crumbs."""
    joined: list[tuple[bool, int, int, int, int]] = []
    for position, (op, i1, i2, j1, j2) in enumerate(opcodes):
        is_crumb = i2 - i1 == 1 and 0 < position < len(opcodes) - 1
        equal = op == "equal" and not is_crumb
        if joined and not equal and not joined[-1][0]:
            _, i1, _, j1, _ = joined.pop()
        joined.append((equal, i1, i2, j1, j2))
    return joined
