"""Readers who pull: what they get of a Release, the micro-site and the content API."""
