"""What the page tells the reader to type."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "operations.md"


def block(heading: str) -> list[str]:
    """Return the lines of the first shell block below a heading, without comments.

    Raises LookupError when the page has no such heading, or no block below it.
    """
    page = PAGE.read_text()
    below = re.search(rf"^#+ {re.escape(heading)}$(.*?)(?=^#+ |\Z)", page, re.MULTILINE | re.DOTALL)
    found = below and re.search(r"^```sh\n(.*?)^```$", below.group(1), re.MULTILINE | re.DOTALL)
    if not found:
        raise LookupError(f"{PAGE.name} has no shell block below “{heading}”.")
    return [line for line in map(_without_comment, found.group(1).splitlines()) if line]


def command(beginning: str) -> str:
    """Return the command, in backticks in the text, that begins so; LookupError when there is not one."""
    found = [text for text in re.findall(r"`([^`\n]+)`", PAGE.read_text()) if text.startswith(beginning)]
    if len(found) != 1:
        raise LookupError(f"{PAGE.name} has {len(found)} commands that begin with “{beginning}”.")
    return found[0]


def _without_comment(line: str) -> str:
    return re.sub(r"\s{2,}#.*$|^#.*$", "", line).strip()
