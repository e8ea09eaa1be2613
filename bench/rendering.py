"""Building the Document, and each rendering of it, in multiples of parsing the same HTML with lxml.

The article has 5,000 characters and ten pictures. The reference parses the very HTML that the row makes; for
the Document, which is no HTML, the article as Penguin gets it, which is the plainest.
"""

import hashlib
import time
from collections.abc import Callable
from pathlib import Path

import harness

# isort: split
import lxml.html
from harness.article import make_article, release_of
from harness.measure import race, table

from cms import releases
from cms.document.build import build
from cms.document.model import VariantText
from cms.media import blobs
from publishers import registry
from readers.snapshots import render

PLAIN = VariantText()


def main() -> None:
    harness.lay()
    page = make_article()
    document = releases.document(release_of(page))
    revision = page.get_latest_revision()
    files = [blobs.path(sha256) for sha256 in document.assets]
    wechat, penguin = (registry.get(slug) for slug in ("wechat", "penguin"))
    building: dict[str, Callable[[], object]] = {
        "Wagtail makes the page of its revision": lambda: revision.as_object(),
        "the same, and the Document built": lambda: build(revision.as_object()),
        "of which the SHA-256 of ten pictures": lambda: [_sha256(file) for file in files],
    }
    rendering: dict[str, Callable[[], str]] = {
        "render for WeChat": lambda: wechat.render(document, PLAIN).html,
        "render for Penguin": lambda: penguin.render(document, PLAIN).html,
        "the micro-site's page": lambda: render.article(document, PLAIN),
    }
    html = dict.fromkeys(building, penguin.render(document, PLAIN).html)
    html |= {name: call() for name, call in rendering.items()}
    _show(building | rendering, html)


def _show(work: dict[str, Callable[[], object]], html: dict[str, str]) -> None:
    parsing = {f"parse {name}": lambda text=text: lxml.html.fromstring(text) for name, text in html.items()}
    figures = race(work | parsing, clock=time.process_time)
    rows = [("", "median", "lxml parses it", "multiples", "middle half", "characters of HTML")]
    for name, text in html.items():
        ours, parse = figures[name], figures[f"parse {name}"]
        rows.append((name, ours.ms, parse.ms, f"{ours.to(parse):.1f}", ours.spread(parse), str(len(text))))
    table("An article of 5,000 characters with ten pictures", *rows)


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


if __name__ == "__main__":
    main()
