"""Two versions compared: what changed is marked, and nothing around it."""

import pytest
from wagtail.admin import compare

from cms.review.comparing import diff_text

CHANGED = [
    # old, new, what is marked as deleted and as added
    ("她在村口办起了第一间阅览室。", "她在村口办起了第二间阅览室。", ["一"], ["二"]),
    ("周末开放，免费借阅。", "周末开放，凭证借阅。", ["免费"], ["凭证"]),
    ("热线电话是12338。", "热线电话是12345。", ["12338"], ["12345"]),
    ("see the Hub page", "see the hub page", ["Hub"], ["hub"]),
    ("她来了。", "她来了，带着书。", [], ["，带着书"]),
    ("有十二人参加", "有两千人参加", ["十二"], ["两千"]),
    ("甲乙丙丁", "甲戊丙己", ["乙丙丁"], ["戊丙己"]),
    ("", "新的一段", [], ["新的一段"]),
    (None, "", [], []),
]


@pytest.mark.parametrize(("old", "new", "deleted", "added"), CHANGED)
def test_only_what_changed_is_marked(old, new, deleted, added):
    changes = diff_text(old, new).changes
    assert [text for kind, text in changes if kind == "deletion"] == deleted
    assert [text for kind, text in changes if kind == "addition"] == added
    assert "".join(text for kind, text in changes if kind != "addition") == (old or "")
    assert "".join(text for kind, text in changes if kind != "deletion") == (new or "")


def test_a_text_from_outside_is_escaped():
    shown = diff_text("<b>甲</b>", "<script>乙</script>").to_html()
    assert "<script>" not in shown and "<b>" not in shown


def test_wagtails_comparisons_use_it():
    assert compare.diff_text is diff_text
