"""The demonstration's passwords: made at the first start, kept beside the database, not in the repository."""

import json
import os
import secrets
from pathlib import Path


class Logins:
    """User names and passwords in a file that only its owner may read."""

    def __init__(self, path: Path):
        self._path = path
        self._passwords: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}

    def password(self, username: str) -> str:
        """Return the user's password; a new one is stored before it is returned."""
        if username not in self._passwords:
            self._passwords[username] = secrets.token_urlsafe(9)
            descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w") as file:
                json.dump(self._passwords, file, indent=1)
        return self._passwords[username]

    def __iter__(self):
        return iter(self._passwords.items())
