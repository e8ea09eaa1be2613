"""Micro-site: what readers see in a browser."""

# The micro-site's slug among the channels; an article may have its own title, digest and cover here.
CHANNEL = "site"
