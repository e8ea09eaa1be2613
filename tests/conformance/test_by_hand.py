"""Every platform that a person may serve keeps what is promised to her."""

import pytest

from publishers import registry
from publishers.interface import MANUAL
from publishers.testing import ByHandConformance, over

PLUGINS = [each for each in registry.all_publishers() if MANUAL in each.platform.transports]


@pytest.fixture(params=PLUGINS, ids=lambda each: each.platform.slug)
def platform(request):
    return request.param


class TestByHand(ByHandConformance):
    plugin = pytest.fixture(lambda self, platform: over(platform, MANUAL))
