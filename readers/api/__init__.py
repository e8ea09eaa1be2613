"""Content API: Releases for other people's apps."""
