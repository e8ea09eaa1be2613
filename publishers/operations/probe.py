"""Whether the database can be used, asked within seconds: of a connection of its own, which is closed again.

One that is kept may hang in a query for as long as its server does.
"""

from contextlib import closing

from django.db import connection

CONNECT_S = 3


def ask_database() -> None:
    """Return when the database answers. Raises DatabaseError where it does not, within CONNECT_S an address."""
    with closing(connection.copy()) as own:
        if own.vendor == "postgresql":
            own.settings_dict["OPTIONS"] |= {"connect_timeout": CONNECT_S}
        with own.cursor() as cursor:
            cursor.execute("SELECT 1")
