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

    _end: tuple[threading.Timer, socket.socket] | None = None

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        # Where smtplib's own SMTP_SSL comes in, too: before the first byte, and below TLS.
        made: socket.socket = super()._get_socket(host, port, timeout)  # type: ignore[misc]  # not in its stubs
        line = made.dup()
        timer = threading.Timer(CONVERSATION_S, _cut, [line])
        timer.daemon = True
        timer.start()
        self._end = timer, line
        return made

    def close(self) -> None:
        if self._end:
            timer, line = self._end
            timer.cancel()
            line.close()
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
