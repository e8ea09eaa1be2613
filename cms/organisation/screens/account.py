"""What users set for themselves. Their names they do not: those stand below approvals."""

from django import forms
from django.contrib.auth import get_user_model
from django.utils.translation import gettext_lazy as _
from wagtail.admin.views import account
from wagtail.admin.widgets import SwitchInput
from wagtail.users.models import UserProfile


class EmailForm(forms.ModelForm):
    email = forms.EmailField(label=_("Email"))

    class Meta:
        model = get_user_model()
        fields = ("email",)


class CommentsForm(forms.ModelForm):
    """Wagtail's other switches are about mails that the review sends itself, to whoever has to know."""

    class Meta:
        model = UserProfile
        fields = ("updated_comments_notifications",)
        widgets = {"updated_comments_notifications": SwitchInput()}


class EmailPanel(account.NameEmailSettingsPanel):
    title = _("Email")
    form_class = EmailForm


class CommentsPanel(account.NotificationsSettingsPanel):
    form_class = CommentsForm


REPLACED = {account.NameEmailSettingsPanel: EmailPanel, account.NotificationsSettingsPanel: CommentsPanel}


class AccountView(account.AccountView):
    def get_panels(self) -> list[account.BaseSettingsPanel]:
        return [
            REPLACED[type(panel)](panel.request, panel.user, panel.profile)
            if type(panel) in REPLACED
            else panel
            for panel in super().get_panels()
        ]
