"""The old name of ``publishers.http``, for plugins written before 0.2; it goes in the version after."""

import warnings

from publishers.http import *  # noqa: F403
from publishers.http import read_answer as read  # noqa: F401  (what it was called here)

warnings.warn("publishers.remote is publishers.http now.", DeprecationWarning, stacklevel=2)
