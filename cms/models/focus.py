"""The point of a cover that every crop keeps, as articles and variants hold it: ``x,y`` in thousandths."""

from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

FOCUS = RegexValidator(
    r"\A(1000|\d{1,3}),(1000|\d{1,3})\Z",
    _("Two numbers from 0 to 1000: how far from the left, how far from the top."),
)
