import datetime as dt
import hashlib

import pytest
from django.core.exceptions import ValidationError
from wagtail.images import get_image_model

from cms.document.build import Unbuildable, build
from cms.document.model import Focus, Paragraph, Span, VariantText, read_document
from cms.models import Topic, Variant
from tests.factories import (
    TEXT,
    make_commentary,
    make_document,
    make_event,
    make_image,
    make_policy,
    make_story,
    picture_bytes,
)

pytestmark = pytest.mark.django_db
UTC = dt.UTC


def built(page):
    """Build what the page's newest revision says, as review and sign-off do."""
    return build(page.latest_revision.as_object())


def words(block):
    return "".join(span.text for span in block.spans)


def picture(image=None, **fields):
    given = {"image": image or make_image(), "alt": "书架前的孩子", "credit": "李梅摄", "caption": ""}
    return {**given, **fields}


def body_of(page):
    return next(section.blocks for section in built(page).document.sections if section.role == "body")


def sentences(page):
    with pytest.raises(Unbuildable) as error:
        built(page)
    return error.value.sentences


def test_the_document_comes_from_the_revision_and_never_from_the_live_page(cast):
    story = make_story(cast.section, cast.editor)
    old = story.latest_revision
    story.title, story.body = "改过的题目", [("paragraph", "<p>改过的正文。</p>")]
    story.save()
    document = build(old.as_object()).document
    assert document.title == "山里的阅览室"
    assert words(document.sections[0].blocks[0]) == "她在村口办起了第一间儿童阅览室。"


def test_an_old_revision_keeps_its_variant_and_a_changed_variant_changes_the_hash(cast):
    story = make_story(cast.section, cast.editor, variants=[Variant(channel="wechat", title="旧标题")])
    old = story.latest_revision
    before = built(story).sha256
    story.variants = [Variant(channel="wechat", title="新标题")]
    story.save_revision()
    assert build(old.as_object()).variants == {"wechat": VariantText(title="旧标题")}
    assert built(story).variants["wechat"].title == "新标题"
    assert built(story).sha256 != before
    assert built(story).document.sha256() == build(old.as_object()).document.sha256()


def test_the_same_revision_always_has_the_same_hash(cast):
    story = make_story(cast.section, body=[("image", picture())])
    story.topics.set([Topic.objects.create(name="阅读"), Topic.objects.create(name="乡村")])
    story.tags.set(["乙", "甲"])
    story.save_revision()
    assert built(story).sha256 == built(story).sha256
    assert built(story).document.tags == ("乙", "甲")
    assert built(story).document.topics == tuple(sorted(("阅读", "乡村")))


def test_a_replaced_picture_file_changes_the_hash_though_its_name_stays(cast):
    image = make_image()
    story = make_story(cast.section, body=[("image", picture(image))])
    before = built(story)
    with open(image.file.path, "wb") as file:
        file.write(picture_bytes(colour="#1f5f8b"))
    after = built(story)
    assert after.sha256 != before.sha256
    asset = after.document.sections[0].blocks[0].asset
    with after.files[asset].open("rb") as file:
        assert hashlib.sha256(file.read()).hexdigest() == asset


def test_an_asset_is_described_by_its_bytes_and_not_by_what_the_database_says(cast):
    image = make_image(size=(640, 480))
    get_image_model().objects.filter(pk=image.pk).update(width=1, height=1, file_size=1)
    (asset,) = built(make_story(cast.section, body=[("image", picture(image))])).document.assets.values()
    assert (asset.mime, asset.width, asset.height) == ("image/jpeg", 640, 480)
    assert asset.size == len(picture_bytes((640, 480)))


def test_the_cover_keeps_its_focal_point_in_thousandths(cast):
    image = make_image(size=(800, 400))
    image.focal_point_x, image.focal_point_y = 600, 100
    image.focal_point_width = image.focal_point_height = 10
    image.save()
    story = make_story(cast.section, cover=image, cover_alt="书架", cover_credit="李梅摄")
    cover = built(story).document.cover
    assert (cover.focus.x, cover.focus.y, cover.credit) == (750, 250, "李梅摄")


