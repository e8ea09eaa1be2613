"""One function per block of the Document; ``BLOCKS`` says which."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from cms.document.model import (
    Attachment,
    Callout,
    Cell,
    Clause,
    Contact,
    Gallery,
    Heading,
    Image,
    ItemList,
    ListItem,
    Paragraph,
    QuestionAnswer,
    Quote,
    Related,
    Table,
    Video,
)
from cms.document.phone import is_wider_than_a_phone
from publishers.rendering.markup import Html, join, lines, rows
from publishers.rendering.writer import Writer

#: A table wider than a phone keeps this width per column and scrolls sideways …
COLUMN_EM = 6
#: … unless it is a plain list under one row of headers, of at most so many rows: then each row is a record.
RECORDS = 12


def paragraph(writer: Writer, block: Paragraph) -> Html:
    align = "" if block.align == "left" else f"text-align:{block.align}"
    return writer.paragraph("paragraph", writer.spans(block.spans), style=align)


def heading(writer: Writer, block: Heading) -> Html:
    return writer.heading(block.level, block.text)


def image(writer: Writer, block: Image) -> Html:
    caption = " ".join(part for part in (block.caption, block.credit and f"图：{block.credit}") if part)
    return writer.group(
        "figure",
        writer.picture(block.asset, block.alt),
        writer.paragraph("caption", caption) if caption else "",
    )


def gallery(writer: Writer, block: Gallery) -> Html:
    return join(image(writer, each) for each in block.images)


def quote(writer: Writer, block: Quote) -> Html:
    attribution = writer.paragraph("attribution", f"——{block.attribution}") if block.attribution else ""
    return writer.element("blockquote", "quote", writer.paragraph("inner", lines(block.text)), attribution)


def item_list(writer: Writer, block: ItemList) -> Html:
    return _listed(writer, block.items, "ol" if block.ordered else "ul")


def _listed(writer: Writer, items: Sequence[ListItem], name: str, role: str = "list") -> Html:
    """Return ``items`` as a list; what is deeper than the first becomes a list inside the item before it."""
    level = items[0].level if items else 0
    entries: list[tuple[ListItem, list[ListItem]]] = []
    for item in items:
        if item.level <= level or not entries:
            entries.append((item, []))
        else:
            entries[-1][1].append(item)
    return writer.element(
        name,
        role,
        *(
            writer.element(
                "li",
                "item",
                writer.spans(item.spans),
                _listed(writer, below, name, "sublist") if below else "",
            )
            for item, below in entries
        ),
    )


def table(writer: Writer, block: Table) -> Html:
    caption = writer.paragraph("table-caption", block.caption) if block.caption else ""
    wide = is_wider_than_a_phone(block)
    if wide and _is_list(block):
        head, *body = block.rows
        return writer.group("table-box", caption, *(_record(writer, head, row) for row in body))
    columns = max((sum(cell.colspan for cell in row) for row in block.rows), default=0)
    width = f"min-width:{columns * COLUMN_EM}em" if wide else ""
    trs = (writer.element("tr", "row", *(_cell(writer, cell) for cell in row)) for row in block.rows)
    grid = writer.element("table", "table", writer.element("tbody", "rows", *trs), style=width)
    return writer.group("table-box", caption, grid, style="overflow-x:auto" if wide else "")


def _is_list(block: Table) -> bool:
    """Whether each row below the first can be read alone, each cell with the header above it."""
    head, *body = block.rows
    cells = [cell for row in block.rows for cell in row]
    return (
        all(cell.header for cell in head)
        and 0 < len(body) <= RECORDS
        and all(len(row) == len(head) for row in body)
        and all(cell.colspan == cell.rowspan == 1 for cell in cells)
    )


def _record(writer: Writer, head: Sequence[Cell], row: Sequence[Cell]) -> Html:
    first, *others = (
        join([f"{term.text}：" if term.text else "", lines(cell.text)])
        for term, cell in zip(head, row, strict=True)
    )
    return writer.paragraph("record", rows([writer.element("strong", "", first), *others]))


def _cell(writer: Writer, cell: Cell) -> Html:
    return writer.element(
        "th" if cell.header else "td",
        "head" if cell.header else "cell",
        lines(cell.text),
        colspan=cell.colspan if cell.colspan > 1 else None,
        rowspan=cell.rowspan if cell.rowspan > 1 else None,
        style="" if cell.align == "left" else f"text-align:{cell.align}",
    )


def callout(writer: Writer, block: Callout) -> Html:
    title = (
        writer.paragraph("callout-title", writer.element("strong", "", block.title)) if block.title else ""
    )
    return writer.group("callout", title, writer.paragraph("inner", lines(block.text)))


def question(writer: Writer, block: QuestionAnswer) -> Html:
    asked = writer.paragraph("question", writer.element("strong", "", f"问：{block.question}"))
    return writer.group("qa", asked, *_answer(writer, block.answer))


def _answer(writer: Writer, answer: Sequence[Paragraph]) -> Iterator[Html]:
    for at, each in enumerate(answer):
        yield writer.paragraph("paragraph", "答：" if at == 0 else "", writer.spans(each.spans))


def clause(writer: Writer, block: Clause) -> Html:
    text = join([block.number, "" if block.number[-1:] in "、）." else " ", writer.spans(block.spans)])
    # 一、 and （一） head the clauses below them in Chinese official documents.
    if block.level == 1:
        text = writer.element("strong", "", text)
    return writer.paragraph(f"clause-{block.level}", text)


def attachment(writer: Writer, block: Attachment) -> Html:
    return writer.paragraph("pointer", f"附件：{block.title}（{block.filename}，请在原文页面下载）")


def video(writer: Writer, block: Video) -> Html:
    return writer.paragraph("video", f"视频：{block.title}", writer.note(block.url))


def related(writer: Writer, block: Related) -> Html:
    return writer.paragraph("pointer", f"相关阅读：{block.title}")


def contact(writer: Writer, block: Contact) -> Html:
    known = (("电话", block.hotline), ("地址", block.address), ("时间", block.hours))
    told = (join([f"{label}：", lines(value)]) for label, value in known if value)
    name = writer.element("strong", "", block.name)
    return writer.group("contact", writer.paragraph("inner", rows([name, *told])))


#: Any: each takes the block of its own type.
BLOCKS: dict[str, Callable[[Writer, Any], Html]] = {
    "paragraph": paragraph,
    "heading": heading,
    "image": image,
    "gallery": gallery,
    "quote": quote,
    "list": item_list,
    "table": table,
    "callout": callout,
    "qa": question,
    "clause": clause,
    "attachment": attachment,
    "video": video,
    "related": related,
    "contact": contact,
}
