"""What a feed says of itself, whatever its form."""

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True)
class Channel:
    """``address`` is this document's own, ``next_address`` the next page's, empty on the last."""

    title: str
    description: str
    home: str
    address: str
    next_address: str
    changed_at: dt.datetime
