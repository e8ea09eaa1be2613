"""Who is asked about. Rights are a user's; a request may come from somebody who has not signed in."""

from django.contrib.auth.models import AbstractUser, AnonymousUser

#: Whom ``request.user`` may be: to questions about rights, somebody unknown is an answer and no error.
Anybody = AbstractUser | AnonymousUser
