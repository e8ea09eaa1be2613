#!/usr/bin/env python
"""The hub's commands. What keeps one from its work, settings or the database, is told in one sentence."""

import os
import sys

from config import messages, streams
from config.environment import refuse


def main() -> None:
    try:
        try:
            run()
        finally:
            if sys.stdout is not None:  # closed by whoever called
                sys.stdout.flush()  # here, where it is known what to do when it fails
    except BrokenPipeError as error:
        streams.end_quietly(error)


def run() -> None:
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line
    from django.db import InterfaceError, InternalError, OperationalError, ProgrammingError

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        refuse(str(error))
    except (OperationalError, InterfaceError, InternalError, ProgrammingError) as error:
        if "--traceback" in sys.argv:  # Django's own word for whoever wants to see where
            raise
        from publishers.management.commanding import no_database

        refuse(no_database(error))


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    streams.write_chinese()
    # In a new clone nobody has: the commands would speak English.
    messages.compile_missing()
    main()
