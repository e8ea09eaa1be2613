"""The servers that the tests of the ways talk to."""

from tests.publishers.platform_server import make_server, script

__all__ = ["make_server", "script"]
