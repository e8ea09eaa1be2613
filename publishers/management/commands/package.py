"""manage.py package DELIVERY -o FILE"""

import uuid
from pathlib import Path

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from cms.refusals import Refused
from publishers.engine.outcomes import Forged
from publishers.exports import package
from publishers.interface import Rejected
from publishers.management.commanding import HubCommand
from publishers.models import Delivery


class Command(HubCommand):
    help = "Write the package with which a person publishes a delivery by hand, as a zip."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("delivery", type=uuid.UUID, metavar="DELIVERY", help="its number")
        parser.add_argument(
            "-o", "--output", required=True, metavar="FILE", help="a file that is not there yet"
        )

    def work(self, options: dict) -> None:
        delivery = Delivery.objects.select_related("account__office").filter(pk=options["delivery"]).first()
        if delivery is None:
            raise Refused(_("There is no delivery {id}.").format(id=options["delivery"]))
        path = Path(options["output"])
        try:
            with path.open("xb") as file:
                package.write(delivery, file)
        except OSError:
            raise Refused(_("The file {path} cannot be written.").format(path=path)) from None
        except (Refused, Rejected, Forged) as error:
            path.unlink()
            raise Refused(str(error)) from error
        self.show(options, {"file": str(path)}, [str(path)])
