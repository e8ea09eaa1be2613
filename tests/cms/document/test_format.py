"""The stored form: old bytes are readable for ever, and one Document has one byte form."""

import hashlib
import json
from pathlib import Path

import jsonschema
import pytest
from django.core.management import CommandError, call_command
from pydantic import ValidationError

from cms.document.model import Block, Document, read_document
from cms.management.commands import document_schema

GOLDEN = Path(__file__).parent / "golden"
# Never change a line: these bytes are what some Release holds. Add a line for each new form.
HASHES = {
    "v1-policy.json": "f2b5851e74474dad32e1ceef550e00e255c2f71fb8566176c61a6972bd9d264c",
    "v1-story.json": "30af476ce906ec30f5c40351de8b9f518abd1227987bb47693cf4cc7eb7d1bfb",
    "v1-event.json": "e95e19f5ec0955c94ad04ea678184ab828d841697155309f97f726958586adac",
}


@pytest.mark.parametrize("name", HASHES)
def test_a_document_that_was_ever_stored_is_read_and_keeps_its_bytes(name):
    stored = (GOLDEN / name).read_bytes()
    assert hashlib.sha256(stored).hexdigest() == HASHES[name]
    assert read_document(stored).canonical() == stored


def test_the_golden_documents_show_every_block_and_every_kind():
    documents = [read_document((GOLDEN / name).read_bytes()) for name in HASHES]
    shown = {block.type for document in documents for block in document.blocks()}
    every = {block.model_fields["type"].default for block in Block.__origin__.__args__}
    assert shown == every
    assert {document.kind for document in documents} == {"policy", "story", "event"}


def test_no_golden_file_is_forgotten():
    assert {path.name for path in GOLDEN.iterdir()} == set(HASHES)


def test_the_order_of_keys_and_white_space_do_not_matter():
    stored = (GOLDEN / "v1-story.json").read_bytes()
    shuffled = json.dumps(dict(reversed(json.loads(stored).items())), indent=3).encode()
    assert read_document(shuffled).canonical() == stored


def test_characters_beyond_the_basic_plane_and_signs_keep_their_form():
    document = read_document((GOLDEN / "v1-story.json").read_bytes()).model_copy(
        update={"title": "𠮷 <&> \u2028 é"}
    )
    assert '"title":"𠮷 <&> \u2028 é"'.encode() in document.canonical()


def test_an_unknown_field_version_or_asset_is_refused():
    good = json.loads((GOLDEN / "v1-story.json").read_bytes())
    for wrong in ({"colour": "red"}, {"version": 2}, {"assets": {}}):
        with pytest.raises(ValidationError):
            Document.model_validate_json(json.dumps({**good, **wrong}))


def test_a_schema_that_is_missing_or_of_another_day_is_told_and_written_anew(tmp_path, monkeypatch):
    file = tmp_path / "document.schema.json"
    monkeypatch.setattr(document_schema, "PATH", file)
    for content in (None, b"{}"):
        if content:
            file.write_bytes(content)
        with pytest.raises(CommandError, match="document_schema"):
            call_command("document_schema", "--check")
    call_command("document_schema")
    call_command("document_schema", "--check")


def test_the_published_schema_is_up_to_date_and_accepts_what_is_stored(settings):
    call_command("document_schema", "--check")
    schema = json.loads((settings.BASE_DIR / "docs" / "document.schema.json").read_bytes())
    validator = jsonschema.Draft202012Validator(schema)
    for path in GOLDEN.iterdir():
        validator.validate(json.loads(path.read_bytes()))
    wrong = {**json.loads((GOLDEN / "v1-story.json").read_bytes()), "sections": [{"role": "body"}]}
    assert not validator.is_valid(wrong)
