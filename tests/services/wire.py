"""A wire to a broker that can be cut: a TCP forwarder, so that what is cut is a real connection."""

import selectors
import socket
import threading
from contextlib import suppress
from urllib.parse import urlsplit, urlunsplit

CHUNK = 64 * 1024


class Wire:
    """Forwards a port of its own to the broker at ``url``. A context manager; ``url`` leads over it."""

    def __init__(self, url: str):
        parts = urlsplit(url)
        self._to = (parts.hostname, parts.port)
        self._lock, self._pairs, self._is_cut = threading.Lock(), [], False
        self._listener = socket.create_server(("127.0.0.1", 0))
        who, at, _where = parts.netloc.rpartition("@")
        here = f"{who}{at}127.0.0.1:{self._listener.getsockname()[1]}"
        self.url = urlunsplit(parts._replace(netloc=here))

    def __enter__(self) -> "Wire":
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_error) -> None:
        self.cut()
        self._listener.close()

    def cut(self) -> None:
        """End every connection; new ones are closed as soon as they are made."""
        with self._lock:
            self._is_cut = True
            for pair in self._pairs:
                for end in pair:
                    # Wakes the thread that waits for it, too.
                    with suppress(OSError):
                        end.shutdown(socket.SHUT_RDWR)
            self._pairs.clear()

    def mend(self) -> None:
        with self._lock:
            self._is_cut = False

    def _accept(self) -> None:
        with suppress(OSError):  # the listener is closed at the end
            while True:
                near, _address = self._listener.accept()
                with self._lock:
                    if self._is_cut:
                        near.close()
                        continue
                    pair = (near, socket.create_connection(self._to))
                    self._pairs.append(pair)
                threading.Thread(target=_forward, args=pair, daemon=True).start()


def _forward(near: socket.socket, far: socket.socket) -> None:
    other = {near: far, far: near}
    with selectors.DefaultSelector() as ready, suppress(OSError), near, far:
        for end in other:
            ready.register(end, selectors.EVENT_READ)
        while True:
            for key, _events in ready.select():
                received = key.fileobj.recv(CHUNK)
                if not received:
                    return
                other[key.fileobj].sendall(received)
