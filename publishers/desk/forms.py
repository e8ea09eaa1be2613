"""What the desk asks for: accounts and a time, another time, the address of an article, a reason."""

import datetime as dt
from collections.abc import Mapping, Sequence

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.widgets import AdminDateTimeInput

from publishers.desk.words import zoned_label
from publishers.distribution.correcting import Place
from publishers.models import Account, CorrectionStrategy, DeliveryItem

NOW, LATER = "now", "later"


def _time_field(**options) -> forms.DateTimeField:
    label = zoned_label(gettext_lazy("Time ({zone})"))
    return forms.DateTimeField(label=label, widget=AdminDateTimeInput(), **options)


class MoveForm(forms.Form):
    at = _time_field(error_messages={"required": gettext_lazy("Say when.")})

    def clean_at(self) -> dt.datetime:
        return _not_past(self.cleaned_data["at"])


class WhenForm(forms.Form):
    """Now or at a time. ``again`` and ``alike`` are asked only after the hub has doubted."""

    when = forms.ChoiceField(
        label=gettext_lazy("When"),
        choices=[(NOW, gettext_lazy("Now")), (LATER, gettext_lazy("At a time"))],
        widget=forms.RadioSelect,
        initial=NOW,
    )
    at = _time_field(required=False)
    again = forms.BooleanField(
        label=gettext_lazy("I have looked at the account: the article is not there."), required=False
    )
    alike = forms.BooleanField(
        label=gettext_lazy("I know the earlier text: this one shall go out as well."), required=False
    )

    def clean(self):
        super().clean()
        cleaned = self.cleaned_data
        if cleaned.get("when") == NOW:
            cleaned["at"] = None
        elif not self.errors.get("at"):
            if not cleaned.get("at"):
                self.add_error("at", _("Say when."))
            else:
                try:
                    _not_past(cleaned["at"])
                except ValidationError as error:
                    self.add_error("at", error)
        return cleaned


class SendForm(WhenForm):
    """Where and when. ``accounts`` are those that the person may send to."""

    accounts = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Accounts"),
        queryset=Account.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose at least one account.")},
    )
    urgent = forms.BooleanField(
        label=gettext_lazy("Urgent: goes before what else is due on these accounts."), required=False
    )
    field_order = ("accounts",)

    def __init__(self, *args, accounts, **kwargs):
        super().__init__(*args, **kwargs)
        field = self.fields["accounts"]
        assert isinstance(field, forms.ModelMultipleChoiceField)
        field.queryset = accounts.select_related("office").order_by("platform", "name")


class PlanForm(SendForm):
    """The same, asked before sign-off: now means as soon as the text is signed off."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        del self.fields["urgent"]
        when = self.fields["when"]
        assert isinstance(when, forms.ChoiceField)
        when.choices = [
            (NOW, _("As soon as it is signed off")),
            (LATER, _("At a time, if it is signed off by then")),
        ]


class AddressForm(forms.Form):
    """Where a person published one item of a delivery."""

    item = forms.IntegerField(widget=forms.HiddenInput)
    release = forms.UUIDField(widget=forms.HiddenInput)
    url = forms.URLField(
        label=gettext_lazy("Address of the article"),
        max_length=1000,
        required=False,
        assume_scheme="https",
        error_messages={
            "invalid": gettext_lazy("Give the article's public address; it begins with https://.")
        },
    )

    def __init__(
        self, given: Mapping[str, object] | None = None, *, row: DeliveryItem, hosts: tuple[str, ...]
    ):
        self.row, self.corrects = row, row.replaces is not None
        self.title = row.release.title
        known = row.replaces.url if row.replaces else ""
        initial = {"item": row.pk, "release": row.release_id, "url": known}
        super().__init__(given, initial=initial, auto_id=f"id_{row.pk}_%s")
        if hosts:
            said = _("As readers open it, at {hosts}.").format(hosts="、".join(hosts))
            self.fields["url"].help_text = said


class CorrectForm(forms.Form):
    """For each place how the corrected text takes the earlier one's; what changes nobody's address first."""

    LEAVE = ""

    def __init__(self, *args, places: Sequence[Place], **kwargs):
        super().__init__(*args, **kwargs)
        self.places = {f"manner-{place.account.pk}": place for place in places}
        for name, place in self.places.items():
            kept = (
                CorrectionStrategy.UPDATE
                if CorrectionStrategy.UPDATE in place.manners
                else CorrectionStrategy.BY_HAND
            )
            self.fields[name] = forms.ChoiceField(
                choices=[
                    *((m.value, m.label) for m in place.manners),
                    (self.LEAVE, _("Leave the earlier text")),
                ],
                widget=forms.RadioSelect,
                initial=kept.value,
                required=False,
            )

    @property
    def rows(self) -> list[tuple[Place, forms.BoundField]]:
        return [(place, self[name]) for name, place in self.places.items()]

    @property
    def manners(self) -> dict[Account, CorrectionStrategy]:
        """Return what was chosen for each account; without those that are left alone."""
        chosen = {place.account: self.cleaned_data[name] for name, place in self.places.items()}
        return {account: CorrectionStrategy(manner) for account, manner in chosen.items() if manner}


class PauseForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=500,
        help_text=gettext_lazy("Everybody at the desk reads it."),
        error_messages={"required": gettext_lazy("Say why the account stops.")},
    )


class WithdrawForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=500,
        help_text=gettext_lazy("Everybody at the desk reads it."),
        error_messages={"required": gettext_lazy("Say why the article is withdrawn.")},
    )
    notice = forms.CharField(
        label=gettext_lazy("Notice for readers"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("Readers who open the article read it. It may stay empty."),
    )


def _not_past(at: dt.datetime) -> dt.datetime:
    if at <= timezone.now():
        raise ValidationError(_("This time has passed: choose a later one."))
    return at
