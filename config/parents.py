"""Processes that do not outlive whoever started them, however that one ends."""

import ctypes
import signal
import sys

PR_SET_PDEATHSIG = 1  # prctl(2)


def end_with_parent(by: signal.Signals = signal.SIGTERM) -> None:
    """Let the kernel send ``by`` to this process when its parent ends; over an exec, too.

    Linux alone knows this; elsewhere a parent that is killed leaves its children, as ever.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(by))
