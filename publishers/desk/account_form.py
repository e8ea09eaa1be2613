"""What the desk asks about an account: how its articles travel, and what that transport needs."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from publishers import registry
from publishers.asking import PluginFails, ask
from publishers.http import outbound
from publishers.interface import API, FEED, MANUAL, PUSH, CredentialField, Platform, Publisher
from publishers.models import Account, Transport

#: What each transport means for an office.
MEANINGS: Mapping[str, Promise] = {
    API: gettext_lazy("The hub publishes over the platform's own interface."),
    PUSH: gettext_lazy("The hub sends each article, signed, to an address that the partner gives."),
    FEED: gettext_lazy("The partner reads the articles from a secret address of the hub."),
    MANUAL: gettext_lazy(
        "A person publishes in the platform's console; the hub gives her texts and pictures."
    ),
}


@dataclass(frozen=True)
class Group:
    """Fields that only some transports need; ``transports`` are their values, ``legend`` their names."""

    transports: tuple[str, ...]
    fields: Sequence[forms.BoundField]

    @property
    def legend(self) -> str:
        return "、".join(str(Transport(each).label) for each in self.transports)

    @property
    def rules(self) -> str:
        """Return when Wagtail's ``w-rules`` shows the fields: one of the transports is chosen, or none."""
        return json.dumps([["transport", self.transports], ["transport", []]])


