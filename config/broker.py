"""What the broker is told.

Its messages are wake-up calls: they may be lost or come twice. One that comes again finds the delivery held
or no longer due (``publishers.engine.leases``).
"""

from pathlib import Path

from config.environment import ensure

#: Longer than a delivery takes; whoever dies before is succeeded by the sweep, not by Redis.
VISIBLE_AGAIN_S = 3600
#: Together less than the five seconds within which a partner's callback is answered
#: (partner-feed-contract.md): who receives one, or signs off, calls a worker. The sweep finds the rest.
CONNECT_S, ANSWER_S = 2, 2
#: What could not connect is not tried again for a while, as kombu does.
ONCE = {"connect_retries_timeout": ANSWER_S}


def transport_options(url: str, *, name: str, folder: Path) -> dict:
    """Return kombu's options for the broker at ``url``.

    ``name`` keeps hubs apart that share a broker; ``folder`` is where the embedded broker has its files.
    """
    if url.startswith("filesystem"):
        return _files(folder)
    if url.startswith(("redis", "rediss")):
        return {
            "global_keyprefix": f"{name}:",
            "visibility_timeout": VISIBLE_AGAIN_S,
            # A broker that is cut off without a word must not keep whoever wants to wake a worker.
            "socket_connect_timeout": CONNECT_S,
            "socket_timeout": ANSWER_S,
            "socket_keepalive": True,
        } | ONCE
    return {"connect_timeout": CONNECT_S, "write_timeout": ANSWER_S} | ONCE


def _files(folder: Path) -> dict:
    messages, control = folder / "messages", folder / "control"
    for made in (messages, control):
        ensure(made, "DATA_DIR")
    return {
        "data_folder_in": str(messages),
        "data_folder_out": str(messages),
        "control_folder": str(control),
        # How long a worker that has just ended one delivery waits for its next.
        "polling_interval": 0.02,
    }
