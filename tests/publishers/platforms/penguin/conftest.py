"""The servers that this platform's tests talk to."""

from tests.publishers.platform_server import make_server, script

__all__ = ["make_server", "script"]