def test_the_point_that_the_editor_set_here_goes_before_the_pictures_own(cast):
    image = make_image(size=(800, 400))
    words = {"cover_alt": "书架", "cover_credit": "李梅摄"}
    own = Variant(channel="wechat", cover=image, cover_focus="0,1000", **words)
    shared = Variant(channel="penguin", cover_focus="10,20")
    plain = Variant(channel="site")
    story = make_story(
        cast.section, cover=image, cover_focus="900,100", variants=[own, shared, plain], **words
    )
    result = built(story)
    found = {slug: variant.cover and variant.cover.focus for slug, variant in result.variants.items()}
    assert result.document.cover.focus == Focus(x=900, y=100)
    assert found == {"wechat": Focus(x=0, y=1000), "penguin": Focus(x=10, y=20), "site": None}
    assert result.variants["penguin"].cover.asset == result.document.cover.asset


def test_a_point_without_a_cover_is_no_cover(cast):
    story = make_story(cast.section, variants=[Variant(channel="wechat", cover_focus="10,20")])
    assert built(story).variants["wechat"].cover is None


@pytest.mark.parametrize("written", ["1001,0", "a,b", "1", "1,2,3", "-1,0", "1,2\n"])
def test_a_focal_point_is_two_numbers_from_0_to_1000(cast, written):
    with pytest.raises(ValidationError):
        Variant(channel="wechat", cover_focus=written).clean_fields(exclude=["page"])


def test_a_variants_own_cover_is_described_and_handed_over(cast):
    own = Variant(channel="wechat", cover=make_image(colour="#2f6b4f"), cover_alt="海报", cover_credit="本会")
    result = built(make_story(cast.section, variants=[own]))
    sha256 = result.variants["wechat"].cover.asset
    assert sha256 in result.document.assets and sha256 in result.files


@pytest.mark.parametrize("field", ["alt", "credit", "image"])
def test_a_picture_without_alt_text_or_credit_is_refused_with_a_sentence(cast, field):
    broken = {**picture(), field: None if field == "image" else " "}
    (sentence,) = sentences(make_story(cast.section, body=[*TEXT, ("image", broken)]))
    assert "2" in sentence


def test_a_gallery_and_a_cover_need_alt_text_and_credit_too(cast):
    gallery = [picture(), picture(alt="")]
    assert len(sentences(make_story(cast.section, body=[("gallery", gallery)]))) == 1
    assert len(sentences(make_story(cast.section, cover=make_image()))) == 2


def test_every_problem_has_a_sentence_of_its_own(cast):
    body = [("heading", {"level": 2, "text": ""}), ("quote", {"text": "", "attribution": ""})]
    assert len(sentences(make_story(cast.section, body=body))) == 2


def test_a_picture_whose_file_is_gone_is_named(cast):
    image = make_image(title="旧照片")
    story = make_story(cast.section, body=[("image", picture(image))])
    image.file.storage.delete(image.file.name)
    (sentence,) = sentences(story)
    assert "旧照片" in sentence


def test_an_attachment_or_a_cover_whose_file_is_gone_or_broken_is_named(cast):
    file, image = make_document(title="申请表"), make_image()
    words = {"cover_alt": "书架", "cover_credit": "李梅摄"}
    variant = Variant(channel="wechat", cover=image, **words)
    body = [*TEXT, ("attachment", {"document": file, "title": ""})]
    story = make_story(cast.section, body=body, cover=image, variants=[variant], **words)
    file.file.storage.delete(file.file.name)
    with open(image.file.path, "wb") as opened:
        opened.write(b"no picture")
    attached, *covers = sentences(story)
    assert "2" in attached and "申请表" in attached
    assert len(set(covers)) == 2, "the article's cover and the variant's are told apart"


def test_a_block_without_anything_in_it_is_left_out_and_words_have_no_outer_blanks(cast):
    body = [("gallery", []), ("table", {"data": [["", ""]]}), ("heading", {"level": 3, "text": " 小标题 "})]
    (heading,) = body_of(make_story(cast.section, body=body))
    assert (heading.level, heading.text) == (3, "小标题")


def test_a_video_needs_an_address_that_readers_can_follow(cast):
    video = ("video", {"url": "ftp://example.org/1", "title": "一盏灯"})
    (sentence,) = sentences(make_story(cast.section, body=[video]))
    assert "一盏灯" in sentence


def test_an_article_without_text_is_refused(cast):
    assert len(sentences(make_story(cast.section, body=[("paragraph", "<p> </p>")]))) == 1


def test_an_event_without_a_beginning_is_refused_and_its_times_are_in_utc(cast):
    assert len(sentences(make_event(cast.section))) == 1
    shanghai = dt.timezone(dt.timedelta(hours=8))
    event = make_event(cast.section, starts_at=dt.datetime(2026, 11, 24, 9, tzinfo=shanghai), capacity=80)
    assert built(event).document.facts.starts_at == dt.datetime(2026, 11, 24, 1, tzinfo=UTC)
    assert b'"starts_at":"2026-11-24T01:00:00Z"' in built(event).document.canonical()


