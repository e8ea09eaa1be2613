"""Toutiao keeps what every publisher promises of its rendering."""

import pytest

from publishers.testing.rendering import RenderingPromises
from publishers.toutiao.plugin import Toutiao


class TestToutiao(RenderingPromises):
    plugin = pytest.fixture(lambda self: Toutiao())
