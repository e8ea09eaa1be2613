"""What a reviewer is asked when she decides."""

from django import forms
from django.utils.translation import gettext_lazy as _


class ApproveForm(forms.Form):
    comment = forms.CharField(
        label=_("Comment (optional)"), required=False, widget=forms.Textarea({"rows": 2})
    )


class SendBackForm(forms.Form):
    comment = forms.CharField(
        label=_("Reason"),
        help_text=_("The author reads this: say what to change, and where."),
        error_messages={"required": _("Say why you send the text back.")},
        widget=forms.Textarea({"rows": 4}),
    )
