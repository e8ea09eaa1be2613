"""Bytes become words, or the file is refused: never other words."""

import pytest

from cms.ingest import Refused
from cms.ingest.encoding import decode

SIMPLE = "各县妇联：请于七月底前报送夜校名单。\n"
TRADITIONAL = "各縣婦聯：請於七月底前報送夜校名單，並認真組織實施。\n"
RARE = "䶮㙍𠮷同志在村里办起了阅览室，孩子们放学以后都来这里读书写字。\n"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("题", "gb18030"),
        ("题\n字", "gb2312"),
        ("一九二五年〇月", "gbk"),
        (SIMPLE, "utf-8"),
        (SIMPLE, "utf-8-sig"),
        (SIMPLE, "utf-16"),
        (SIMPLE, "utf-16-le"),
        (SIMPLE, "utf-16-be"),
        (RARE, "gb18030"),
        (TRADITIONAL * 20, "gb18030"),
        (TRADITIONAL * 20, "big5"),
        ("Élan vital, naïve café", "cp1252"),
        ("plain", "ascii"),
    ],
)
def test_words_are_read_in_the_encoding_that_they_were_written_in(text, encoding):
    assert decode(text.encode(encoding)).lstrip("\ufeff") == text


def test_a_page_may_state_its_encoding():
    page = '<meta http-equiv="Content-Type" content="text/html; charset=big5"><p>婦女</p>'
    assert "婦女" in decode(page.encode("big5"))


def test_a_page_states_its_encoding_within_its_first_lines():
    head = f"<!--{'-' * 3000}--><meta charset='big5'>"
    assert "婦女" in decode(f"{head}<p>{'婦女' * 40}</p>".encode("big5"))


@pytest.mark.parametrize(
    "content",
    [
        SIMPLE.encode()[:20] + b"\xff" + SIMPLE.encode()[20:],
        SIMPLE.encode("utf-16")[:-1],
        SIMPLE.encode("utf-32"),
        bytes(range(256)) * 4,
        b"text\0" * 100,
        b"\xef\xbb\xbf" + bytes(range(1, 32)) * 9,
    ],
)
def test_bytes_that_give_no_words_are_refused(content):
    with pytest.raises(Refused):
        decode(content)
