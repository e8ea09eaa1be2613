"""Nanfang keeps what every publisher promises of its rendering."""

import pytest

from publishers.nanfang.plugin import Nanfang
from publishers.testing.rendering import RenderingPromises


class TestNanfang(RenderingPromises):
    plugin = pytest.fixture(lambda self: Nanfang())
