"""A file that is not taken gets one sentence in Chinese, and leaves nothing behind."""

import re
import tempfile
from io import BytesIO

import pytest
from django.db import OperationalError, connection
from django.urls import reverse
from django.utils import translation
from wagtail.images import get_image_model
from wagtail.models import Page

from cms.articles import Story
from cms.ingest import Refused, import_file
from tests.cms.ingest import documents, hostile

pytestmark = pytest.mark.django_db

# What the sentence says, and who gets it.
SAYS = (
    ("文件已损坏", hostile.BROKEN),
    ("密码", hostile.LOCKED),
    ("宏", hostile.ARMED),
    ("体积异常", hostile.SWOLLEN),
    ("非 Word 生成", hostile.TRICKS),
    ("嵌套层级过深", hostile.NESTED_PAGES),
    ("单元格过多", hostile.LARGE_TABLES),
    ("像素过大", hostile.BOMBS),
    ("图片已损坏或不是图片", hostile.BROKEN_PICTURES),
    ("图片大于 20", hostile.LARGE_PICTURES),
    ("不支持旧版 Word 文件", hostile.OLD),
    ("不支持 WPS 文件", hostile.WPS),
    ("不支持 PDF 文件", hostile.PDF),
    ("文件是空的", hostile.EMPTY),
    ("没有文字", hostile.WORDLESS),
    ("压缩包", hostile.ARCHIVES),
    ("不支持这种文件", hostile.OTHERS),
    ("文字编码", hostile.UNKNOWN),
)
CASES = [
    pytest.param(says, name, make, id=case) for says, cases in SAYS for case, (name, make) in cases.items()
]


@pytest.fixture
def nothing_left(media, tmp_path, monkeypatch):
    """Give temporary files a place of their own, and say what an import left anywhere."""
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    pages = set(Page.objects.values_list("pk", flat=True))

    def check() -> None:
        assert set(Page.objects.values_list("pk", flat=True)) == pages
        assert not get_image_model().objects.exists()
        assert [path for path in media.rglob("*") if path.is_file()] == []
        assert list(place.iterdir()) == []

    return check


def refused(file, name, cast) -> str:
    with pytest.raises(Refused) as error:
        import_file(file, name, kind="policy", section=cast.section, user=cast.editor)
    return error.value.sentence


def is_a_sentence(text: str) -> bool:
    """Chinese, closed, short, and without English but for names of formats."""
    bare = re.sub(r"\.(?:docx|doc|wps|txt|md|html)\b|Word|WPS|PDF|UTF-8|MB", "", text)
    return (
        text.endswith("。") and len(text) < 60 and "\n" not in text and not re.search("[a-z]{2}", bare, re.I)
    )


@pytest.mark.parametrize(("says", "name", "make"), CASES)
def test_what_is_not_taken_gets_one_sentence_and_leaves_nothing(says, name, make, cast, nothing_left):
    sentence = refused(BytesIO(make()), name, cast)
    assert says in sentence
    assert is_a_sentence(sentence)
    nothing_left()


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("a.txt", lambda: "夜校的灯" * 150_000),
        ("a.md", lambda: "[" * 3_000_000),
        ("a.html", lambda: "<br>" * 900_000),
    ],
)
def test_a_book_is_no_article(name, make, cast, nothing_left):
    with translation.override("en"):
        sentence = refused(BytesIO(make().encode()), name, cast)
    assert sentence == "The text is too long for one article. Divide it and import the parts."
    nothing_left()


@pytest.mark.parametrize("name", ["a.docx", "a.txt", "a.html", "a.doc"])
def test_a_file_of_200_megabytes_is_refused_before_it_is_read(name, cast, tmp_path, nothing_left):
    path = tmp_path / name
    hostile.sparse(path, 200 * 1024 * 1024)
    with path.open("rb") as file:
        sentence = refused(file, name, cast)
    assert "大于 100" in sentence and is_a_sentence(sentence)
    nothing_left()


@pytest.mark.parametrize("last", ["cms_policyinterpretation", "wagtailcore_revision"])
def test_a_database_that_fails_at_the_end_leaves_nothing_either(last, cast, tmp_path, nothing_left):
    documents.illustrated(tmp_path / "a.docx")

    def fail(execute, sql, *arguments):
        if sql.startswith(f'INSERT INTO "{last}"'):
            raise OperationalError("disk full")
        return execute(sql, *arguments)

    failing = connection.execute_wrapper(fail)
    with (tmp_path / "a.docx").open("rb") as file, failing, pytest.raises(OperationalError):
        import_file(file, "a.docx", kind="policy", section=cast.section, user=cast.editor)
    nothing_left()


def test_what_is_taken_leaves_no_temporary_file(cast, tmp_path, nothing_left):
    documents.illustrated(tmp_path / "a.docx")
    with (tmp_path / "a.docx").open("rb") as file:
        import_file(file, "a.docx", kind="policy", section=cast.section, user=cast.editor).delete()
    get_image_model().objects.all().delete()
    for path in (tmp_path / "media").rglob("*.jpg"):
        path.unlink()
    nothing_left()


def test_an_upload_of_200_megabytes_is_refused_at_the_desk_and_leaves_nothing(
    client, cast, tmp_path, nothing_left
):
    path = tmp_path / "a.docx"
    hostile.sparse(path, 200 * 1024 * 1024)
    client.force_login(cast.editor)
    with path.open("rb") as file:
        response = client.post(
            reverse("hub_import"), {"file": file, "kind": "policy", "section": cast.section.pk}
        )
    [sentence] = response.context["form"].errors["file"]
    assert "大于 100" in sentence and is_a_sentence(sentence)
    nothing_left()


def test_an_archive_renamed_to_text_is_read_as_what_it_is(cast):
    page = import_file(
        BytesIO(hostile.word("夜校的灯")), "a.txt", kind="story", section=cast.section, user=cast.editor
    )
    assert (type(page), page.title) == (Story, "夜校的灯")
