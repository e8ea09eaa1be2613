"""docs/licences.md says under which licences the libraries are; one that it does not know fails here."""

import pytest

from tests.config import licences


def test_the_table_says_what_the_installed_libraries_say():
    assert licences.TABLE.search(licences.PAGE.read_text())[1] == licences.table(), (
        "python -m tests.config.licences"
    )


def test_a_licence_that_nobody_has_looked_at_is_named_with_its_library(monkeypatch):
    monkeypatch.delitem(licences.LICENCES, "MPL 2.0")
    with pytest.raises(LookupError, match="certifi"):
        licences.table()
