"""An implementation opinion as offices write it: blanks, parts, clauses, and paragraphs that are none."""

from collections import Counter
from pathlib import Path

import pytest

from cms.document.model import Clause
from cms.ingest import import_file
from cms.ingest.anatomy import draft
from cms.ingest.pictures import Pictures
from cms.ingest.reading import read_manuscript

OPINION = Path(__file__).parent / "opinion.zh.txt"


def read_opinion():
    with OPINION.open("rb") as file, Pictures() as pictures:
        return draft(read_manuscript(file, OPINION.name, pictures), "policy", OPINION.name)


def test_title_and_addressee_are_found_and_nothing_is_invented():
    found = read_opinion()
    assert found.title == "关于推进“流动书屋进村”工作的实施意见"
    assert found.addressee == "各地级以上市妇联"
    assert (found.document_number, found.issuing_body, found.issued_on) == ("", "", None)
    assert found.warnings == []


def test_the_five_parts_and_the_clauses_below_them_are_right():
    clauses = [block for block in read_opinion().blocks if isinstance(block, Clause)]
    parts = [clause.number + clause.spans[0].text for clause in clauses if clause.level == 1]
    assert parts == ["一、指导思想", "二、主要目标", "三、基本原则", "四、具体措施", "五、工作要求"]
    below = [(clause.number, clause.spans[0].text.split("。")[0]) for clause in clauses if clause.level == 2]
    assert below == [
        ("（一）", "坚持自愿参加"),
        ("（二）", "坚持就近方便"),
        ("（三）", "坚持以读者为中心"),
        ("（四）", "坚持勤俭长久"),
        ("（一）", "成立一个小组"),
        ("（二）", "编好两份目录"),
        ("（三）", "带出三支队伍"),
        ("（四）", "推动四个结合"),
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