def test_an_article_has_all_that_its_editor_wrote_about_it_without_outer_blanks(cast):
    fields = ("title", "subtitle", "digest", "byline", "source_name", "source_licence")
    story = make_story(cast.section, **{name: f" {name}　" for name in fields})
    document = built(story).document
    told = (document.title, document.subtitle, document.digest, document.byline)
    assert (*told, document.source.name, document.source.licence) == fields
    assert built(make_story(cast.section, source_name=" ")).document.source.name == cast.office.name


@pytest.mark.parametrize(
    ("make", "kind", "facts"),
    [
        (
            make_policy,
            "policy",
            {
                "document_number": "8号",
                "issuing_body": "省妇联",
                "addressee": "各市",
                "issued_on": dt.date(2026, 11, 1),
                "effective_on": dt.date(2026, 12, 1),
                "expires_on": dt.date(2028, 1, 1),
                "status": "amended",
            },
        ),
        (
            make_event,
            "event",
            {
                "starts_at": dt.datetime(2026, 11, 24, 1, tzinfo=UTC),
                "ends_at": dt.datetime(2026, 11, 24, 3, tzinfo=UTC),
                "place": "市民中心",
                "address": "一号",
                "audience": "女工",
                "capacity": 80,
                "signup_url": "https://example.org/1",
            },
        ),
        (make_commentary, "commentary", {"author_title": "研究员"}),
    ],
)
def test_every_kind_of_article_has_its_own_facts(cast, make, kind, facts):
    found = built(make(cast.section, **facts)).document.facts
    assert found.model_dump() == {"kind": kind, **facts}


@pytest.mark.parametrize("field", ["source_url", "signup_url"])
def test_an_address_about_the_article_is_one_that_readers_can_follow(cast, field):
    begins = dt.datetime(2026, 11, 24, 1, tzinfo=UTC)
    (sentence,) = sentences(make_event(cast.section, starts_at=begins, **{field: "ftp://example.org/1"}))
    assert "http://" in sentence


def test_parts_stand_in_reading_order_under_their_titles(cast):
    parts = ("audience", "how_to_apply", "original")
    policy = make_policy(
        cast.section,
        questions=[("qa", {"question": "谁？", "answer": "<p>居民。</p>"})],
        **dict.fromkeys(parts, TEXT),
    )
    begins = dt.datetime(2026, 11, 24, 1, tzinfo=UTC)
    event = make_event(cast.section, starts_at=begins, result=TEXT)
    titles = [[section.title for section in built(page).document.sections] for page in (policy, event)]
    assert titles == [["政策解读", "适用对象", "如何办理", "政策问答", "政策原文"], ["", "活动回顾"]]


def test_a_variant_has_all_that_was_written_for_its_channel_and_nothing_where_it_is_blank(cast):
    words = {"title": "题", "digest": "摘要", "author": "李梅"}
    own = Variant(
        channel="wechat", form="pictures", comments="open", **{k: f" {v} " for k, v in words.items()}
    )
    blank = Variant(channel="penguin", **dict.fromkeys(words, " "))
    assert built(make_story(cast.section, variants=[own, blank])).variants == {
        "wechat": VariantText(form="pictures", comments="open", **words),
        "penguin": VariantText(),
    }


def test_a_policy_has_its_facts_and_its_parts_in_reading_order(cast):
    policy = make_policy(
        cast.section,
        issuing_body="省妇联",
        issued_on=dt.date(2026, 11, 1),
        original=[("clause", {"number": "一、", "level": 1, "text": "<p>总体要求</p><p>第二段</p>"})],
        questions=[("qa", {"question": "谁能申请？", "answer": "<p>常住居民。</p>"})],
    )
    document = built(policy).document
    assert [section.role for section in document.sections] == ["explanation", "questions", "original"]
    assert (document.facts.kind, document.facts.issued_on) == ("policy", dt.date(2026, 11, 1))
    clause, rest = document.sections[2].blocks
    assert (clause.number, words(clause), words(rest)) == ("一、", "总体要求", "第二段")


def test_the_source_is_always_named(cast):
    assert built(make_story(cast.section)).document.source.name == cast.office.name
    commentary = make_commentary(cast.section, source_name="南方妇女报", source_url="https://example.org/1")
    assert built(commentary).document.source.url == "https://example.org/1"


