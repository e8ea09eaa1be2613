"""Figures of articles: CONTRACT.md, section 5."""

import datetime as dt

from publishers.interface import Figure

from rongxi_daily.client import Client

NAMES = {"readers": "read_users", "shares": "shares"}


def figures(client: Client, published_on: dt.date) -> list[Figure]:
    rows = client.figures(published_on.isoformat())
    return [
        Figure({"id": str(row["id"])}, dt.date.fromisoformat(str(row["day"])), ours, int(row[theirs]))
        for row in rows
        for theirs, ours in NAMES.items()
    ]
