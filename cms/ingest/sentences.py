"""What the editor is told after an import: what was left out or looks different now."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext


def pictures_left_out(count: int) -> str:
    """About pictures that the text names and the file does not hold."""
    return ngettext(
        "{count} picture is not in the file and was left out. Add it yourself.",
        "{count} pictures are not in the file and were left out. Add them yourself.",
        count,
    ).format(count=count)


def drawings_left_out(count: int) -> str:
    return ngettext(
        "{count} drawing (WMF, EMF or SVG) was left out. Add it again as a picture.",
        "{count} drawings (WMF, EMF or SVG) were left out. Add them again as pictures.",
        count,
    ).format(count=count)


def charts_left_out(count: int) -> str:
    return ngettext(
        "{count} chart or diagram was left out. Add it again as a picture.",
        "{count} charts or diagrams were left out. Add them again as pictures.",
        count,
    ).format(count=count)


def cropped(count: int) -> str:
    """About pictures of which Word hides a part that readers would see now."""
    return ngettext(
        "{count} picture was cropped in Word and is here in full. Crop it again where needed.",
        "{count} pictures were cropped in Word and are here in full. Crop them again where needed.",
        count,
    ).format(count=count)


def struck_out() -> str:
    return _("Words that are struck out in the file are plain here. Delete those that no longer hold.")
