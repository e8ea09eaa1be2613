"""A policy document and pictures for demonstrations, drawn and written here."""
