"""The old name of ``publishers.http``, for plugins written before 0.2; it goes in the version after."""

import warnings

from publishers.http import *  # noqa: F403

warnings.warn("publishers.remote is publishers.http now.", DeprecationWarning, stacklevel=2)
