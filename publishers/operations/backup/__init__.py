"""The hub in a folder, and a hub from a folder: database, pictures and uploads; the keys lie elsewhere.

A restored database is older than the world: it starts paused, and what it does not know is looked for on the
platforms before anything is sent (``publishers.engine.after_restore``, decision 8).
"""

from publishers.operations.backup.making import make
from publishers.operations.backup.restoring import restore

__all__ = ["make", "restore"]
