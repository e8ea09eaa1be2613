"""The relationships of a Word file: which part names which."""

import posixpath

from docx.opc.constants import RELATIONSHIP_TARGET_MODE as MODE
from docx.oxml import parse_xml
from lxml import etree


def without_dead_ends(rels: bytes, name: str, parts: set[str]) -> bytes:
    """Return a .rels part without the relationships that lead to no part of the file.

    Office programs leave them behind (``NULL``, ``#bookmark``) and read over them; python-docx does not.
    """
    root = parse_xml(rels)
    folder = posixpath.dirname(posixpath.dirname(name))
    for relation in list(root):
        target = posixpath.normpath(posixpath.join("/", folder, relation.get("Target", "")))
        if relation.get("TargetMode") != MODE.EXTERNAL and target.lstrip("/") not in parts:
            root.remove(relation)
    return etree.tostring(root, encoding="UTF-8", standalone=True)
