"""What readers see follows the page when it is moved into another section or unpublished."""

import logging

from django.dispatch import receiver
from wagtail.signals import page_unpublished, post_page_move

from cms import releases
from cms.models.article import Article
from cms.models.releases import Reading
from cms.site import readings

log = logging.getLogger(__name__)


@receiver(post_page_move)
def follow_into_the_section(sender, instance, parent_page_after, **kwargs) -> None:
    """Show the article in the section where it stands now. Its Release, and whose it is, stay as they are."""
    if not issubclass(sender, Article):
        return
    for reading in Reading.objects.filter(page_id=instance.pk).select_related("release"):
        try:
            readings.make(reading.release, section_id=parent_page_after.pk)
        except releases.Forged:
            log.exception("Page %s stays in its old section for readers.", instance.pk)


@receiver(page_unpublished)
def take_from_readers(sender, instance, **kwargs) -> None:
    """An article that is unpublished is archived: kept, and shown again only after another sign-off."""
    if issubclass(sender, Article):
        readings.end(instance.pk)
