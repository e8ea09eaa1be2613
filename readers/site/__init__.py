"""Micro-site: what readers see in a browser."""
