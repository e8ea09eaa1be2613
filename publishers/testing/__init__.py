"""The conformance suite: what every publisher promises, for plugins of this tree and of other distributions.

A plugin's test file inherits ``Conformance`` and gives its fixtures; docs/plugins.md lists the scenarios by
their numbers. Nothing is mocked: the plugin talks HTTP to a server that stands for the platform, and
``RecordingJob`` keeps its steps in memory as the engine keeps them in the database.
"""

import pytest

SUITE = (
    "by_hand", "conformance", "correcting", "figures", "given", "harm", "limits", "looking", "notifying",
    "publishing", "quotas", "receiving", "refusing", "rendering", "running", "unknown", "withdrawing",
)  # fmt: skip
pytest.register_assert_rewrite(*(f"publishers.testing.{name}" for name in SUITE))

from publishers.testing.conformance import (  # noqa: E402  (after the rewriting of their assertions)
    ByHandConformance,
    Conformance,
    FeedConformance,
    PublishingPromises,
    RenderingPromises,
)
from publishers.testing.documents import hostile, specimen  # noqa: E402
from publishers.testing.feeding import FeedReader  # noqa: E402
from publishers.testing.job import MemoryAccount, RecordingJob, Stopped, Waiting, make_item  # noqa: E402
from publishers.testing.pictures import MemoryPicture, PictureServer  # noqa: E402
from publishers.testing.running import observe, settle, steps_of, until_done  # noqa: E402
from publishers.testing.scenarios import PROMISES, NotDeclared, scenario  # noqa: E402
from publishers.testing.server import Seen, Server, Tell  # noqa: E402
from publishers.testing.stand_in import Call, StandIn  # noqa: E402
from publishers.transports import over  # noqa: E402

__all__ = [
    "PROMISES",
    "ByHandConformance",
    "Call",
    "Conformance",
    "FeedConformance",
    "FeedReader",
    "MemoryAccount",
    "MemoryPicture",
    "NotDeclared",
    "PictureServer",
    "PublishingPromises",
    "RecordingJob",
    "RenderingPromises",
    "Seen",
    "Server",
    "StandIn",
    "Stopped",
    "Tell",
    "Waiting",
    "hostile",
    "make_item",
    "observe",
    "over",
    "scenario",
    "settle",
    "specimen",
    "steps_of",
    "until_done",
]
