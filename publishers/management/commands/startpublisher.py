"""manage.py startpublisher NAME [--directory DIR]"""

import keyword
import re
from argparse import ArgumentParser
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.core.management.templates import TemplateCommand
from django.utils.translation import gettext as _

import publishers
from cms.management.commanding import InOneSentence
from publishers import registry

NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
LONGEST = 40
TEMPLATE = Path(publishers.__file__).parent / "scaffold"


class Command(InOneSentence, TemplateCommand):
    help = (
        "Makes the distribution of a new publisher: a package that can be installed beside the hub, with "
        "tests that pass. docs/plugins.md says how to go on."
    )
    # Written with -tpl, so that nothing takes a template for what it will become.
    rewrite_template_suffixes = ((".py-tpl", ".py"), (".toml-tpl", ".toml"), (".md-tpl", ".md"))

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", metavar="NAME", help="of the package and the platform, e.g. county_paper")
        parser.add_argument("--directory", metavar="DIR", help="where to write it; without it, ./NAME")

    def handle(self, *args: Any, **options: Any) -> None:  # Any: as Django's own, of other arguments
        name, directory = options.pop("name"), options.pop("directory")
        _check(name)
        target = Path(directory or name).expanduser().resolve()
        if target.exists() and (not target.is_dir() or any(target.iterdir())):
            raise CommandError(_("{path} is there already and not empty.").format(path=target))
        try:
            target.mkdir(parents=True, exist_ok=True)
        except OSError:
            raise CommandError(_("The file {path} cannot be written.").format(path=target)) from None
        more = {"template": str(TEMPLATE), "extensions": ["py,toml,md"], "files": []}
        super().handle("publisher", name, str(target), **options, **more, distribution=name.replace("_", "-"))
        self.stdout.write(_("{path} is written; its README says how to go on.").format(path=target))


def _check(name: str) -> None:
    """Refuse a name that cannot be a package and a platform's slug, or that somebody has."""
    if not NAME.fullmatch(name) or len(name) > LONGEST or keyword.iskeyword(name):
        sentence = _("{name} is no name: small letters, digits and single underscores, at most {count}.")
        raise CommandError(sentence.format(name=name, count=LONGEST))
    taken = {publisher.platform.slug for publisher in registry.all_publishers()}
    if name in taken or find_spec(name) is not None:
        raise CommandError(_("The name {name} is taken: choose another one.").format(name=name))
