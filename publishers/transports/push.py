"""Our signed HTTP push: docs/platforms/partner-feed-contract.md, parts B and C."""

from publishers.transports.way import Way


class Pushed(Way):
    pass
