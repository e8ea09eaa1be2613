"""manage.py proof RELEASE -o FILE.zip"""

import uuid
from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from cms import releases
from cms.media import blobs
from cms.models import Release
from cms.refusals import Refused
from publishers.exports import proof
from publishers.management.commanding import HubCommand


class Command(HubCommand):
    help = (
        "Write the proof bundle of a Release: its text, pictures and signatures, what each account was sent "
        "and answered. verify.py inside checks it without the hub."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("release", metavar="RELEASE", help="its id, or the start of its SHA-256")
        parser.add_argument("-o", "--output", required=True, metavar="FILE.zip")

    def work(self, options: dict) -> None:
        release, path = _release(options["release"]), Path(options["output"])
        try:
            with path.open("wb") as file:
                proof.write(release, file)
        except OSError:
            raise Refused(_("The file {path} cannot be written.").format(path=path)) from None
        except (releases.Forged, blobs.Damaged):
            path.unlink()
            raise Refused(_("What is stored is not what was signed: there is nothing to prove.")) from None
        self.show(options, {"release": str(release.pk), "path": str(path)}, [str(path)])


def _release(text: str) -> Release:
    try:
        found = Release.objects.filter(pk=uuid.UUID(text)).first()
    except (ValueError, ValidationError):
        found = Release.objects.filter(sha256__startswith=text).first() if len(text) >= 8 else None
    if found is None:
        raise Refused(_("There is no Release {text}.").format(text=text))
    return found
