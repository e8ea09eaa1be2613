"""The embedded broker: kombu's messages in files, each there whole or not at all.

kombu writes a message where readers look already: who reads too early, or after the writer was killed, gets
half of it, and the worker ends over it, as it does when the folder is away. Here a message appears by being
renamed, and what cannot be read is no message: the sweep finds what it was to wake.

kombu heeds no end of a message either. Here it stands in the message's name, and whoever writes to a queue
takes away what has ended there: where nobody reads, calls do not pile up.
"""

import time
import uuid
from pathlib import Path
from queue import Empty
from typing import Any  # a message as kombu has it

from kombu import Connection
from kombu.exceptions import ChannelError
from kombu.transport import filesystem
from kombu.utils.json import dumps

PATIENCE_S = 0.5
UNTIL = "_until_"


class Channel(filesystem.Channel):
    def _put(self, queue: str, payload: Any, **kwargs: Any) -> None:  # type: ignore[override]  # as kombu's own has it
        folder = Path(self.data_folder_out)
        name = f"{round(time.monotonic() * 1000)}_{uuid.uuid4()}{_end(payload)}"
        message = folder / f"{name}.{queue}.msg"
        unseen = message.with_suffix(".part")
        try:
            folder.mkdir(parents=True, exist_ok=True)
            unseen.write_text(dumps(payload))
            unseen.rename(message)
            _take_away_ended(folder, queue)
        except OSError as error:
            raise ChannelError(f"The message {message} cannot be written.") from error

    def _get(self, queue: str) -> Any:  # type: ignore[override]  # as kombu's own has it
        try:
            return super()._get(queue)
        except (OSError, ValueError, ChannelError) as error:
            raise Empty from error

    def _size(self, queue: str) -> int:
        try:
            return super()._size(queue)
        except FileNotFoundError:
            return 0

    def _purge(self, queue: str) -> int:
        try:
            return super()._purge(queue)
        except FileNotFoundError:
            return 0

    def _queue_bind(self, exchange: str, *names: str) -> None:
        try:
            super()._queue_bind(exchange, *names)
        except ValueError:  # half a table, which a killed worker left
            self._exchange_file(exchange).unlink(missing_ok=True)
            super()._queue_bind(exchange, *names)


def _end(payload: Any) -> str:
    """Return how the message's name ends that says when its use does; empty: never."""
    lives_ms = payload.get("properties", {}).get("expiration")
    return "" if lives_ms is None else f"{UNTIL}{round(time.time() + int(lives_ms) / 1000)}"


def _take_away_ended(folder: Path, queue: str) -> None:
    for message in folder.glob(f"*{UNTIL}*.msg"):
        name, _dot, of = message.name.partition(".")
        if of == f"{queue}.msg" and int(name.rpartition(UNTIL)[2]) < time.time():
            message.unlink(missing_ok=True)


class Transport(filesystem.Transport):
    Channel = Channel

    def drain_events(self, connection: Connection, timeout: float | None = None) -> None:  # type: ignore[override]  # as kombu's own has it
        """Wait for no longer than PATIENCE_S: between two waits a worker sees that it is to stop."""
        return super().drain_events(connection, timeout and min(timeout, PATIENCE_S))
