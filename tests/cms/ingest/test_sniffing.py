"""What kind of file it is, by its first bytes and its name."""

from io import BytesIO

import pytest
from django.utils import translation

from cms.ingest import sniffing
from cms.ingest.sniffing import kind_of
from cms.refusals import Refused

PAGE = b"<html><body>"


def refusal(content: bytes, name: str) -> str:
    with translation.override("en"), pytest.raises(Refused) as error:
        kind_of(BytesIO(content), name)
    return error.value.sentence


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.txt", "text"),
        ("a.text", "text"),
        ("a.TXT", "text"),
        ("a.md", "markdown"),
        ("a.markdown", "markdown"),
        ("a.htm", "html"),
        ("a.HTML", "html"),
    ],
)
def test_words_are_read_as_what_the_name_says(name, kind):
    assert kind_of(BytesIO("夜校".encode()), name) == kind


@pytest.mark.parametrize(
    "lead", [b"", b" \n", b"<!-- a\n b -->\n", b'<?xml version="1.0"?>\n', b"<?xml?><!-- a --><!-- b -->"]
)
@pytest.mark.parametrize("tag", [b"<html>", b"<HEAD>", b"<body class=a>", b"<!DOCTYPE  html>"])
def test_a_page_that_is_called_a_text_is_read_as_a_page(lead, tag):
    assert kind_of(BytesIO(lead + tag), "a.txt") == "html"


@pytest.mark.parametrize("content", [b"<htmlx>", "标题 <html>".encode(), b"<b>"])
def test_a_text_that_speaks_of_markup_is_a_text(content):
    assert kind_of(BytesIO(content), "a.txt") == "text"


@pytest.mark.parametrize("name", ["a.docm", "a.dotm", "a.DOCM"])
def test_a_word_file_that_is_called_one_with_macros_is_refused_for_them(name):
    assert "macros" in refusal(b"PK\x03\x04", name)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("a.doc", "(.doc)"),
        ("a.dot", "(.doc)"),
        ("a.wps", "(.wps)"),
        ("a.docx", "(.doc)"),
        ("a.xls", "of this kind"),
        ("a.txt", "of this kind"),
    ],
)
def test_a_compound_file_is_called_what_its_name_says_it_is(name, said):
    assert said in refusal(sniffing.COMPOUND + bytes(600), name)


@pytest.mark.parametrize("before", [600, sniffing.CHUNK - len(sniffing.COMPOUND) - 9])
def test_a_locked_file_is_told_from_an_old_one_wherever_its_mark_stands(before):
    content = sniffing.COMPOUND + bytes(before) + sniffing.ENCRYPTED + bytes(600)
    assert "password" in refusal(content, "a.docx")


def test_a_file_just_as_large_as_is_taken_is_read_and_a_text_is_smaller_than_a_word_file(settings):
    settings.IMPORT_MAX_BYTES = 20
    assert kind_of(BytesIO(b"PK\x03\x04" + bytes(16)), "a.docx") == "docx"
    assert "larger than" in refusal(b"PK\x03\x04" + bytes(17), "a.docx")
    settings.IMPORT_MAX_BYTES = 2 * sniffing.MAX_TEXT_BYTES
    assert "larger than" in refusal(PAGE + bytes(sniffing.MAX_TEXT_BYTES), "a.html")
