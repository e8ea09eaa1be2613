from typing import Any  # Django's own options

from django.conf import settings
from django.core.management.base import CommandError, CommandParser

from cms.document.schema import schema
from cms.management.commanding import InOneSentence

PATH = settings.BASE_DIR / "docs" / "document.schema.json"


class Command(InOneSentence):
    help = "Write the Document's JSON Schema to docs/document.schema.json."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="Write nothing; fail when the file is out of date."
        )

    def handle(self, *, check: bool, **options: Any) -> None:
        made = schema()
        if not check:
            PATH.write_bytes(made)
        elif not PATH.exists() or PATH.read_bytes() != made:
            raise CommandError(f"{PATH.name} is out of date: run manage.py document_schema.")
