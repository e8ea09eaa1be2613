"""Finds, checks and compiles the Chinese texts: ``python -m config.messages update|check|compile``.

Babel's commands do the work, so no gettext tools are needed on the machine. ``config/locale`` holds our texts
and is brought in line with the code; ``config/wagtail_locale`` holds those that Wagtail lacks, by hand.
"""

import io
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from babel.messages.extract import extract_python
from babel.messages.frontend import CommandLineInterface
from babel.messages.pofile import read_po

from config.environment import refuse

CONFIG = Path(__file__).resolve().parent
ROOT = CONFIG.parent
CATALOGUE = Path("zh_Hans", "LC_MESSAGES", "django.po")
OURS, WAGTAILS = CONFIG / "locale" / CATALOGUE, CONFIG / "wagtail_locale" / CATALOGUE
ROOMS = ("cms", "readers", "publishers", "config", "templates")
KEYWORDS = "gettext_lazy gettext_noop ngettext_lazy:1,2 pgettext_lazy:1c,2"


# Any: Babel's own, handed back to it.
def extract_template(fileobj: BinaryIO, keywords: Any, comment_tags: Any, options: Any) -> Iterator[tuple]:
    """Find the messages of a Django template; pyproject.toml names it to Babel, whose the arguments are."""
    from django.utils.translation.template import templatize

    source = templatize(fileobj.read().decode(), origin=fileobj.name)
    # What is left of the markup is read as Python, where its indentation would be an error.
    source = "\n".join(line.lstrip() for line in source.splitlines())
    return extract_python(io.BytesIO(source.encode()), keywords, comment_tags, options)


def babel(command: str, *arguments: str | Path) -> int:
    return CommandLineInterface().run(["pybabel", "--quiet", command, *map(str, arguments)]) or 0


def update(catalogue: Path, *more: str) -> int:
    """Bring the catalogue in line with the code; new messages get an empty text."""
    with tempfile.TemporaryDirectory() as folder:
        found = Path(folder, "django.pot")
        # Sorted and without places, so that only texts make a difference.
        tidy = ("--sort-output", "--no-location", "--add-comments=Translators:", f"--keyword={KEYWORDS}")
        rooms = [ROOT / room for room in ROOMS]
        babel("extract", f"--mapping={ROOT / 'pyproject.toml'}", f"--output={found}", *tidy, *rooms)
        same = ("--no-fuzzy-matching", "--ignore-pot-creation-date", "--width=110", *more)
        return babel(
            "update", f"--input-file={found}", f"--output-file={catalogue}", "--locale=zh_Hans", *same
        )


def problems() -> Iterator[str]:
    """Say what keeps the catalogues from being complete, in line with the code and sure of themselves."""
    with tempfile.TemporaryDirectory() as folder:
        updated = Path(folder, "django.po")
        updated.write_bytes(OURS.read_bytes())
        update(updated)
        for path in (updated, WAGTAILS):
            with path.open("rb") as file:
                catalog = read_po(file, locale="zh_Hans")
            for message in catalog:
                texts = message.string if isinstance(message.string, tuple) else (message.string,)
                if message.id and not all(texts):
                    yield f"no Chinese text: {message.id!r}"
                elif message.id and message.fuzzy:
                    yield f"marked as fuzzy: {message.id!r}"
            yield from (f"said nowhere any more: {message!r}" for message in catalog.obsolete)


def check() -> int:
    found = list(problems())
    for sentence in found:
        print(sentence)
    return 1 if found else 0


def compile_catalogues() -> int:
    return max(_compile(path) for path in (OURS, WAGTAILS))


def compile_missing() -> None:
    """Compile what never was; what is older than the code is told by ``doctor``. Refuses where it may not."""
    for path in (OURS, WAGTAILS):
        if not path.with_suffix(".mo").exists():
            try:
                _compile(path)
            except OSError as error:
                refuse(
                    "中文文本还没有编译：请以能写代码文件夹的用户运行 python -m config.messages compile。"
                    f"（{path.parent}: {error.strerror}）"
                )


def _compile(path: Path) -> int:
    compiled = path.with_suffix(".mo")
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        # Whole or not at all: another process may read it just now.
        made = Path(folder, compiled.name)
        failed = babel("compile", f"--input-file={path}", f"--output-file={made}")
        made.replace(compiled)
    return failed


def main(command: str) -> int:
    if command == "update":
        return update(OURS, "--ignore-obsolete")
    if command == "compile":
        return compile_catalogues()
    if command == "check":
        return check()
    print(__doc__)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else ""))
