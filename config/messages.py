"""Finds, checks and compiles the Chinese texts: ``python -m config.messages update|check|compile``.

Babel does the work, so no gettext tools are needed on the machine; Django's ``templatize`` reads templates.
"""

import io
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract, extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = ROOT / "config" / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
ROOMS = ("cms", "publishers", "config")
HEADER = b"""msgid ""
msgstr ""
"Language: zh_Hans\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
}


def extract_template(fileobj, keywords, comment_tags, options) -> Iterator[tuple]:
    from django.utils.translation.template import templatize

    source = templatize(fileobj.read().decode(), origin=fileobj.name)
    # What is left of the markup is read as Python, where its indentation would be an error.
    source = "\n".join(line.lstrip() for line in source.splitlines())
    return extract_python(io.BytesIO(source.encode()), keywords, comment_tags, options)


def sources() -> Iterator[tuple[Path, object]]:
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path, "python"
    for path in sorted((ROOT / "templates").rglob("*.*")):
        if path.suffix in {".html", ".txt"}:
            yield path, extract_template


def extracted() -> Catalog:
    """Return every message of the code and the templates."""
    catalog = Catalog()
    for path, method in sources():
        with path.open("rb") as file:
            for _line, message, comments, context in extract(method, file, KEYWORDS, ("Translators:",)):
                catalog.add(
                    message,
                    locations=[(str(path.relative_to(ROOT)), None)],
                    auto_comments=comments,
                    context=context,
                )
    return catalog


def stored() -> Catalog:
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="zh_Hans")


def update() -> None:
    """Bring the catalogue in line with the code; new messages get an empty text."""
    catalog = stored() if CATALOGUE.exists() else Catalog()
    catalog.update(extracted(), no_fuzzy_matching=True)
    catalog.obsolete.clear()
    write(catalog)


def write(catalog: Catalog) -> None:
    """Write the catalogue sorted and without dates or line numbers, so that only texts make a difference."""
    tidy = Catalog(locale="zh_Hans")
    for message in catalog:
        if message.id:
            tidy.add(message.id, message.string, auto_comments=message.auto_comments, context=message.context)
    CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
    with CATALOGUE.open("wb") as file:
        file.write(HEADER)
        write_po(file, tidy, sort_output=True, no_location=True, omit_header=True, width=110)


def missing() -> list[str]:
    """Return the messages that have no Chinese text."""
    catalog = stored()
    found = []
    for message in extracted():
        known = catalog.get(message.id, message.context) if message.id else message
        texts = known.string if known else ""
        if message.id and not all(texts if isinstance(texts, tuple) else (texts,)):
            found.append(str(message.id))
    return found


def compile_catalogue() -> None:
    if CATALOGUE.exists():
        with CATALOGUE.with_suffix(".mo").open("wb") as file:
            write_mo(file, stored())


def main(command: str) -> int:
    if command == "update":
        update()
    elif command == "compile":
        compile_catalogue()
    elif command == "check":
        without = missing()
        for text in without:
            print(f"no Chinese text: {text!r}")
        return 1 if without else 0
    else:
        print(__doc__)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else ""))
