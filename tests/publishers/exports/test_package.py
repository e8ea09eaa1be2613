"""The export package: opened and read as a person would, and held against what was signed."""

import dataclasses
import hashlib
import io
import json
import re
import zipfile
from html.parser import HTMLParser

import docx
import PIL.Image
import pytest
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.db import transaction

from cms.document.model import Asset
from cms.media import blobs
from cms.models import Release
from cms.refusals import Refused
from publishers import accounts, engine, registry
from publishers.distribution import cancel
from publishers.engine import removing
from publishers.engine.pictures import EnginePicture
from publishers.exports import package
from publishers.exports.package import plain
from publishers.exports.package.reading import Table, Text, blocks
from publishers.manual import handing
from publishers.models import Delivery, DeliveryItem, Phase
from publishers.people.permissions import OPERATOR
from publishers.testing.documents import ATTACHMENT, HARM, hostile, specimen
from publishers.testing.server import pictures_of, text_of
from tests.factories import picture_bytes
from tests.publishers.engine.cast import make_due, send, signed_release
from tests.publishers.engine.conftest import ground, office
from tests.triggers import lifted

__all__ = ["ground", "office"]
pytestmark = pytest.mark.django_db(transaction=True)
OUTSIDE = re.compile(r"https?:")


@pytest.fixture
def account(office):
    return accounts.add(
        office=office, platform="netease", name="岭南女声", credentials={}, transport="manual", by=OPERATOR
    )


def stored(size, colour="#8a3b2e", kind="JPEG") -> EnginePicture:
    return kept(picture_bytes(size, colour, kind), f"x.{kind.lower()}")


def kept(content, name) -> EnginePicture:
    blob = blobs.store(ContentFile(content, name=name))
    facts = Asset(mime=blob.mime, size=blob.size, width=blob.width, height=blob.height)
    return EnginePicture(blob.sha256, facts)


@pytest.fixture
def pictures():
    """A cover whose right half is green, a picture that is wider than the platform takes, and a GIF."""
    cover = PIL.Image.new("RGB", (3000, 1000), "red")
    cover.paste("green", (1500, 0, 3000, 1000))
    written = io.BytesIO()
    cover.save(written, "PNG")
    return [kept(written.getvalue(), "cover.png"), stored((4000, 3000)), stored((300, 200), kind="GIF")]


def handed_over(account, *documents):
    releases = [signed_release(page, document=document) for page, document in enumerate(documents, start=7)]
    delivery = send(*releases, account=account)
    assert engine.run(delivery.pk) == Phase.ATTENTION
    delivery.refresh_from_db()
    return delivery


def opened(delivery) -> zipfile.ZipFile:
    file = io.BytesIO()
    package.write(delivery, file)
    return zipfile.ZipFile(file)


def shown(delivery):
    """Return title and HTML as they were signed and stored for the delivery."""
    [each] = handing.handed(delivery)
    return each.payload


def named(zipped: zipfile.ZipFile, stem: str) -> str:
    """Return the picture's name; whether it is a JPEG or a PNG, its content decides."""
    [name] = [name for name in zipped.namelist() if name.startswith(f"images/{stem}.")]
    return name


def picture(zipped: zipfile.ZipFile, stem: str) -> PIL.Image.Image:
    return PIL.Image.open(io.BytesIO(zipped.read(named(zipped, stem))))


def squeezed(text: str) -> str:
    return "".join(text.split())


# --- what is in it ----------------------------------------------------------------------------------------


