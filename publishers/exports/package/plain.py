"""The article as plain text, for fields that take nothing else."""

from collections.abc import Iterator, Mapping, Sequence

from publishers.exports.package.reading import Block, Picture, Table, Text, clean
from publishers.interface import Json


def article(payload: Mapping[str, Json], blocks: Sequence[Block], images: Mapping[str, str]) -> str:
    """Return title, digest, author, body and link; ``images`` are the pictures' names by address."""
    head = [payload["title"], payload["digest"], payload["author"] and f"作者：{payload['author']}"]
    parts = [
        *(clean(part) for part in head if part),
        body(blocks, images),
        f"阅读原文：{payload['source_url']}",
    ]
    return "\n\n".join(parts) + "\n"


def body(blocks: Sequence[Block], images: Mapping[str, str] | None = None) -> str:
    """Return the body; where a picture stands, its name if ``images`` are given."""
    return "\n\n".join(filter(None, _lines(blocks, images)))


def _lines(blocks: Sequence[Block], images: Mapping[str, str] | None) -> Iterator[str]:
    together: list[str] = []
    for block in blocks:
        if isinstance(block, Text) and block.kind == "item":
            together.append(_item(block))
            continue
        yield "\n".join(together)
        together = []
        if isinstance(block, Text):
            yield block.text
        elif isinstance(block, Table):
            yield "\n".join("\t".join(cell.text.replace("\n", " ") for cell in row) for row in block.rows)
        elif images is not None:
            yield _picture(block, images)
    yield "\n".join(together)


def _item(block: Text) -> str:
    mark = "·" if block.number is None else f"{block.number}."
    return f"{'  ' * block.level}{mark} {block.text}"


def _picture(block: Picture, images: Mapping[str, str]) -> str:
    told = "，".join(part for part in (images.get(block.address, ""), block.alt) if part)
    return f"【图：{told}】" if told else ""
