"""The published JSON Schema of the Document, made from its types."""

import json

from cms.document.model import VERSION, Document


def schema() -> bytes:
    """Return the JSON Schema as the bytes of ``docs/document.schema.json``."""
    made = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:nusheng-hub:document:{VERSION}",
        **Document.model_json_schema(mode="serialization"),
    }
    return (json.dumps(made, ensure_ascii=False, indent=2, sort_keys=True) + "\n").encode()
