"""Templates that plugins bring: in ``templates`` beside the module of each Publisher."""

import inspect
from collections.abc import Iterator
from pathlib import Path

from django.template.loaders import filesystem

from publishers.interface import Publisher


class Loader(filesystem.Loader):
    """Asked last, so that no plugin puts a template in the place of the hub's own.

    Every Publisher that was imported counts, so that a plugin's tests need not install it first.
    """

    def get_dirs(self) -> list[str | Path]:
        modules = {Path(inspect.getfile(kind)) for kind in _kinds(Publisher)}
        folders = sorted({module.parent / "templates" for module in modules})
        return [folder for folder in folders if folder.is_dir()]


def _kinds(base: type[Publisher]) -> Iterator[type[Publisher]]:
    for kind in base.__subclasses__():
        yield kind
        yield from _kinds(kind)
