"""Files become drafts: Word, text, Markdown and HTML, with the anatomy of official documents."""

from cms.ingest.importing import MODELS, Imported, import_file, import_with_warnings
from cms.refusals import Refused

__all__ = ["MODELS", "Imported", "Refused", "import_file", "import_with_warnings"]
