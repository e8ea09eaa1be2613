"""Where a backup may lie: never in what it holds, nor where the hub serves files or keeps its keys."""

from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from cms.refusals import Refused


def refuse_own(folder: Path) -> None:
    """Refuse a folder in one of the hub's own, also through symbolic links.

    In the media folder each next backup would hold all earlier ones, or the keys; the web might serve them.
    """
    for own in map(Path, (settings.MEDIA_ROOT, settings.STATIC_ROOT, settings.KEY_DIR)):
        if folder.resolve().is_relative_to(own.resolve()):
            sentence = _("{folder} lies in {own}, which is the hub's own: choose a folder outside of it.")
            raise Refused(sentence.format(folder=folder, own=own))
