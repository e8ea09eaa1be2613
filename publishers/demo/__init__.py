"""Demonstration content and the walk that `make demo` makes. Offices, people and accounts are made up."""
