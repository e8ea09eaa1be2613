"""``python -m sandbox``: serve the stand-ins for the partner platforms."""

import argparse
import socket
from collections.abc import Sequence

import uvicorn

from .server import build_app
from .store import Store


class AnnouncingServer(uvicorn.Server):
    """Prints one line when requests are answered, so that a starter can wait for it."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        assert sockets is not None  # main gives its own
        await super().startup(sockets=sockets)
        host, port = sockets[0].getsockname()[:2]
        print(f"sandbox: ready http://{host}:{port}", flush=True)


def arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description="平台沙盒：合作平台的本机替身。")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8100, help="0 takes a free port")
    parser.add_argument("--ledger", help="SQLite file that keeps the state; without it, memory only")
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> None:
    options = arguments(argv)
    listener = socket.create_server((options.host, options.port))
    # asyncio does so for its own listeners only; without it an answer waits 40 ms for the caller's ACK.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    # h11 and asyncio by name: the way a connection is dropped depends on the protocol class.
    config = uvicorn.Config(
        build_app(Store(options.ledger)),
        http="h11",
        loop="asyncio",
        log_level="warning",
        timeout_graceful_shutdown=1,
    )
    AnnouncingServer(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
