"""A line to a service that can be cut: a TCP proxy on a port of its own."""

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Coroutine
from urllib.parse import urlsplit, urlunsplit

CHUNK = 64 * 1024
PORTS = {"postgres": 5432, "redis": 6379, "amqp": 5672}


class Wire:
    """Passes on what comes to a port of its own; a context manager.

    ``url`` is the service's address by way of the wire.
    """

    def __init__(self, service: str):
        self._service = urlsplit(service)
        usual = next(port for kind, port in PORTS.items() if self._service.scheme.startswith(kind))
        self._to = self._service.hostname, self._service.port or usual
        self._open: set[asyncio.StreamWriter] = set()
        self._is_down = False
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> "Wire":
        self._thread.start()
        server = self._do(asyncio.start_server(self._connected, "127.0.0.1", 0))
        who, at, _where = self._service.netloc.rpartition("@")
        here = f"{who}{at}127.0.0.1:{server.sockets[0].getsockname()[1]}"
        self.url = urlunsplit(self._service._replace(netloc=here))
        return self

    def __exit__(self, *_error) -> None:
        self.cut()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def cut(self) -> None:
        """Reset every connection that is open; new ones are taken."""
        self._do(self._reset())

    def down(self) -> None:
        """Reset every connection, and each new one until ``up``."""
        self._is_down = True
        self.cut()

    def up(self) -> None:
        self._is_down = False

    def _do(self, work: Coroutine):
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _reset(self) -> None:
        for writer in list(self._open):
            _abort(writer)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._is_down:
            return _abort(writer)
        try:
            there, away = await asyncio.open_connection(*self._to)
        except OSError:
            return _abort(writer)
        self._open |= {writer, away}
        try:
            await asyncio.gather(_pass(reader, away), _pass(there, writer))
        finally:
            self._open -= {writer, away}


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while chunk := await reader.read(CHUNK):
            writer.write(chunk)
            await writer.drain()
    writer.close()


def _abort(writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        # Linger 0 makes the close a reset, as from a broken line, and not an orderly end.
        writer.get_extra_info("socket").setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
        )
    writer.transport.abort()
