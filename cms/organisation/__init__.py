"""Offices and who may do what in them. Doors: ``offices`` (opening, closing, roles), ``permissions``."""
