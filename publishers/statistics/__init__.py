"""Figures of articles. Doors: ``collect`` (asked of platforms), ``manual_entry``, ``spreadsheet``."""
