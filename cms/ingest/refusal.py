"""Why a file is not taken."""

from django.utils.translation import gettext as _

from cms.refusals import Refused


def unread() -> Refused:
    return Refused(_("Files of this kind are not read. Import .docx, .txt, .md or .html."))


def too_long() -> Refused:
    return Refused(_("The text is too long for one article. Divide it and import the parts."))
