"""A full-content feed that the partner reads: docs/platforms/partner-feed-contract.md, part A."""

from publishers.transports.way import Way


class Fed(Way):
    pass
