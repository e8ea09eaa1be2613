"""Mail to people, in each one's own language; a mail server is spoken to by a worker only.

Whoever sends mail (also Wagtail and Django, for a forgotten password) writes it down in ``Outbox``, which is
the EMAIL_BACKEND where there is a mail server. A worker of the line beside the deliveries sends it: a server
that is away or hangs keeps nobody waiting, and nothing is lost. What tells of an act is written in the act's
own transaction (``with_the_act``): whoever is killed in between has done neither, and nobody gets mail of
what was rolled back.
"""

import datetime as dt
import logging
import time
from collections.abc import Callable, Iterable, Sequence
from email.utils import formatdate, make_msgid
from smtplib import SMTPDataError, SMTPRecipientsRefused
from typing import Any  # whatever a template reads, and what a message is made of
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.core.mail import EmailMessage, EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import Exists, Q, QuerySet, Value
from django.db.models.functions import Now
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.translation import override
from wagtail.users.models import UserProfile

from cms.models import Mail

log = logging.getLogger(__name__)
BATCH = 100
#: So long one round lasts; what is left waits for the next.
TURN_S = 10
AGAIN = dt.timedelta(minutes=1)
#: Longer than AGAIN and a conversation together; who died over a message is succeeded then.
LEASE = dt.timedelta(minutes=4)
#: What waits for so long is told, also where nobody tried to send it.
LONG = dt.timedelta(minutes=10)
#: So long a mail server may be away before a message is given up.
KEPT = dt.timedelta(days=3)
REFUSED_FOR_GOOD = 500  # RFC 5321, 4.2.1


def with_the_act(tell: Callable[[], None]) -> None:
    """Call ``tell``, which sends mail about an act, in the act's transaction.

    What goes wrong over it is logged, and the act stands: as ``transaction.on_commit(robust=True)`` does.
    """
    try:
        with transaction.atomic():
            tell()
    except Exception:  # whatever a template or a query does
        log.exception("Mail about an act could not be written.")


def send(
    users: Iterable[AbstractUser], template: str, subject: str | Promise, context: dict[str, Any]
) -> int:
    """Send one message to each who is active and has an address; return to how many.

    Another backend than the outbox (a console, a test's) sends after the commit.

    ``context`` is whatever the template reads. It has the "title", which stands in the subject as well; the
    template has the "user" besides.
    """
    messages = []
    for user in users:
        if not (user.is_active and user.email):
            continue
        # Who chose no language reads the hub's, not that of whoever is acting.
        with (
            override(settings.LANGUAGE_CODE),
            override(_profile(user).get_preferred_language()),
        ):
            body = render_to_string(template, {**context, "user": user})
            line = " ".join(str(subject).format(title=context["title"]).split())
        messages.append(
            EmailMessage(line, body, to=[user.email], headers={"Auto-Submitted": "auto-generated"})
        )
    backend = get_connection()
    if isinstance(backend, Outbox):
        backend.send_messages(messages)
    elif messages:
        # Not a partial: Django asks for its name.
        transaction.on_commit(lambda: backend.send_messages(messages), robust=True)
    return len(messages)


def _profile(user: AbstractUser) -> UserProfile:
    """Return the person's profile; none is stored for who has none: two acts would wait for each other."""
    return UserProfile.objects.filter(user=user).first() or UserProfile(user=user)


class Outbox(BaseEmailBackend):
    """Writes messages down, to be sent by ``send_due``."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Return how many were written down. Raises ValueError for one with attachments: nobody sends any."""
        mails = [
            Mail(message=_stored(message), created_at=Now(), next_at=Now()) for message in email_messages
        ]
        Mail.objects.bulk_create(mails)
        return len(mails)


