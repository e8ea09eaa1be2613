"""The conformance suite: what every publisher promises, for plugins of this tree and of other distributions.

A plugin's test file inherits ``rendering.RenderingPromises`` and ``publishing.PublishingPromises`` and gives
their fixtures. Nothing is mocked: the plugin talks HTTP to a server that stands for the platform, and
``job.RecordingJob`` keeps its steps in memory as the engine keeps them in the database.
"""

import pytest

pytest.register_assert_rewrite("publishers.testing.rendering", "publishers.testing.publishing")