class AccountForm(forms.Form):
    """An account's name, address, transport and credentials. Of one that exists, empty ones stay."""

    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=120, help_text=gettext_lazy("As the platform shows it.")
    )
    base_url = forms.URLField(
        label=gettext_lazy("Address of the interface"),
        required=False,
        max_length=200,
        assume_scheme="https",
        help_text=gettext_lazy("Leave empty to use the platform's own address."),
    )
    transport = forms.ChoiceField(
        label=gettext_lazy("How articles travel there"), required=False, widget=forms.RadioSelect
    )

    def __init__(
        self, *args, platform: Platform, offices=None, stored: Mapping[str, str] | None = None, **kwargs
    ):
        """``offices`` are given for a new account, ``stored`` are the credentials that an old one has."""
        super().__init__(*args, **kwargs)
        self._platform, self._stored = platform, stored or {}
        self._asked_by = _transports_of_credentials(platform)
        choice = self.fields["transport"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = [(each, Transport(each).label) for each in platform.transports]
        self.initial.setdefault("transport", platform.transports[0])
        if offices is not None:
            self.fields["office"] = forms.ModelChoiceField(
                label=_("Office"), queryset=offices, empty_label=None
            )
            self.order_fields(["office"])
        self._add_choices()
        for name, (field, _transports) in self._asked_by.items():
            self.fields[name] = _credential(field, is_new=offices is not None)

    def _add_choices(self) -> None:
        """Ask what only some platforms know."""
        platform = self._platform
        if platform.themes:
            self.fields["theme"] = forms.ChoiceField(
                label=_("Theme"), required=False, choices=list(platform.themes.items())
            )
        if platform.contract:
            self.fields["contract"] = forms.CharField(
                label=_("Contract"), required=False, max_length=200, help_text=platform.contract
            )
        if MANUAL in platform.transports and len(platform.transports) > 1:
            self.fields["falls_back"] = forms.BooleanField(
                label=_("Falls back to a person"),
                required=False,
                help_text=_(
                    "What this way does not take, a person publishes by hand; only where nothing of it can "
                    "be there already."
                ),
            )

    def clean_base_url(self) -> str:
        base_url: str = self.cleaned_data["base_url"]
        if base_url and not outbound.is_address(base_url):
            raise forms.ValidationError(outbound.mistyped())
        return base_url

    def clean_transport(self) -> str:
        return self.cleaned_data["transport"] or self.initial["transport"]

    def clean(self):
        super().clean()
        cleaned = self.cleaned_data
        chosen = cleaned.get("transport", "")
        for name, (field, transports) in self._asked_by.items():
            is_there = cleaned.get(name) or field.name in self._stored or name in self.errors
            if field.required and chosen in transports and not is_there:
                self.add_error(name, self.fields[name].error_messages["required"])
        if chosen and not self.errors:
            self._ask_what_is_wrong(chosen)
        if chosen == API and self._platform.contract and not cleaned.get("contract", "").strip():
            self.add_error("contract", _("The interface needs this paper: name it, or choose another way."))
        return cleaned

    def _ask_what_is_wrong(self, chosen: str) -> None:
        publisher = registry.get(self._platform.slug, chosen)
        try:
            wrong = ask(publisher, Publisher.wrong_credentials, {**self._stored, **self.credentials})
        except PluginFails as failure:
            self.add_error("name", failure.sentence)
        else:
            for credential, sentence in wrong.items():
                name = f"credential-{credential}"
                self.add_error(name if name in self.fields else "name", sentence)

    @property
    def credentials(self) -> dict[str, str]:
        """Return what was given, by the name of the credential."""
        given = {
            field.name: self.cleaned_data.get(name, "")
            for name, (field, _transports) in self._asked_by.items()
        }
        return {name: value.strip() for name, value in given.items() if value.strip()}

    @property
    def settings(self) -> dict:
        """Return what else was given, by the name of the account's field."""
        asked = ("name", "base_url", "transport", "contract", "falls_back", "theme")
        return {name: self.cleaned_data[name] for name in asked if name in self.cleaned_data}

    @property
    def plain(self) -> list[forms.BoundField]:
        """Return the fields that every transport has, but for the transport itself."""
        return [self[name] for name in ("office", "name", "base_url", "theme") if name in self.fields]

    @property
    def choices(self) -> list[tuple[forms.boundfield.BoundWidget, Promise]]:
        """Return each transport's radio button with the sentence that says what it means."""
        return [(radio, MEANINGS[radio.data["value"]]) for radio in self["transport"].subwidgets]

    @property
    def groups(self) -> list[Group]:
        """Return the other fields, those of the same transports together."""
        needed = [(name, transports) for name, (_field, transports) in self._asked_by.items()]
        if "contract" in self.fields:
            needed.insert(0, ("contract", (API,)))
        if "falls_back" in self.fields:
            needed.append(("falls_back", tuple(each for each in self._platform.transports if each != MANUAL)))
        found: dict[tuple[str, ...], list[forms.BoundField]] = {}
        for name, transports in needed:
            found.setdefault(transports, []).append(self[name])
        return [Group(transports, fields) for transports, fields in found.items()]


def initial_of(account: Account, open_credentials: Mapping[str, str]) -> dict:
    """Return what the form shows of ``account``; ``open_credentials`` are those that are no secret."""
    asked = ("name", "base_url", "transport", "contract", "falls_back", "theme")
    shown = {f"credential-{name}": value for name, value in open_credentials.items()}
    return {name: getattr(account, name) for name in asked} | shown


def credential_fields(platform: Platform) -> list[CredentialField]:
    """Return what any transport to the platform asks for, each once."""
    return [field for field, _transports in _transports_of_credentials(platform).values()]


def _transports_of_credentials(platform: Platform) -> dict[str, tuple[CredentialField, tuple[str, ...]]]:
    """Return each credential with the transports that ask for it, by the name of its form field."""
    found: dict[str, tuple[CredentialField, tuple[str, ...]]] = {}
    for transport in platform.transports:
        for field in registry.get(platform.slug, transport).platform.credentials:
            name = f"credential-{field.name}"
            known, transports = found.get(name, (field, ()))
            found[name] = (known, (*transports, transport))
    return found


def _credential(field: CredentialField, *, is_new: bool) -> forms.Field:
    """Return what asks for a credential; of an account that exists, empty means: as it is stored."""
    label, help_text = field.label, "" if is_new else _("Leave empty to keep what is stored.")
    if field.choices:
        return forms.ChoiceField(label=label, required=False, help_text=help_text, choices=field.choices)
    widget: forms.Widget = (
        forms.PasswordInput(attrs={"autocomplete": "new-password"})
        if field.secret
        else forms.TextInput(attrs={"autocomplete": "off"})
    )
    return forms.CharField(label=label, required=False, help_text=help_text, widget=widget)
