"""The servers that stand for the platforms."""

from tests.publishers.platform_server import make_server

__all__ = ["make_server"]
