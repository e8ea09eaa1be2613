"""Review: stages in order, each by another person.

Doors: ``decisions`` (approve, send back, lock), ``status`` (whose turn, what was approved), ``task`` and
``state`` (Wagtail's own), ``page`` (what an article inherits), ``authors`` (who may not approve).
"""
