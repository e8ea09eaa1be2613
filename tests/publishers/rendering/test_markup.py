"""What is written as HTML is escaped once, in the bytes that stored renditions have."""

from cms.document.model import VariantText
from publishers.rendering import Manner, body
from publishers.rendering.markup import Html, fill, join, lines, rows, tag
from publishers.testing import MemoryPicture, specimen

SAID = """<b>她说："it's & so"</b>"""
WRITTEN = "&lt;b&gt;她说：&quot;it&#x27;s &amp; so&quot;&lt;/b&gt;"


def test_text_is_escaped_wherever_it_is_put():
    assert join([SAID]) == rows([SAID]) == lines(SAID) == WRITTEN
    assert tag("p", SAID, title=SAID) == f'<p title="{WRITTEN}">{WRITTEN}</p>'
    assert Html("<i>") + SAID == f"<i>{WRITTEN}"


def test_html_is_taken_as_it_stands():
    whole = tag("p", lines("一\n二"), tag("br"))
    assert whole == "<p>一<br>二<br></p>" and join([whole, whole]) == whole * 2
    assert rows([whole, "<"]) == f"{whole}<br>&lt;"


def test_in_an_attribute_even_html_is_text():
    assert tag("img", alt=Html("<i>")) == '<img alt="&lt;i&gt;">'


def test_a_plugin_gets_plain_text_that_escapes_nothing():
    document = specimen([MemoryPicture("red"), MemoryPicture("green"), MemoryPicture("blue")])
    assert type(body(document, VariantText(), Manner()).html) is str


def test_an_address_that_is_put_in_for_a_picture_stays_inside_its_attribute():
    html = tag("img", src=f"asset:{'0a' * 32}", alt="灯")
    assert fill(html, lambda sha256: f'https://p.example/?of={sha256}&"onerror="') == (
        f'<img src="https://p.example/?of={"0a" * 32}&amp;&quot;onerror=&quot;" alt="灯">'
    )
