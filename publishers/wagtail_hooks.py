"""Wagtail looks for hooks here; each part keeps its own."""

from publishers.desk import hooks as desk_hooks  # noqa: F401
