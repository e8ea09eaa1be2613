"""Review: stages in order, each by another person.

Doors: ``decisions`` (approve, send back, lock), ``approval`` (what is signed of one), ``status`` (whose turn,
what was approved), ``state`` (Wagtail's own), ``page`` (what an article inherits), ``authors`` (who may not).
"""
