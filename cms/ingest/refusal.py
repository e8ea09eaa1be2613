"""Why a file is not taken."""

from django.utils.translation import gettext as _


class Refused(Exception):
    """The file is not imported. ``sentence`` tells its sender why and what to do; nothing was left behind."""

    def __init__(self, sentence: str):
        super().__init__(sentence)
        self.sentence = sentence


def unread() -> Refused:
    return Refused(_("Files of this kind are not read. Import .docx, .txt, .md or .html."))


def too_long() -> Refused:
    return Refused(_("The text is too long for one article. Divide it and import the parts."))
