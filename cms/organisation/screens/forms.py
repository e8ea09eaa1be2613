"""What the administrators' screens ask for."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any  # Any: what forms hand on to each other, and what was sent

from django import forms
from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.users.forms import UserCreationForm, UserEditForm

from cms.models import Membership, Office, Role, Stage, role_label
from cms.organisation import offices, permissions
from cms.organisation.screens.chooser import UserChooserWidget

# What stands before Wagtail's forms of users is checked as a part of them.
if TYPE_CHECKING:
    from wagtail.users.forms import UserForm as BeforeUserForm
else:
    BeforeUserForm = object

STAGE_COUNTS = {
    2: gettext_lazy("Two: first and final review"),
    3: gettext_lazy("Three: first, second and final review"),
    4: gettext_lazy("Four: first, second, third and final review"),
}
DUTIES = {
    Role.AUTHOR: gettext_lazy("writes texts and submits them for review"),
    Role.REVIEWER: gettext_lazy("approves at this stage, or sends back"),
    Role.DUTY_EDITOR: gettext_lazy("distributes to accounts of this office and of those below it"),
    Role.LIAISON: gettext_lazy("distributes to accounts of this office only"),
    Role.ADMINISTRATOR: gettext_lazy("manages this office and those below it: roles, users, accounts"),
    Role.AUDITOR: gettext_lazy("sees the deliveries of this office and of those below it"),
}
# A reviewer has one stage, other roles have none: each pair is one choice.
ROLES = [
    pair
    for role in Role
    for pair in ([(role, stage) for stage in Stage] if role == Role.REVIEWER else [(role, None)])
]


class OfficeChoice(forms.ModelChoiceField):
    """One of the tree's offices; those below others are indented."""

    def label_from_instance(self, office: Office) -> str:
        return "　" * (office.depth - 1) + office.name


class RoleChoice(forms.TypedChoiceField):
    """A role, a reviewer's with its stage; cleaned into both."""

    def __init__(self, **kwargs: Any) -> None:  # a field's own
        super().__init__(
            choices=lambda: [(_key(*pair), _described(*pair)) for pair in ROLES],
            coerce={_key(*pair): pair for pair in ROLES}.get,
            widget=forms.RadioSelect,
            **kwargs,
        )


def _offer(form: forms.BaseForm, name: str, offered: QuerySet[Model]) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ModelChoiceField)
    field.queryset = offered


def _key(role: Role, stage: Stage | None) -> str:
    return role.value if stage is None else f"{role.value}-{stage.value}"


def _described(role: Role, stage: Stage | None) -> str:
    return _("{role}: {duty}").format(role=role_label(role, stage), duty=DUTIES[role])


class OfficeForm(forms.ModelForm):
    """What can be changed of an office."""

    stage_count = forms.TypedChoiceField(
        label=gettext_lazy("Stages of review"),
        choices=STAGE_COUNTS.items(),
        coerce=int,
        initial=3,
        widget=forms.RadioSelect,
    )

    class Meta:
        model = Office
        fields: tuple[str, ...] = ("name", "kind", "stage_count")

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # a form's own
        super().__init__(*args, **kwargs)
        if not (self.instance.pk and self.instance.is_root()):
            kinds = [choice for choice in Office.Kind.choices if choice[0] != Office.Kind.PROVINCE]
            field = self.fields["kind"]
            assert isinstance(field, forms.ChoiceField)  # as the model's field has choices
            field.choices = [("", "---------"), *kinds]


