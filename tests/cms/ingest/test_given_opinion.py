"""The opinion that the project was given, where it is there."""

from collections import Counter
from pathlib import Path

import pytest

from cms.document.model import Clause
from cms.ingest import import_file
from cms.ingest.anatomy import draft
from cms.ingest.pictures import Pictures
from cms.ingest.reading import read_manuscript

OPINION = Path(__file__).parents[4] / "shared" / "inputs" / "implementation-opinion.zh.txt"
pytestmark = pytest.mark.skipif(not OPINION.is_file(), reason="shared/inputs is not beside this checkout")


def read_opinion():
    with OPINION.open("rb") as file, Pictures() as pictures:
        return draft(read_manuscript(file, OPINION.name, pictures), "policy", OPINION.name)


def test_title_and_addressee_are_found_and_nothing_is_invented():
    found = read_opinion()
    assert found.title == "关于加强“网上妇女之家”建设的实施意见"
    assert found.addressee == "各地级以上市妇联"
    assert (found.document_number, found.issuing_body, found.issued_on) == ("", "", None)
    assert found.warnings == []


def test_the_five_parts_and_the_clauses_below_them_are_right():
    clauses = [block for block in read_opinion().blocks if isinstance(block, Clause)]
    parts = [clause.number + clause.spans[0].text for clause in clauses if clause.level == 1]
    assert parts == ["一、指导思想", "二、主要目标", "三、基本原则", "四、具体措施", "五、工作要求"]
    below = [(clause.number, clause.spans[0].text.split("。")[0]) for clause in clauses if clause.level == 2]
    assert below == [
        ("（一）", "坚持恪守党性原则"),
        ("（二）", "坚持正确舆论导向"),
        ("（三）", "坚持以用户为中心"),
        ("（四）", "坚持互联网思维"),
        ("（一）", "成立一个机构"),
        ("（二）", "打造两个阵地"),
        ("（三）", "建立三支队伍"),
        ("（四）", "推动四个融合"),
        ("（五）", "健全五个机制"),
    ]


def test_not_a_word_is_lost():
    given = "".join(OPINION.read_text("utf-8").split())
    found = read_opinion()
    kept = [found.title, found.addressee, "："]
    for block in found.blocks:
        kept += [getattr(block, "number", ""), *(span.text for span in block.spans)]
    assert Counter(given) == Counter("".join("".join(kept).split()))


@pytest.mark.django_db
def test_the_opinion_becomes_a_policy_with_its_text_by_clause(cast):
    with OPINION.open("rb") as file:
        page = import_file(file, OPINION.name, kind="policy", section=cast.section, user=cast.editor)
    page = page.get_latest_revision().as_object()
    kinds = Counter(block.block_type for block in page.original)
    assert kinds["clause"] == 14
    assert not page.live and not page.body
    assert page.latest_revision.user == cast.editor
