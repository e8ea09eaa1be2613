"""What is asked about figures: a file and whose it is, what its columns mean, the figures of one article."""

import datetime as dt
from collections.abc import Mapping, Sequence

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.widgets import AdminDateInput

from publishers.models import Account
from publishers.statistics import manual_entry, spreadsheet


class DayForm(forms.Form):
    day = forms.DateField(
        label=gettext_lazy("Day of the figures"),
        widget=AdminDateInput(),
        help_text=gettext_lazy("Figures are counted from publication to the end of this day."),
        error_messages={"required": gettext_lazy("Say of which day the figures are.")},
    )

    def __init__(self, *args, **kwargs):
        kwargs["initial"] = {"day": manual_entry.today() - dt.timedelta(days=1)} | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)

    def clean_day(self) -> dt.date:
        if self.cleaned_data["day"] > manual_entry.today():
            raise ValidationError(_("This day has not come yet."))
        return self.cleaned_data["day"]


class UploadForm(forms.Form):
    account = forms.ModelChoiceField(label=gettext_lazy("Account"), queryset=Account.objects.none())
    file = forms.FileField(
        label=gettext_lazy("File"),
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx"}),
        help_text=gettext_lazy("CSV or XLSX, as the platform's console gives it."),
        error_messages={"required": gettext_lazy("Choose a file.")},
    )

    def __init__(self, *args, accounts, **kwargs):
        super().__init__(*args, **kwargs)
        field = self.fields["account"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = accounts.select_related("office").order_by("platform", "name")

    def clean_file(self):
        if self.cleaned_data["file"].size > spreadsheet.FILE_BYTES:
            size = spreadsheet.FILE_BYTES // 1024**2
            raise ValidationError(_("The file is larger than {size} MB.").format(size=size))
        return self.cleaned_data["file"]


class MeaningForm(DayForm):
    """One choice for each column of the table."""

    def __init__(self, *args, header: Sequence[str], guessed: Sequence[str], **kwargs):
        super().__init__(*args, **kwargs)
        choices = [("", _("Not taken")), *manual_entry.KEYS.items(), *manual_entry.NAMES.items()]
        self.columns = [f"column-{at}" for at in range(len(header))]
        for name, label, meaning in zip(self.columns, header, guessed, strict=True):
            self.fields[name] = forms.ChoiceField(
                label=label or _("(without a name)"), choices=choices, required=False, initial=meaning
            )

    def clean(self):
        super().clean()
        cleaned = self.cleaned_data
        chosen = [meaning for meaning in self._meanings(cleaned) if meaning]
        if len(chosen) != len(set(chosen)):
            raise ValidationError(_("Two columns have the same meaning."))
        return cleaned

    def _meanings(self, cleaned: Mapping) -> list[str]:
        return [cleaned.get(name, "") for name in self.columns]

    @property
    def meanings(self) -> list[str]:
        return self._meanings(self.cleaned_data)


class EnterForm(DayForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name, label in manual_entry.NAMES.items():
            self.fields[name] = forms.IntegerField(
                label=label, required=False, min_value=0, max_value=manual_entry.LARGEST
            )

    @property
    def values(self) -> dict[str, int]:
        given = {name: self.cleaned_data.get(name) for name in manual_entry.NAMES}
        return {name: value for name, value in given.items() if value is not None}