class NewOfficeForm(OfficeForm):
    """``paths`` are those below which the person manages offices (``cms.organisation.permissions.reach``)."""

    parent = OfficeChoice(
        label=gettext_lazy("Office above"), queryset=Office.objects.none(), empty_label=None
    )

    field_order = ("parent", "name", "code", "kind", "stage_count")

    class Meta(OfficeForm.Meta):
        fields = ("code", *OfficeForm.Meta.fields)
        help_texts = {
            "code": gettext_lazy(
                "Letters, digits and hyphens, for web addresses. It cannot be changed later."
            )
        }

    def __init__(self, *args: Any, paths: Sequence[str], **kwargs: Any) -> None:  # a form's own
        super().__init__(*args, **kwargs)
        _offer(self, "parent", permissions.managed_offices(paths))

    def clean_code(self) -> str:
        code = self.cleaned_data["code"]
        if taken := offices.refusal_of_code(code):
            raise ValidationError(taken)
        return code

    def validate_unique(self) -> None:
        """``clean_code`` says it in better words."""


class RoleForm(forms.Form):
    """A role in one of the offices that the person manages."""

    office = OfficeChoice(label=gettext_lazy("Office"), queryset=Office.objects.none())
    role = RoleChoice(label=gettext_lazy("Role"))

    def __init__(self, *args: Any, paths: Sequence[str], **kwargs: Any) -> None:  # a form's own
        super().__init__(*args, **kwargs)
        _offer(self, "office", permissions.managed_offices(paths))

    def clean(self) -> dict[str, Any]:
        super().clean()
        cleaned = self.cleaned_data
        office, (_role, stage) = cleaned.get("office"), cleaned.get("role") or (None, None)
        if office and stage and stage not in office.stages:
            self.add_error("role", _unused(office, stage))
        return cleaned


def _unused(office: Office, stage: Stage) -> str:
    return _("{office} reviews in {count} stages and has no {stage}.").format(
        office=office.name, count=office.stage_count, stage=stage.label
    )


class MembershipForm(RoleForm):
    user = forms.ModelChoiceField(
        label=gettext_lazy("User"), queryset=Membership.objects.none(), widget=UserChooserWidget
    )

    field_order = ("user", "office", "role")

    def __init__(self, *args: Any, paths: Sequence[str], **kwargs: Any) -> None:  # a form's own
        super().__init__(*args, paths=paths, **kwargs)
        _offer(self, "user", permissions.eligible_users(paths))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not self.errors:
            role, stage = cleaned["role"]
            held = Membership.objects.filter(user=cleaned["user"], office=cleaned["office"])
            if held.filter(role=role, stage=stage).exists():
                self.add_error("role", _("The user has this role already."))
        return cleaned


class UserNames(BeforeUserForm):
    """Mixin before Wagtail's forms of users: one field for the name, as Chinese names are written and signed.

    Groups are left out, because they follow from the roles; only a superuser makes superusers.
    """

    def __init__(self, *args: Any, by: AbstractUser, **kwargs: Any) -> None:  # a form's own
        super().__init__(*args, **kwargs)
        name = self.fields["first_name"]
        name.label, name.help_text = _("Full name"), _("As it stands below approvals.")
        self.initial["first_name"] = self.instance.get_full_name()
        del self.fields["last_name"], self.fields["groups"]
        if not by.is_superuser:
            self.fields.pop("is_superuser", None)

    def save(self, commit: bool = True) -> AbstractUser:
        self.instance.last_name = ""  # it stands in the one field with the first
        return super().save(commit)


class NewUserForm(UserNames, RoleForm, UserCreationForm):
    """A user with a first role: without one, nobody gets into the desk."""

    field_order = ("first_name", "username", "email", "password1", "password2", "office", "role")

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # a form's own
        super().__init__(*args, **kwargs)
        for name in ("office", "role"):
            self.fields[name].required = "is_superuser" not in self.fields  # who needs none (``clean``)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not cleaned.get("is_superuser"):
            for name in ("office", "role"):
                if not cleaned.get(name) and name not in self.errors:
                    self.add_error(name, self.fields[name].error_messages["required"])
        return cleaned


class ChangeUserForm(UserNames, UserEditForm):
    field_order = ("first_name", "username", "email", "password1", "password2", "is_active")
