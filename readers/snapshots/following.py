"""What readers see follows the page: signed off, withdrawn, moved into another section, unpublished."""

import logging

from django.dispatch import receiver
from wagtail.models import Page
from wagtail.signals import page_unpublished, post_page_move

from cms import releases
from cms.articles import Article
from cms.models import Release, Withdrawal
from readers.models import Reading
from readers.snapshots import snapshots

log = logging.getLogger(__name__)


def make_reading(release: Release, page: Page, **kwargs: object) -> None:
    """Make what readers get of a text, inside the transaction of its sign-off (``release_signed``)."""
    snapshots.make(release, section_id=page.get_parent().pk)


def end_readings(withdrawal: Withdrawal, **kwargs: object) -> None:
    """Show readers a notice instead, inside the withdrawal's transaction (``release_withdrawn``)."""
    snapshots.end(withdrawal.page_id)


@receiver(post_page_move)
def follow_into_the_section(
    sender: type[Page], instance: Page, parent_page_after: Page, **kwargs: object
) -> None:
    """Show the article in the section where it stands now. Its Release, and whose it is, stay as they are."""
    if not issubclass(sender, Article):
        return
    for reading in Reading.objects.filter(page_id=instance.pk).select_related("release"):
        try:
            snapshots.make(reading.release, section_id=parent_page_after.pk)
        except releases.Forged:
            log.exception("Page %s stays in its old section for readers.", instance.pk)


@receiver(page_unpublished)
def take_from_readers(sender: type[Page], instance: Page, **kwargs: object) -> None:
    """An article that is unpublished is archived: kept, and shown again only after another sign-off."""
    if issubclass(sender, Article):
        snapshots.end(instance.pk)