def send_due() -> int:
    """Send what is due, for TURN_S; return how many went. Never raises for what the mail server does.

    What it does not take is tried again each minute, and given up after KEPT, with a line in the log; what it
    refuses for good is given up at once. Several may call this at the same time: while the server keeps one
    of them waiting, the others do not begin.
    """
    # Who has the first in hand speaks to the server.
    due = list(
        _due().exclude(Exists(_in_hand())).order_by("next_at", "pk").values_list("pk", flat=True)[:BATCH]
    )
    if not due or not _take(due[0]):
        return 0
    try:
        server = get_connection(settings.MAIL_SERVER_BACKEND)
        server.open()
    except (OSError, ValueError) as error:  # all of smtplib's are the first; what it cannot say is the second
        _put_off(Mail.objects.filter(Q(next_at__lte=Now()) | Q(pk=due[0])), error)
        return 0
    sent, over_at = 0, time.monotonic() + TURN_S
    try:
        with server:
            for pk in due:
                if pk == due[0] or _take(pk):
                    sent += _send(pk, server)
                if time.monotonic() > over_at:
                    break
    except OSError as error:
        log.warning("The mail server broke off: %s", _told(error))
    return sent


def waiting() -> tuple[int, str]:
    """Return how many messages the mail server did not take, or that wait for LONG, and what it last said."""
    failed = Mail.objects.filter(~Q(problem="") | Q(created_at__lt=Now() - Value(LONG)))
    newest = failed.exclude(problem="").order_by("-next_at").values_list("problem", flat=True).first()
    return failed.count(), newest or ""


def _due() -> QuerySet[Mail]:
    return Mail.objects.filter(next_at__lte=Now())


def _in_hand() -> QuerySet[Mail]:
    """Return what somebody sends now: what is put off is due sooner."""
    return Mail.objects.filter(next_at__gt=Now() + Value(AGAIN))


def _take(pk: int) -> bool:
    """Take one message in hand; return whether no other has."""
    return bool(_due().filter(pk=pk).update(next_at=Now() + Value(LEASE)))


def _send(pk: int, server: BaseEmailBackend) -> int:
    """Send one message that was taken; return how many went. Raises OSError."""
    mail = Mail.objects.get(pk=pk)
    try:
        server.send_messages([EmailMultiAlternatives(**mail.message)])
    except (SMTPRecipientsRefused, SMTPDataError) as error:  # it is about this message
        if min(_codes(error)) >= REFUSED_FOR_GOOD:
            _give_up(mail, error)
        else:
            _put_off(Mail.objects.filter(pk=pk), error)
        return 0
    except OSError as error:
        # Only this one: a message over which the server breaks off must not keep the others.
        _put_off(Mail.objects.filter(pk=pk), error)
        raise
    except ValueError as error:  # no server takes it: an address or a header that cannot be
        _give_up(mail, error)
        return 0
    mail.delete()
    return 1


def _put_off(mails: QuerySet[Mail], error: Exception) -> None:
    log.warning("The mail server takes no mail; it is tried again in a minute: %s", _told(error))
    pks = list(mails.values_list("pk", flat=True))
    for mail in Mail.objects.filter(pk__in=pks, created_at__lt=Now() - Value(KEPT)):
        _give_up(mail, error)
    Mail.objects.filter(pk__in=pks).update(next_at=Now() + Value(AGAIN), problem=_told(error))


def _give_up(mail: Mail, error: Exception) -> None:
    log.error("Mail %s (%s) of %s is given up: %s", mail.pk, mail, mail.created_at, _told(error))
    mail.delete()


def _codes(error: SMTPRecipientsRefused | SMTPDataError) -> list[int]:
    if isinstance(error, SMTPDataError):
        return [error.smtp_code]
    return [code for code, _said in error.recipients.values()]


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:200]


def _stored(message: EmailMessage) -> dict[str, Any]:
    """Return what the message is made of. A second try has the same identifier, so that it can be told."""
    if message.attachments:
        raise ValueError("The outbox keeps no attachments.")
    host = urlsplit(settings.PUBLIC_URL).hostname or "localhost"
    marks = {"Message-ID": make_msgid(domain=host), "Date": formatdate(usegmt=True)}
    return {
        "subject": str(message.subject),
        "body": str(message.body),
        "from_email": message.from_email,
        "to": message.to,
        "cc": message.cc,
        "bcc": message.bcc,
        "reply_to": message.reply_to,
        "headers": marks | dict(message.extra_headers),
        "alternatives": [tuple(each) for each in getattr(message, "alternatives", None) or ()],
    }
