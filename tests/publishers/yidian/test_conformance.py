"""Yidian keeps what every publisher promises of its rendering."""

import pytest

from publishers.testing.rendering import RenderingPromises
from publishers.yidian.plugin import Yidian


class TestYidian(RenderingPromises):
    plugin = pytest.fixture(lambda self: Yidian())
