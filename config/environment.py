"""The hub's variables: what the shell says goes before ``.env``, and a blank one is unset in both.

Django loads them, and so does ``config.run``: the processes of the Procfile and the shell know the same.
What is wrong with one is said here in Chinese: there is no translation before the settings are read.
"""

import os
import sys
from pathlib import Path
from typing import NoReturn

from dotenv import dotenv_values

BASE_DIR = Path(__file__).resolve().parent.parent
PREFIX, IN_A_FILE = "HUB_", "_FILE"
#: gunicorn's word for a worker that cannot start: with another one it would start the next, for ever.
CANNOT_START = 3


def refuse(sentence: str) -> NoReturn:
    """End the process with one sentence, whoever it is: a command, a web process, a worker."""
    sys.stderr.write(f"{sentence}\n")
    sys.exit(CANNOT_START)


def load() -> None:
    """Put the variables of ``.env`` beside the shell's. There, too, X_FILE stands for X.

    Refuses, with name and path, a file that cannot be read.
    """
    for blank in [name for name in os.environ if name.startswith(PREFIX) and not os.environ[name].strip()]:
        del os.environ[blank]
    said = {name.removesuffix(IN_A_FILE) for name in os.environ}
    for name, value in _written(BASE_DIR / ".env").items():
        if value and value.strip() and name.removesuffix(IN_A_FILE) not in said:
            os.environ[name] = value
    for name in [name for name in os.environ if name.startswith(PREFIX) and name.endswith(IN_A_FILE)]:
        try:
            Path(os.environ[name]).read_text()
        except (OSError, ValueError) as error:
            why = _reason(error, os.environ[name])
            refuse(f"{name} 指向的文件读不了：应为能读的文本文件的路径，如 /etc/hub/secret。（{why}）")


def ensure(folder: Path, name: str) -> Path:
    """Return ``folder``, made where it is missing; where that cannot be, the setting ``name`` is told."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        why = _reason(error, folder)
        refuse(f"{PREFIX}{name} 的文件夹建不了：应为运行中枢的用户能写的文件夹，如 .data。（{why}）")
    return folder


def _written(file: Path) -> dict[str, str | None]:
    try:
        # Nothing is expanded: a password may hold a dollar sign.
        found = dotenv_values(file, interpolate=False)
    except (OSError, ValueError) as error:
        refuse(f"{file} 读不了：它应为 UTF-8 编码的文本文件，运行中枢的用户能读。（{_reason(error, file)}）")
    for name, value in found.items():
        if "\0" in f"{name}{value}":
            refuse(f"{file} 中 {name!r} 一行含有不可见的空字符：请重新写这一行。")
    return found


def _reason(error: OSError | ValueError, path: str | Path) -> str:
    """Tell what the system says; of what a file holds, which may be a secret, nothing."""
    return f"{path}: {error.strerror if isinstance(error, OSError) else type(error).__name__}"
