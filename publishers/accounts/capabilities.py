"""What accounts may be allowed to do, by the names that plugins use, in words for people."""

from django.utils.translation import gettext_lazy as _

WORDS = {
    "draft": _("make drafts"),
    "publish": _("publish"),
    "mass": _("send to followers"),
    "comment": _("open comments"),
    "statistics": _("ask for figures"),
    "correct": _("correct what is live"),
    "withdraw": _("take down what is live"),
}


def words_for(name: str) -> str:
    """Return the capability in the reader's words; its plain name when it has none here."""
    return str(WORDS.get(name, name))