def test_everything_is_there_and_meta_names_every_file_by_its_hash(account, pictures):
    delivery = handed_over(account, specimen(pictures))
    zipped = opened(delivery)
    meta = json.loads(zipped.read("meta.json"))
    assert set(zipped.namelist()) == {"meta.json", *meta["files"]}
    for name, sha256 in meta["files"].items():
        assert hashlib.sha256(zipped.read(name)).hexdigest() == sha256
    assert {"article.html", "article.txt", "article.docx", named(zipped, "cover-900x600")} <= set(
        meta["files"]
    )
    [article], release = meta["articles"], delivery.items.get().release
    assert article["release"] == {"id": str(release.pk), "number": 1, "sha256": release.sha256}
    assert article["title"] == "家庭教育促进办法解读" and article["author"] == "林晓岚"
    assert article["source"] == "南粤女声" and "/r/" in article["source_link"]
    assert (meta["platform"], meta["account"]) == ("netease", "岭南女声") and meta["deadline_at"]


class _Loaded(HTMLParser):
    """What a browser would load or run."""

    def __init__(self):
        super().__init__()
        self.addresses: list[str] = []
        self.runs: list[str] = []

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.addresses += [given[name] for name in ("src", "srcset", "data") if given.get(name)]
        self.runs += [tag] if tag in ("script", "iframe", "object", "embed", "form") else []
        self.runs += [name for name in given if name.startswith("on")]
        self.runs += [value for value in given.values() if value and value.startswith("javascript:")]


def test_the_page_opens_alone_with_the_text_that_was_signed(account, pictures):
    delivery = handed_over(account, specimen(pictures))
    zipped, payload = opened(delivery), shown(delivery)
    page = zipped.read("article.html").decode()
    loaded = _Loaded()
    loaded.feed(page)
    assert loaded.addresses and all(address in zipped.namelist() for address in loaded.addresses)
    assert not loaded.runs
    assert text_of(payload["html"]) in text_of(page)
    assert len(pictures_of(payload["html"])) == 2 == len([a for a in loaded.addresses if "cover" not in a])


def test_the_text_file_says_all_that_was_signed_and_where_pictures_stand(account, pictures):
    delivery = handed_over(account, specimen(pictures))
    zipped = opened(delivery)
    text = zipped.read("article.txt").decode()
    squeezed_text = squeezed(re.sub(r"【图：.*?】", "", text))
    assert "家庭教育促进办法解读" in text and "1. 带上户口本\n  1. 复印件也可以\n2. 提前十分钟到" in text
    for word in (
        "时间\t地点",
        "周六上午\t云山市\t3",
        "榕溪县\t5",
        f"【图：{named(zipped, '01')}，教室里的家长】",
        "阅读原文：",
    ):
        assert word in text
    body = re.sub(r"\d+\.|·", "", text_of(shown(delivery)["html"]))
    assert body == re.sub(r"\d+\.|·", "", squeezed(plain.body(blocks(shown(delivery)["html"]))))
    assert squeezed("办法自五月一日起施行，家长可以免费预约指导。") in squeezed_text


def test_the_word_file_has_headings_lists_tables_pictures_and_the_notes_of_links(account, pictures):
    delivery = handed_over(account, specimen(pictures))
    word = docx.Document(io.BytesIO(opened(delivery).read("article.docx")))
    styles = {paragraph.text: paragraph.style.name for paragraph in word.paragraphs}
    assert styles["家庭教育促进办法解读"] == "Title" and styles["要点"].startswith("Heading")
    assert styles["带上户口本"] == "List Number" and styles["复印件也可以"] == "List Number 2"
    assert len(word.inline_shapes) == 2 and word.paragraphs[0].runs
    [table] = word.tables
    assert [cell.text for cell in table.rows[0].cells] == ["时间", "地点", "地点"]
    assert [row.cells[0].text for row in table.rows] == ["时间", "周六上午", "周六上午"]
    bold = [run.text for paragraph in word.paragraphs for run in paragraph.runs if run.bold]
    assert "免费" in bold
    assert any("https://booking.example/?a=1&b=2" in paragraph.text for paragraph in word.paragraphs)


