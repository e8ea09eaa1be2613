"""The export package: a zip with which a person publishes an article anywhere, and can prove what she got.

=================  ==================================================================================
meta.json          titles, authors, sources, links, account, deadlines; the SHA-256 of every other file
article.html       opens alone in a browser; its pictures lie beside it
article.docx, .txt the same for editors that take Word, and for those that take nothing
images/            the body's pictures in order, the cover in each shape that the platform shows
=================  ==================================================================================

An edition's articles lie in folders 01, 02 … Everything is made of what was signed
(publishers.manual.handing), one file at a time, so that memory holds one picture and one Word file, however
long the article is.
"""

import hashlib
import json
import re
import zipfile
from collections.abc import Iterator, Mapping
from html import escape
from typing import BinaryIO

from django.template.loader import render_to_string

from publishers.exports import reports
from publishers.exports.package import plain, word
from publishers.exports.package.reading import blocks, clean
from publishers.interface import Json
from publishers.manual.handing import Handed, PictureFile, handed
from publishers.models import Delivery

VERSION = 1
#: What a title may not give to a file's name, on any system.
UNSAFE = re.compile(r'[\\/:*?"<>|\s.\x00-\x1f\x7f\u200b-\u200f\u2028-\u202f\u2066-\u2069\ufeff]+')
NAME_CHARS = 40
PNG, GIF = b"\x89PNG", b"GIF8"


def write(delivery: Delivery, to: BinaryIO) -> None:
    """Write the delivery's package as a zip. Raises Refused as ``handing.handed``, Rejected, Forged."""
    articles = handed(delivery)
    written: dict[str, str] = {}
    with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as package:
        facts = []
        for number, article in enumerate(articles, start=1):
            folder = f"{number:02}/" if len(articles) > 1 else ""
            images: dict[str, str] = {}
            for name, content in _files(article, images):
                written[folder + name] = hashlib.sha256(content).hexdigest()
                package.writestr(folder + name, content)
            facts.append({"folder": folder, **_facts(article), "images": sorted(images.values())})
        meta = {**_of_delivery(delivery), "articles": facts, "files": written}
        package.writestr("meta.json", json.dumps(meta, ensure_ascii=False, indent=2))


def file_name(delivery: Delivery, title: str) -> str:
    """Return a name that every system takes, whatever the title is."""
    readable = UNSAFE.sub("-", clean(title)).strip("-")[:NAME_CHARS].strip("-")
    return "-".join(part for part in (readable, str(delivery.pk)[:8]) if part) + ".zip"


def body_text(article: Handed) -> str:
    """Return the article's body as plain text, without its pictures."""
    return plain.body(blocks(article.payload["html"]))


def ending(content: bytes) -> str:
    """Return the ending that fits the picture's bytes."""
    if content.startswith(PNG):
        return "png"
    return "gif" if content.startswith(GIF) else "jpg"


def _files(article: Handed, images: dict[str, str]) -> Iterator[tuple[str, bytes]]:
    """Yield (name, content); ``images`` gets the name of each picture by its public address, or its stem."""
    for each in article.covers:
        yield _image(each, each.stem, images)
    for each in article.pictures:
        yield _image(each, each.picture.public_url, images)
    payload, read = article.payload, blocks(article.payload["html"])
    yield "article.html", _page(article, images).encode()
    yield "article.txt", plain.article(payload, read, images).encode()
    yield (
        "article.docx",
        word.article(payload, read, {each.picture.public_url: each for each in article.pictures}),
    )


def _image(each: PictureFile, key: str, images: dict[str, str]) -> tuple[str, bytes]:
    content = each.make()
    images[key] = f"images/{each.stem}.{ending(content)}"
    return images[key], content


def _page(article: Handed, images: Mapping[str, str]) -> str:
    body = article.payload["html"]
    for each in article.pictures:
        url = each.picture.public_url
        body = body.replace(f'src="{escape(url)}"', f'src="{images[url]}"')
    covers = [images[each.stem] for each in article.covers]
    context = {"payload": article.payload, "document": article.document, "body": body, "covers": covers}
    return render_to_string("publishers/package/article.html", context)


def _facts(article: Handed) -> dict[str, Json]:
    release, payload = article.row.release, article.payload
    return {
        "title": payload["title"],
        "digest": payload["digest"],
        "author": payload["author"],
        "source": article.document.source.name,
        "source_link": payload["source_url"],
        "replaces": article.row.replaces.url if article.row.replaces else None,
        "release": {"id": str(release.pk), "number": release.number, "sha256": release.sha256},
    }


def _of_delivery(delivery: Delivery) -> dict[str, Json]:
    account = delivery.account
    return {
        "type": "package",
        "version": VERSION,
        "delivery": str(delivery.pk),
        "platform": account.platform,
        "account": account.name,
        "office": account.office.name,
        "due_at": reports.moment(delivery.due_at),
        "deadline_at": reports.moment(delivery.deadline_at),
    }
