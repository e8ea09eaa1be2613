"""manage.py doctor"""

from django.utils.translation import gettext as _

from cms.refusals import Refused
from publishers.management.commanding import HubCommand
from publishers.operations import doctor


class Command(HubCommand):
    help = (
        "Look at everything that the hub needs: database, triggers, keys, broker, worker, clock, media "
        "store, public address, accounts. Exit status 1 when something is not well."
    )

    def work(self, options: dict) -> None:
        findings = []
        for each in doctor.examine():
            findings.append(each)
            if not options["json"]:  # one after the other: some take seconds, when something is away
                self.stdout.write(f"{'✓' if each.well else '✗'}  {each.name:<22} {each.sentence}")
                self.stdout.flush()
        if options["json"]:
            values = [{"name": each.name, "well": each.well, "sentence": each.sentence} for each in findings]
            self.show(options, values, [])
        if unwell := [each for each in findings if not each.well]:
            raise Refused(_("{count} things are not well.").format(count=len(unwell)))
