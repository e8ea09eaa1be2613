"""Building the Document, and each rendering of it, in multiples of parsing the same HTML with lxml.

The article has 5,000 characters and ten pictures. The reference parses the very HTML that the row makes; for
the Document, which is no HTML, the article as Penguin gets it, which is the plainest.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path

import ground

# isort: split
import lxml.html
from ground.article import make_article, release_of
from ground.measure import race, table

from cms import blobs, releases
from cms.document.build import build
from cms.document.model import VariantText
from cms.site import render
from publishers import registry

PLAIN = VariantText()


def main() -> None:
    ground.lay()
    page = make_article()
    document = releases.document(release_of(page))
    revision = page.get_latest_revision()
    files = [blobs.path(sha256) for sha256 in document.assets]
    wechat, penguin = (registry.get(slug) for slug in ("wechat", "penguin"))
    plain = penguin.render(document, PLAIN).html
    work: dict[str, tuple[Callable[[], object], str]] = {
        "Wagtail makes the page of its revision": (lambda: revision.as_object(), plain),
        "the same, and the Document built": (lambda: build(revision.as_object()), plain),
        "of which the SHA-256 of ten pictures": (lambda: [_sha256(file) for file in files], plain),
        "render for WeChat": (
            lambda: wechat.render(document, PLAIN),
            wechat.render(document, PLAIN).html,
        ),
        "render for Penguin": (lambda: penguin.render(document, PLAIN), plain),
        "the micro-site's page": (
            lambda: render.article(document, PLAIN),
            render.article(document, PLAIN),
        ),
    }
    figures = race(
        {name: call for name, (call, _) in work.items()}
        | {f"parse {name}": lambda html=html: lxml.html.fromstring(html) for name, (_, html) in work.items()}
    )
    rows = [("", "median", "lxml parses it", "multiples", "middle half", "characters of HTML")]
    for name, (_, html) in work.items():
        ours, parse = figures[name], figures[f"parse {name}"]
        rows.append((name, ours.ms, parse.ms, f"{ours.to(parse):.1f}", ours.spread(parse), str(len(html))))
    table("An article of 5,000 characters with ten pictures", *rows)


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


if __name__ == "__main__":
    main()
