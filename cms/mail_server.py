"""The mail server as a worker speaks to it: a whole conversation has an end, however slowly it goes.

EMAIL_TIMEOUT is for each read: a server that says a byte now and then would hold a worker for ever.
"""

import contextlib
import smtplib
import socket
import threading

from django.core.mail.backends.smtp import EmailBackend

#: RFC 5321, 4.5.3.2 grants minutes to each answer; what is broken off is tried again in one.
CONVERSATION_S = 30


class _Bounded(smtplib.SMTP):
    """Is cut off after CONVERSATION_S; whoever reads then meets smtplib's SMTPServerDisconnected."""

    _end: threading.Timer | None = None

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        # Where smtplib's own SMTP_SSL comes in, too: before the first byte, and below TLS.
        made = super()._get_socket(host, port, timeout)
        self._end = threading.Timer(CONVERSATION_S, _cut, [made.dup()])
        self._end.daemon = True
        self._end.start()
        return made

    def close(self) -> None:
        if self._end:
            self._end.cancel()
            self._end.args[0].close()
        super().close()


class _BoundedOverTLS(smtplib.SMTP_SSL, _Bounded):
    """The same for a server that speaks TLS from the first byte."""


def _cut(line: socket.socket) -> None:
    with contextlib.suppress(OSError):  # it has just ended by itself
        line.shutdown(socket.SHUT_RDWR)


class Backend(EmailBackend):
    """Django's backend for SMTP, with an end to each conversation."""

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return _BoundedOverTLS if self.use_ssl else _Bounded
