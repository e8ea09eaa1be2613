"""A page that has Releases is kept: its history must be found from it."""

from django.db.models.signals import pre_delete
from django.dispatch import receiver
from django.utils.translation import gettext as _
from wagtail.models import Page

from cms.models import Release
from cms.refusals import Refused


def refusal_to_delete(page: Page) -> str | None:
    """Return why the page and what stands below it cannot be deleted; None when it can."""
    below = Page.objects.filter(path__startswith=page.path)
    released = Release.objects.filter(page_id__in=below.values("pk")).order_by("signed_at").first()
    if released is None:
        return None
    return _(
        "“{title}” has been signed off, and what was signed off is kept. Archive it: move it into "
        "another section or unpublish it; do not delete it."
    ).format(title=released.title)


@receiver(pre_delete, sender=Page)
def refuse_deletion(instance: Page, **kwargs: object) -> None:
    """The last line, below every view and API. Django deletes the rows below a page one by one."""
    if Release.objects.filter(page_id=instance.pk).exists():
        raise Refused(refusal_to_delete(instance))
