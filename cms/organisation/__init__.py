"""Offices and who may do what in them. Door: ``offices`` (opening, closing, roles)."""
