"""From a file by the real import to the Document, completed as an editor would complete it."""

from pathlib import Path

from cms.document.build import build
from cms.document.model import Block, Document
from cms.ingest import Imported, import_with_warnings


def import_path(cast, path: Path, kind: str = "policy") -> Imported:
    with path.open("rb") as file:
        return import_with_warnings(file, path.name, kind=kind, section=cast.section, user=cast.editor)


def document_of(imported: Imported) -> Document:
    """Build the newest revision, after somebody has said what each picture shows and who made it."""
    page = imported.page.get_latest_revision().as_object()
    for block in getattr(page, "original" if page.kind == "policy" else "body"):
        if block.block_type == "image":
            block.value["alt"], block.value["credit"] = "一张照片", "岭南省妇联"
    return build(page.save_revision(clean=False).as_object()).document


def outline(document: Document) -> list[str]:
    """Return a line for each block in reading order; pictures are numbered by their bytes."""
    pictures: dict[str, int] = {}
    return [_line(block, pictures) for block in document.blocks()]


def _line(block: Block, pictures: dict[str, int]) -> str:
    if block.type == "clause":
        return f"{block.level} {block.number} {words(block)}"
    if block.type == "paragraph":
        return words(block) if block.align == "left" else f"{block.align}: {words(block)}"
    if block.type == "heading":
        return f"{'#' * block.level} {block.text}"
    if block.type == "image":
        return f"picture {pictures.setdefault(block.asset, len(pictures) + 1)}"
    if block.type == "list":
        sign = "1." if block.ordered else "-"
        return " / ".join(f"{'  ' * item.level}{sign} {words(item)}" for item in block.items)
    return f"> {block.text}" if block.type == "quote" else block.type


def words(block) -> str:
    return "".join(span.text for span in block.spans)


def grid(table) -> list[list[str]]:
    """Return the cells row by row: the text, and what it spans where that is more than its place."""
    return [[_cell(cell) for cell in row] for row in table.rows]


def _cell(cell) -> str:
    spans = f" {cell.colspan}x{cell.rowspan}" if (cell.colspan, cell.rowspan) != (1, 1) else ""
    return f"{cell.text}{spans}"
