"""A mail server that does as it is told: takes mail, holds it, refuses it, or never says a word."""

import contextlib
import socketserver
import threading
from email import message_from_bytes, policy
from email.message import EmailMessage


class MailServer(socketserver.ThreadingTCPServer):
    """Listens on ``port`` of the loopback; a context manager.

    ``answers`` says what is answered to a line that holds the words, in place of the usual; "" cuts the line.
    While ``silent`` is set nothing is said at all; while ``trickles`` is, a greeting without an end.
    ``asked`` holds each command, ``taken`` each message.
    """

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Talk)
        self.port = self.server_address[1]
        self.answers: dict[str, str] = {}
        self.silent = self.holds = self.trickles = False
        self.asked: list[str] = []
        self.taken: list[EmailMessage] = []
        self.is_held, self.goes_on = threading.Event(), threading.Event()

    def __enter__(self) -> "MailServer":
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_error) -> None:
        self.goes_on.set()
        self.shutdown()
        self.server_close()


class _Talk(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self.server.asked.append("CONNECT")
        if self.server.silent:
            self.server.goes_on.wait()
            return
        if self.server.trickles:
            return self._trickle()
        self._say("220 ready")
        while line := self.rfile.readline():
            command = line.split()[0].decode().upper() if line.split() else ""
            self.server.asked.append(line.decode().strip())
            if not self._answer(command, line.decode()):
                return

    def _trickle(self) -> None:
        with contextlib.suppress(OSError):
            while not self.server.goes_on.wait(0.1):
                self.wfile.write(b"2")

    def _answer(self, command: str, line: str) -> bool:
        told = next((said for asked, said in self.server.answers.items() if asked in line), None)
        if told is not None:
            self._say(told)
        elif command == "DATA":
            self._take()
        else:
            self._say("221 bye" if command == "QUIT" else "250 well")
        return told != "" and command != "QUIT"

    def _take(self) -> None:
        self._say("354 go on")
        body = b"".join(iter(self.rfile.readline, b".\r\n"))
        if self.server.holds:
            self.server.is_held.set()
            self.server.goes_on.wait()
        message = message_from_bytes(body, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.server.taken.append(message)
        self._say("250 taken")

    def _say(self, line: str) -> None:
        if line:
            self.wfile.write(f"{line}\r\n".encode())
