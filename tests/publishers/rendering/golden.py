"""Stored HTML that a rendering must give to the byte, laid out so that a change can be read."""

from pathlib import Path

from cms.document.model import Document


def laid_out(html: str, document: Document) -> str:
    """Return ``html`` with an element a line and the specimen's pictures by name."""
    for picture, name in zip(document.assets, ("cover", "first", "second"), strict=False):
        html = html.replace(picture, name)
    return html.replace("><", ">\n<") + "\n"


def stored(test_file: str) -> str:
    """Return the specimen's HTML as it is stored beside ``test_file``."""
    return (Path(test_file).parent / "golden" / "policy.html").read_text(encoding="utf-8")
