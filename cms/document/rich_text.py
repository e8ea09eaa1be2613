"""Rich text as Wagtail stores it, to the Document's spans, paragraphs and lists, and back.

Only what a Span can hold is kept; the editor offers nothing else (``cms.blocks.text.INLINE``).
"""

import re
from collections.abc import Callable, Iterable, Iterator
from html import escape

from lxml import html as lxml_html
from lxml.html import HtmlElement

from cms.document.model import Align, ItemList, ListItem, Mark, Paragraph, Span, Spans

MARKS: dict[str, Mark] = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "sub": "sub",
    "sup": "sup",
}
TAGS: dict[Mark, str] = {"bold": "b", "italic": "i", "sub": "sub", "sup": "sup"}
ALIGNS: dict[str, Align] = {"align-center": "center", "align-right": "right"}
DEEPEST = 3

# Takes the attributes of an <a> and the text that it stands on; returns an address, or None for no link.
Address = Callable[[dict[str, str], str], str | None]


def blocks_of(source: str, address: Address) -> Iterator[Paragraph | ItemList]:
    """Yield what ``source`` holds in order; empty paragraphs and items are left out."""
    if not source.strip():
        return
    root = lxml_html.fragment_fromstring(source, create_parent="div")
    if loose := _trimmed(_spans([Span(text=root.text)] if root.text else [])):
        yield Paragraph(spans=loose)
    for element in root:
        if element.tag in ("ul", "ol"):
            if items := tuple(_items(element, 0, address)):
                yield ItemList(ordered=element.tag == "ol", items=items)
        elif spans := _trimmed(_spans(_runs(element, (), None, address))):
            yield Paragraph(spans=spans, align=ALIGNS.get(element.get("class", ""), "left"))


def paragraphs_of(source: str, address: Address) -> tuple[Paragraph, ...]:
    """Return the paragraphs of a rich text that offers no lists."""
    return tuple(block for block in blocks_of(source, address) if isinstance(block, Paragraph))


def _items(element: HtmlElement, level: int, address: Address) -> Iterator[ListItem]:
    for item in element.iterchildren("li"):
        if spans := _trimmed(_spans(_runs(item, (), None, address))):
            yield ListItem(spans=spans, level=min(level, DEEPEST))
        for nested in item.iterchildren("ul", "ol"):
            yield from _items(nested, level + 1, address)


def _runs(
    element: HtmlElement, marks: tuple[Mark, ...], href: str | None, address: Address
) -> Iterator[Span]:
    """Yield the element's text in runs; lists inside it are left to ``_items``."""
    if element.text:
        yield Span(text=element.text.replace("\n", " "), marks=marks, href=href)
    for child in element:
        if child.tag == "br":
            yield Span(text="\n", marks=marks, href=href)
        elif child.tag not in ("ul", "ol") and isinstance(child.tag, str):
            inner, link = marks, href
            if child.tag in MARKS:
                inner = tuple(sorted({*marks, MARKS[child.tag]}))
            elif child.tag == "a":
                link = address(dict(child.attrib), child.text_content())
            yield from _runs(child, inner, link, address)
        if child.tail:
            yield Span(text=child.tail.replace("\n", " "), marks=marks, href=href)


def _spans(runs: Iterable[Span]) -> list[Span]:
    """Join neighbours that look the same, so that one text has one form."""
    spans: list[Span] = []
    for run in runs:
        if spans and (spans[-1].marks, spans[-1].href) == (run.marks, run.href):
            spans[-1] = run.model_copy(update={"text": spans[-1].text + run.text})
        else:
            spans.append(run)
    return spans


def _trimmed(spans: list[Span]) -> Spans:
    """Leave out white space at both ends, the two ideographic spaces of an indent among it."""
    while spans and not (text := spans[0].text.lstrip()):
        spans = spans[1:]
    while spans and not spans[-1].text.rstrip():
        spans = spans[:-1]
    if not spans:
        return ()
    spans[0] = spans[0].model_copy(update={"text": text})
    spans[-1] = spans[-1].model_copy(update={"text": spans[-1].text.rstrip()})
    return tuple(spans)


def html_of(spans: Spans) -> str:
    """Return the spans as the inline HTML that Wagtail stores."""
    return "".join(_html_of_span(span) for span in spans)


def _html_of_span(span: Span) -> str:
    out = escape(span.text, quote=False).replace("\n", "<br/>")
    for mark in reversed(span.marks):
        out = f"<{TAGS[mark]}>{out}</{TAGS[mark]}>"
    return f'<a href="{escape(span.href)}">{out}</a>' if span.href else out


def paragraph_html(paragraph: Paragraph) -> str:
    align = "" if paragraph.align == "left" else f' class="align-{paragraph.align}"'
    return f"<p{align}>{html_of(paragraph.spans)}</p>"


def list_html(block: ItemList) -> str:
    """Return the list nested as HTML nests it; an item goes at most one level deeper than the one before."""
    tag = "ol" if block.ordered else "ul"
    out, depth = [f"<{tag}>"], 0
    for position, item in enumerate(block.items):
        level = min(item.level, depth + 1) if position else 0
        if level > depth:
            out.append(f"<{tag}>")
        elif position:
            out.append("</li>" + f"</{tag}></li>" * (depth - level))
        out.append(f"<li>{html_of(item.spans)}")
        depth = level
    return "".join(out) + "</li>" + f"</{tag}></li>" * depth + f"</{tag}>"


def linked_pages(source: str) -> set[int]:
    """Return the ids of the hub's own pages that stored text links to (JSON or HTML)."""
    links = re.findall(r"<a\s[^>]*linktype[^>]*>", source)
    return {int(found[1]) for link in links if (found := re.search(r'\bid=\\?"(\d+)', link))}
