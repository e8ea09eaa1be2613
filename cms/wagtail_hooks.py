"""Wagtail looks for hooks here; each room keeps its own."""

from cms.articles import listings  # noqa: F401
from cms.editor import hooks as editor_hooks  # noqa: F401
from cms.ingest import hooks as ingest_hooks  # noqa: F401
from cms.organisation.screens import hooks as organisation_hooks  # noqa: F401
from cms.review import hooks as review_hooks  # noqa: F401
