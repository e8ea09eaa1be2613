"""A partner without an interface of its own; what we offer it is docs/platforms/partner-feed-contract.md."""
