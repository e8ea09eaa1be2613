"""What each part of a file is: from a Manuscript to a Draft."""

from pathlib import PurePath

from django.utils.translation import gettext as _

from cms.ingest.anatomy import article, official
from cms.ingest.draft import MAX_CHARS, Draft, Line, Manuscript
from cms.ingest.refusal import too_long
from cms.refusals import Refused


def draft(manuscript: Manuscript, kind: str, filename: str) -> Draft:
    """Return the parts of the text, read as a ``kind`` of article. Raises Refused when there is no text."""
    if not manuscript.items:
        raise Refused(_("The file holds no text."))
    if sum(len(item.text) for item in manuscript.items if isinstance(item, Line)) > MAX_CHARS:
        raise too_long()
    found = (
        official.read_official(manuscript.items)
        if kind == "policy"
        else article.read_article(manuscript.items)
    )
    found.title = found.title or manuscript.title or PurePath(filename).stem
    found.warnings[:0] = manuscript.warnings
    return found
