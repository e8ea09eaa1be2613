"""``manage.py import_document FILE --type policy --office CODE``: a file becomes a draft."""

import json
from pathlib import Path
from typing import Any  # options of every type

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser
from django.core.exceptions import PermissionDenied
from django.core.management.base import CommandError, CommandParser
from django.urls import reverse
from django.utils.translation import gettext as _
from wagtail.models import Page

from cms.ingest import MODELS, Imported, Refused, import_with_warnings
from cms.management.commanding import InOneSentence, row_number
from cms.models import Office, SectionPage


class Command(InOneSentence):
    help = (
        "Import a .docx, .txt, .md or .html file as a draft. Headings, clauses, tables and pictures become "
        "blocks; title, document number, addressee, date and signature go to their fields. A file that is "
        "not taken is answered with one sentence and exit status 1, and nothing is left behind."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path, help="the file to import")
        parser.add_argument("--type", required=True, choices=sorted(MODELS), help="the kind of article")
        parser.add_argument("--office", required=True, metavar="CODE", help="the office that it belongs to")
        parser.add_argument(
            "--section",
            type=row_number,
            metavar="ID",
            help="the section's page id (default: the office's first section)",
        )
        parser.add_argument(
            "--user",
            metavar="NAME",
            help="who imports it and counts as its author (default: the first active superuser)",
        )
        parser.add_argument("--json", action="store_true", help="print the result as one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        section = _section(options["office"], options["section"])
        imported = _import(options["file"], options["type"], section, _user(options["user"]))
        self.stdout.write(_as_json(imported) if options["json"] else _as_text(imported))


def _import(path: Path, kind: str, section: SectionPage, user: AbstractUser) -> Imported:
    try:
        opened = path.open("rb")
    except OSError as error:
        raise CommandError(_("{path} cannot be opened.").format(path=path)) from error
    try:
        with opened:
            return import_with_warnings(opened, path.name, kind=kind, section=section, user=user)
    except (Refused, PermissionDenied) as error:
        raise CommandError(str(error)) from error


def _section(code: str, section_id: int | None) -> SectionPage:
    office = Office.objects.filter(code=code).select_related("branch").first()
    if office is None:
        raise CommandError(_("There is no office {code}.").format(code=code))
    sections = SectionPage.objects.child_of(office.branch)
    section = sections.filter(pk=section_id).first() if section_id is not None else sections.first()
    if section is None:
        raise CommandError(_("The office {code} has no such section.").format(code=code))
    return section


def _user(name: str | None) -> AbstractUser:
    users = get_user_model().objects.filter(is_active=True)
    found = users.filter(is_superuser=True).order_by("pk") if name is None else users.filter(username=name)
    user = found.first()
    if user is None:
        raise CommandError(_("There is no such user who is active. Name one with --user."))
    return user


def _as_json(imported: Imported) -> str:
    page = imported.page
    facts = {"page": page.pk, "title": page.title, "type": page.kind, "edit": _edit_path(page)}
    return json.dumps({**facts, "warnings": imported.warnings}, ensure_ascii=False)


def _as_text(imported: Imported) -> str:
    first = _("Page {id}: “{title}” is a draft now, edited at {path}").format(
        id=imported.page.pk, title=imported.page.title, path=_edit_path(imported.page)
    )
    return "\n".join([first, *imported.warnings])


def _edit_path(page: Page) -> str:
    return reverse("wagtailadmin_pages:edit", args=[page.pk])
