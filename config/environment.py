"""The hub's variables: what the shell says goes before ``.env``, and a blank one is unset in both.

Django loads them, and so does ``config.run``: the processes of the Procfile and the shell know the same.
"""

import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from dotenv import dotenv_values

BASE_DIR = Path(__file__).resolve().parent.parent
PREFIX, IN_A_FILE = "HUB_", "_FILE"


def load() -> None:
    """Put the variables of ``.env`` beside the shell's. There, too, X_FILE stands for X.

    Raises ImproperlyConfigured, with name and path, for a file that cannot be read.
    """
    for blank in [name for name in os.environ if name.startswith(PREFIX) and not os.environ[name].strip()]:
        del os.environ[blank]
    said = {name.removesuffix(IN_A_FILE) for name in os.environ}
    # Nothing is expanded: a password may hold a dollar sign.
    for name, value in dotenv_values(BASE_DIR / ".env", interpolate=False).items():
        if value and value.strip() and name.removesuffix(IN_A_FILE) not in said:
            os.environ[name] = value
    for name in [name for name in os.environ if name.startswith(PREFIX) and name.endswith(IN_A_FILE)]:
        try:
            Path(os.environ[name]).read_text()
        except (OSError, ValueError) as error:
            raise ImproperlyConfigured(f"{name} names a file that cannot be read: {error}") from None
