"""Yidian keeps what every publisher promises of its rendering; its interface is a stub."""

import pytest

from publishers.platforms.yidian.plugin import Yidian
from publishers.testing import Conformance, PublishingPromises
from publishers.testing.scenarios import of_class

STUB = "yidian.md, section 4: api is a stub that refuses to run until the partner supplies a document"


class TestYidian(Conformance):
    opt_outs = dict.fromkeys(of_class(PublishingPromises), STUB)
    plugin = pytest.fixture(lambda self: Yidian())
