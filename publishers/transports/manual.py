"""A person publishes in the platform's console: docs/platforms/partner-feed-contract.md, part D."""

from publishers.transports.way import Way


class ByPerson(Way):
    pass
