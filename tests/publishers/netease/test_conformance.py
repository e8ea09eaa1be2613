"""NetEase keeps what every publisher promises of its rendering."""

import pytest

from publishers.netease.plugin import NetEase
from publishers.testing.rendering import RenderingPromises


class TestNetEase(RenderingPromises):
    plugin = pytest.fixture(lambda self: NetEase())
