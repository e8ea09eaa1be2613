"""Who is asked about. Rights are a user's; a request may come from somebody who has not signed in."""

from django.contrib.auth.models import AbstractUser, AnonymousUser

#: Whom ``request.user`` may be: to questions about rights, somebody unknown is an answer and no error.
Anybody = AbstractUser | AnonymousUser


def name_of(user: AbstractUser) -> str:
    """Return how the person is named where her deed is written down."""
    return user.get_full_name() or user.get_username()
