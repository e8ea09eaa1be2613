"""Reads the environment. Every variable the hub knows is named in ``config.settings`` and `.env.example`."""

from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from environs import Env

env = Env(prefix="HUB_")


def secret(name: str, default: str | None = None) -> str | None:
    """Return the secret ``HUB_<name>``, or the content of the file that ``HUB_<name>_FILE`` names.

    Returns ``default`` when neither is set; raises ImproperlyConfigured when the file cannot be read.
    """
    path = env.str(f"{name}_FILE", None)
    if path is None:
        return env.str(name, default)
    try:
        return Path(path).read_text().strip()
    except OSError as error:
        raise ImproperlyConfigured(f"HUB_{name}_FILE names a file that cannot be read: {path}") from error
