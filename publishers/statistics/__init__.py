"""Figures of articles. Doors: ``manual_entry``, ``spreadsheet``; beat calls ``collect``."""
