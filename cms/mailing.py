"""Mail to people, in each one's own language."""

from collections.abc import Iterable
from typing import Any  # whatever a template reads

from django.contrib.auth.models import AbstractUser
from django.core.mail import EmailMessage, get_connection
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.translation import override
from wagtail.users.models import UserProfile


def send(
    users: Iterable[AbstractUser], template: str, subject: str | Promise, context: dict[str, Any]
) -> int:
    """Send one message to each who is active and has an address; return to how many.

    ``context`` is whatever the template reads. It has the "title", which stands in the subject as well; the
    template has the "user" besides.
    """
    messages = []
    for user in users:
        if not (user.is_active and user.email):
            continue
        with override(UserProfile.get_for_user(user).get_preferred_language()):
            body = render_to_string(template, {**context, "user": user})
            line = " ".join(str(subject).format(title=context["title"]).split())
        messages.append(
            EmailMessage(line, body, to=[user.email], headers={"Auto-Submitted": "auto-generated"})
        )
    if messages:
        get_connection().send_messages(messages)
    return len(messages)