def test_two_ordered_lists_both_begin_at_one():
    word_of = package.word.article
    read = blocks("<ol><li>一</li><li>二</li></ol><p>间</p><ol><li>三</li></ol>")
    payload = {"title": "题", "digest": "", "author": "", "source_url": "x"}
    word = docx.Document(io.BytesIO(word_of(payload, read, {})))
    numbers = [p._p.pPr.numPr.numId.val for p in word.paragraphs if p.style.name == "List Number"]
    assert numbers[0] == numbers[1] != numbers[2]
    assert plain.body(read) == "1. 一\n2. 二\n\n间\n\n1. 三"


def test_pictures_have_the_platforms_sizes_and_the_cover_keeps_its_focal_point(account, pictures):
    rules = registry.get("netease").platform.pictures
    zipped = opened(handed_over(account, specimen(pictures)))
    cover = picture(zipped, "cover-900x600").convert("RGB")
    assert cover.width / cover.height == pytest.approx(1.5, abs=0.01)
    red, green, _blue = cover.getpixel((cover.width * 3 // 4, cover.height // 2))
    assert green > 100 > red  # the focal point lies in the right half
    assert picture(zipped, "01").width == rules.max_width
    assert len(zipped.read(named(zipped, "01"))) <= rules.max_bytes
    assert named(zipped, "02") == "images/02.gif" and picture(zipped, "02").format == "GIF"


@pytest.mark.parametrize("rule", [{"max_bytes": 30_000}, {"mimes": ("image/jpeg", "image/png")}], ids=str)
def test_a_gif_that_the_platform_does_not_take_is_handed_out_as_a_still_that_it_takes(
    account, pictures, monkeypatch, rule
):
    netease, written = registry.get("netease", "manual"), io.BytesIO()
    rules = dataclasses.replace(netease.platform.pictures, **rule)
    monkeypatch.setattr(netease, "platform", dataclasses.replace(netease.platform, pictures=rules))
    PIL.Image.effect_noise((300, 200), 90).save(written, "GIF")
    large = kept(written.getvalue(), "x.gif")
    assert len(large.read()) > 30_000
    zipped = opened(handed_over(account, specimen([*pictures[:2], large])))
    assert picture(zipped, "02").format in ("JPEG", "PNG")
    assert len(zipped.read(named(zipped, "02"))) <= rules.max_bytes


def test_an_edition_is_one_package_with_a_folder_for_each_article(office, pictures):
    account = accounts.add(
        office=office, platform="wechat", name="岭南女声", credentials={}, transport="manual", by=OPERATOR
    )
    zipped = opened(handed_over(account, specimen(pictures, "第一讲"), specimen(pictures, "第二讲")))
    meta = json.loads(zipped.read("meta.json"))
    assert [(each["folder"], each["title"]) for each in meta["articles"]] == [
        ("01/", "第一讲"),
        ("02/", "第二讲"),
    ]
    assert "第二讲" in zipped.read("02/article.html").decode()


# --- what means harm --------------------------------------------------------------------------------------


def test_hostile_texts_are_text_in_every_file(account, pictures):
    document = hostile(pictures)
    # What is signed is read through the Document's own checks, which the address of a script does not pass.
    sections = (document.sections[0].model_copy(update={"blocks": document.sections[0].blocks[:-1]}),)
    delivery = handed_over(account, document.model_copy(update={"sections": sections, "byline": HARM[:60]}))
    zipped = opened(delivery)
    loaded = _Loaded()
    loaded.feed(zipped.read("article.html").decode())
    assert not loaded.runs and all(address in zipped.namelist() for address in loaded.addresses)
    assert HARM in zipped.read("article.txt").decode()
    word = docx.Document(io.BytesIO(zipped.read("article.docx")))
    assert any(HARM in paragraph.text for paragraph in word.paragraphs)


@pytest.mark.parametrize(
    "title",
    ["../../etc/passwd", 'a/b\\c:d*e?"<f>|g', "\u202egnp.exe", "题" * 300, "...", "", "题\r\nX-Injected: 1"],
)
def test_a_title_never_makes_a_dangerous_name(title, account, pictures):
    delivery = handed_over(account, specimen(pictures))
    name = package.file_name(delivery, title)
    assert re.fullmatch(r"[^\\/:*?\"<>|\s\x00-\x1f\u202e.]+\.zip", name) and len(name) < 60
    assert str(delivery.pk)[:8] in name


def test_markup_that_no_renderer_writes_is_read_without_an_error():
    read = blocks(
        "<p>甲<script>x</script><!-- y -->乙\x00</p>x"
        "<table><tr><td colspan=999999>丙<td rowspan=-1>丁</table>"
        '<ul><li><p>戊</p><ul><li>己</ul></ul><a href="https://a.example/">庚</a>'
    )
    texts = [block.text for block in read if isinstance(block, Text)]
    assert texts == ["甲乙", "x", "戊", "己", "庚（https://a.example/）"]
    [table] = [block for block in read if isinstance(block, Table)]
    assert [(cell.text, cell.colspan, cell.rowspan) for cell in table.rows[0]] == [
        ("丙", 100, 1),
        ("丁", 1, 1),
    ]
    assert blocks("") == []


# --- what it is not made of -------------------------------------------------------------------------------


def test_a_payload_that_the_hub_did_not_store_is_not_packed(account, pictures):
    delivery = handed_over(account, specimen(pictures))
    DeliveryItem.objects.update(payload=b'{"title":"x"}')
    with pytest.raises(Refused):
        opened(delivery)


def test_before_it_is_due_and_after_it_is_withdrawn_there_is_nothing_to_pack(account, pictures):
    delivery = send(signed_release(7, document=specimen(pictures)), account=account)
    with pytest.raises(Refused):
        opened(delivery)
    make_due(delivery)
    engine.run(delivery.pk)
    with transaction.atomic():
        removing.ask([item.pk for item in delivery.items.all()], [delivery.pk])
    with pytest.raises(Refused):
        opened(delivery)


def test_the_command_writes_it_and_never_over_another_file(account, pictures, tmp_path):
    delivery, file = handed_over(account, specimen(pictures)), tmp_path / "p.zip"
    call_command("package", str(delivery.pk), output=str(file))
    assert zipfile.ZipFile(file).testzip() is None
    with pytest.raises(CommandError):
        call_command("package", str(delivery.pk), output=str(file))
    with transaction.atomic():
        removing.ask([item.pk for item in delivery.items.all()], [delivery.pk])
    with pytest.raises(CommandError):
        call_command("package", str(delivery.pk), output=str(tmp_path / "q.zip"))
    assert not (tmp_path / "q.zip").exists()


def test_the_command_writes_nothing_of_a_text_that_was_changed(account, pictures, tmp_path):
    delivery, file = handed_over(account, specimen(pictures)), tmp_path / "p.zip"
    with lifted():
        Release.objects.update(title="改过的标题")
    with pytest.raises(CommandError):
        call_command("package", str(delivery.pk), output=str(file))
    assert not file.exists()


def test_what_is_handed_out_before_it_is_stored_is_the_same_as_what_is_stored(office, pictures):
    """In the account's theme; what another way stored is its own, and is handed to nobody."""
    account = accounts.add(
        office=office, platform="wechat", name="岭南女声", credentials={}, transport="manual", theme="coast",
        by=OPERATOR,
    )  # fmt: skip
    delivery = handed_over(account, specimen(pictures))
    stored = shown(delivery)
    Delivery.objects.update(transport="api")
    DeliveryItem.objects.update(payload=b'{"title":"x"}')
    delivery.refresh_from_db()
    assert shown(delivery) == stored


def test_nothing_of_what_was_given_up_is_handed_out(account, pictures):
    delivery = handed_over(account, specimen(pictures))
    cancel(delivery, by=OPERATOR)
    with pytest.raises(Refused):
        handing.handed(delivery)


def test_it_names_no_file_that_only_the_document_describes(account, pictures):
    meta = json.loads(opened(handed_over(account, specimen(pictures))).read("meta.json"))
    assert ATTACHMENT not in json.dumps(meta)
