"""What is made of the code before it runs: compiled catalogues and, in production, collected files."""

import functools
from collections.abc import Iterable, Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from django.conf import settings
from django.contrib.staticfiles.management.commands.collectstatic import Command as CollectStatic

#: What makes each of them.
COMPILE, COLLECT = "python -m config.messages compile", "manage.py collectstatic"


def not_compiled() -> list[Path]:
    """Return the catalogues whose compiled form is missing, or says other things than they do."""
    return [catalogue for catalogue in _catalogues() if not _is_compiled(catalogue)]


def not_collected() -> list[str]:
    """Return the static files that collectstatic would put in place; none where they are found by name."""
    if settings.WHITENOISE_USE_FINDERS:
        return []
    command = CollectStatic()
    command.set_options(
        interactive=False,
        verbosity=0,
        link=False,
        clear=False,
        dry_run=True,
        ignore_patterns=[],
        use_default_ignore_patterns=True,
        post_process=False,
    )
    return list(command.collect()["modified"])


def _catalogues() -> Iterator[Path]:
    return (file for folder in settings.LOCALE_PATHS for file in Path(folder).glob("*/LC_MESSAGES/*.po"))


def _is_compiled(catalogue: Path) -> bool:
    compiled = catalogue.with_suffix(".mo")
    return compiled.exists() and _same(catalogue, compiled, _state(catalogue), _state(compiled))


def _state(file: Path) -> tuple[int, int]:
    seen = file.stat()
    return seen.st_mtime_ns, seen.st_size


@functools.lru_cache(maxsize=8)
def _same(catalogue: Path, compiled: Path, *states: tuple[int, int]) -> bool:
    """Compare what both say, once for each state: a clone or a copy has given them any time."""
    with catalogue.open("rb") as text, compiled.open("rb") as machine:
        return _messages(read_po(text)) == _messages(read_mo(machine))


def _messages(catalog: Catalog) -> dict[object, object]:
    return {
        (_forms(each.id), each.context): _forms(each.string) for each in catalog if each.id and each.string
    }


def _forms(text: str | Iterable[str]) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)