def test_rich_text_keeps_marks_links_breaks_and_alignment_and_nothing_else(cast):
    html = (
        '<p data-block-key="a">第<b>一<i>段</i></b><br/>H<sub>2</sub>O</p><p>　　</p>'
        '<p class="align-right">二〇二六年 <a href="https://example.org/?a=1&amp;b=2">附件</a></p>'
    )
    assert body_of(make_story(cast.section, body=[("paragraph", html)])) == (
        Paragraph(
            spans=(
                Span(text="第"),
                Span(text="一", marks=("bold",)),
                Span(text="段", marks=("bold", "italic")),
                Span(text="\nH"),
                Span(text="2", marks=("sub",)),
                Span(text="O"),
            )
        ),
        Paragraph(
            align="right",
            spans=(Span(text="二〇二六年 "), Span(text="附件", href="https://example.org/?a=1&b=2")),
        ),
    )


def test_a_link_to_a_page_of_the_hub_leads_to_the_micro_site(cast, settings):
    html = f'<p>见<a linktype="page" id="{cast.section.pk}">专题</a></p>'
    (paragraph,) = body_of(make_story(cast.section, body=[("paragraph", html)]))
    assert paragraph.spans[1].href == f"{settings.PUBLIC_URL}/s/{cast.section.pk}/"


@pytest.mark.parametrize(
    "link",
    [
        'href="javascript:alert(1)"',
        'linktype="page" id="99999"',
        'href="#top"',
        'href="https://example.org/two words"',
        f'href="https://example.org/{"x" * 2000}"',
    ],
)
def test_a_link_that_readers_cannot_follow_is_refused_by_its_words(cast, link):
    (sentence,) = sentences(make_story(cast.section, body=[("paragraph", f"<p><a {link}>这里</a></p>")]))
    assert "这里" in sentence


def test_a_link_to_the_hub_is_found_in_every_part_and_block(cast, settings):
    rich = f'<p>见<a id="{cast.section.pk}" linktype="page">专题</a></p>'
    parts = {
        "how_to_apply": [("list", f"<ul><li>{rich[3:-4]}</li></ul>")],
        "questions": [("qa", {"question": "谁？", "answer": rich})],
        "original": [("clause", {"number": "一、", "level": 1, "text": rich})],
    }
    document = built(make_policy(cast.section, **parts)).document.canonical().decode()
    assert document.count(f'"href":"{settings.PUBLIC_URL}/s/{cast.section.pk}/"') == 3


def test_lists_keep_their_levels(cast):
    html = "<ul><li>一<ol><li>二<ul><li>三</li></ul></li></ol></li><li>四</li></ul>"
    (block,) = body_of(make_story(cast.section, body=[("list", html)]))
    assert [(words(item), item.level) for item in block.items] == [("一", 0), ("二", 1), ("三", 2), ("四", 0)]
    assert not block.ordered


def test_a_list_is_no_deeper_than_a_document_shows(cast):
    html = "<ul><li>深" * 6 + "</li></ul>" * 6
    (block,) = body_of(make_story(cast.section, body=[("list", html)]))
    assert [item.level for item in block.items] == [0, 1, 2, 3, 3, 3]


def test_an_attachment_is_called_as_here_or_else_as_its_file(cast):
    file = make_document(title="申请表")
    body = [("attachment", {"document": file, "title": title}) for title in ("报名用表", " ")]
    assert [block.title for block in body_of(make_story(cast.section, body=body))] == ["报名用表", "申请表"]


def test_a_built_document_is_read_again_as_it_was(cast):
    document = built(
        make_story(cast.section, body=[("attachment", {"document": make_document(), "title": ""})])
    )
    again = read_document(document.document.canonical())
    assert again == document.document
    assert again.sections[0].blocks[0].filename.endswith(".pdf")


def test_building_reads_only_and_takes_few_queries_however_many_pictures(cast, django_assert_max_num_queries):
    body = [("image", picture(make_image(title=str(n)))) for n in range(10)]
    body += [
        ("gallery", [picture(), picture()]),
        ("paragraph", f'<p><a linktype="page" id="{cast.section.pk}">x</a></p>'),
    ]
    variants = [Variant(channel=c, cover=make_image(), cover_alt="a", cover_credit="b") for c in ("a", "b")]
    page = make_story(cast.section, body=body, variants=variants).latest_revision.as_object()
    with django_assert_max_num_queries(8) as captured:
        build(page)
    assert all(query["sql"].startswith("SELECT") for query in captured.captured_queries)
