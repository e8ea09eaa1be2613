"""What a command says reaches who reads it, in any encoding; when the reader has left, it ends quietly."""

import io
import os
import select
import sys
from typing import TextIO


def write_chinese() -> None:
    """Let standard output and error take every character.

    One whose encoding has no Chinese writes UTF-8; what another lacks, GBK a tick, is written as ``\\u2713``.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a closed one is None
            try:
                "中枢".encode(stream.encoding)
            except UnicodeEncodeError:
                stream.reconfigure(encoding="utf-8")
            stream.reconfigure(errors="backslashreplace")


def end_quietly(error: BrokenPipeError) -> None:
    """End the process with 1 where whoever read its output has left; raise the error of any other pipe.

    https://docs.python.org/3/library/signal.html#note-on-sigpipe
    """
    left = [stream for stream in (sys.stdout, sys.stderr) if stream is not None and _is_left(stream.fileno())]
    if not left:
        raise error
    silence(*left)
    sys.exit(1)


def silence(*streams: TextIO) -> None:
    """Let what is still to be written there go nowhere, so that it fails no more as Python ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in streams:
        os.dup2(nowhere, stream.fileno())


def _is_left(descriptor: int) -> bool:
    asked = select.poll()
    asked.register(descriptor, 0)  # an error is told unasked
    return any(event & select.POLLERR for _descriptor, event in asked.poll(0))
