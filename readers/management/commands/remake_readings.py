from django.utils.translation import gettext as _
from wagtail.models import Page

from cms import releases
from cms.management.commanding import InOneSentence
from cms.models import Release
from readers.snapshots import snapshots


class Command(InOneSentence):
    help = (
        "Makes anew what readers get of every Release (micro-site and content API), for instance after an "
        "upgrade that changed how an article looks, or when a stored answer was damaged. Changes no Release."
    )

    def handle(self, **options: object) -> None:
        made, refused = 0, 0
        for key in list(Release.objects.order_by("page_id", "number").values_list("pk", flat=True)):
            release = Release.objects.get(pk=key)
            try:
                snapshots.make(release, section_id=_section_of(release.page_id))
                made += 1
            except releases.Forged as error:
                self.stderr.write(str(error))
                refused += 1
        self.stdout.write(_("{made} made, {refused} refused").format(made=made, refused=refused))


def _section_of(page_id: int) -> int | None:
    page = Page.objects.filter(pk=page_id).first()
    section = page.get_parent() if page else None
    return section.pk if section else None
