"""Whether the database can be used, asked within seconds: of a connection of its own, which is closed again.

One that is kept may hang in a query for as long as its server does.
"""

import os
from contextlib import closing

from django.db import connection

CONNECT_S = 3


def database_takes_writes() -> bool:
    """Return whether the database that answers takes writes, as a standby or a read-only disk does not.

    Raises DatabaseError where nothing answers, within CONNECT_S for each of its addresses.
    """
    with closing(connection.copy()) as own:
        if own.vendor == "postgresql":
            own.settings_dict["OPTIONS"] |= {"connect_timeout": CONNECT_S}
        with own.cursor() as cursor:
            if own.vendor == "sqlite":
                cursor.execute("SELECT 1")
                return os.access(own.settings_dict["NAME"], os.W_OK)
            # Also on for a standby, whatever is set.
            cursor.execute("SHOW transaction_read_only")
            return bool(cursor.fetchone()[0] == "off")
