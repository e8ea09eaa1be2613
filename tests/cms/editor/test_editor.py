"""The editor over HTTP: what an author can write, save, preview and see."""

import datetime as dt
import json
import re
from io import BytesIO
from types import SimpleNamespace

import pytest
from django.core import signing
from django.core.files.images import ImageFile
from django.urls import reverse
from PIL import Image as Picture
from PIL import ImageCms
from wagtail.images import get_image_model
from wagtail.test.utils.form_data import inline_formset, nested_form_data, rich_text, streamfield

from cms import channels
from cms.articles import Commentary, EventPost, PolicyInterpretation, Story
from cms.channels import Limits
from cms.document.build import build
from cms.editor.previews import picture_url
from cms.media import blobs
from cms.models import Office, Role, SectionPage, Topic, Variant
from tests.factories import make_document, make_image, make_office, make_story, make_user
from tests.factories_release import ready_for_review

pytestmark = pytest.mark.django_db
KINDS = [Story, PolicyInterpretation, EventPost, Commentary]
STREAMS = {
    Story: ["body"],
    Commentary: ["body"],
    EventPost: ["body", "result"],
    PolicyInterpretation: ["body", "audience", "how_to_apply", "questions", "original"],
}


FACTS = {
    Commentary: {"author_title": "评论员"},
    PolicyInterpretation: {
        "document_number": "粤妇发〔2026〕8号",
        "issuing_body": "岭南省妇女联合会",
        "addressee": "各县妇联",
        "issued_on": "2026-11-01",
        "effective_on": "2026-12-01",
        "expires_on": "2029-12-31",
        "status": "not_yet",
    },
    EventPost: {
        "starts_at": "2026-12-05 09:00",
        "ends_at": "2026-12-05 11:00",
        "place": "妇女儿童活动中心",
        "address": "木棉路 16 号",
        "audience": "求职女性",
        "capacity": "36",
        "signup_url": "https://example.org/signup",
    },
}


@pytest.fixture(autouse=True)
def two_channels(monkeypatch):
    """The micro-site and one platform, each showing the title, every picture and the source link."""

    def preview(document, variant, theme=""):
        pictures = "".join(f'<img src="asset:{sha256}">' for sha256 in document.assets)
        return f'<h1>{variant.title or document.title}</h1>{theme}{pictures}<a href="source:">阅读原文</a>'

    monkeypatch.setattr(channels, "_channels", {})
    for slug, name in (("wechat", "微信公众号"), ("site", "微网站")):
        limits = Limits(title_chars=32 if slug == "wechat" else None)
        channels.register(
            SimpleNamespace(
                slug=slug,
                name=name,
                limits=limits,
                covers=((16, 9),),
                themes={"red": "木棉"} if slug == "wechat" else {},
                count=len,
                preview=preview,
                body_length=lambda document, variant: 0,
            )
        )


@pytest.fixture
def editor(cast, client):
    client.force_login(cast.editor)
    return client


def form(model, **given):
    """Return what the browser posts for a new page of this kind."""
    streams = {name: streamfield([]) for name in STREAMS[model]}
    fields = {
        "title": "标题",
        "status": "in_force",
        "variants": inline_formset([]),
        "comments": inline_formset([]),
        **streams,
    }
    return nested_form_data({**fields, **given})


def paragraph(text="她在村口办起了阅览室。"):
    return streamfield([("paragraph", rich_text(f"<p>{text}</p>"))])


def create(client, section, model, **given):
    url = reverse("wagtailadmin_pages:add", args=["cms", model._meta.model_name, section.pk])
    return client.post(url, form(model, **given))


def newest(model):
    return model.objects.order_by("pk").last().latest_revision.as_object()


@pytest.mark.parametrize("model", KINDS)
def test_an_author_writes_each_kind_in_the_admin(editor, cast, model):
    given = {"starts_at": "2026-12-05 09:00"} if model is EventPost else {}
    response = create(editor, cast.section, model, body=paragraph(), **given)
    assert response.status_code == 302, response.context["form"].errors
    page = newest(model)
    assert not page.live
    assert build(page).document.kind == model.kind


def test_every_block_can_be_typed_in_the_editor_and_reaches_the_document(editor, cast):
    image, other = make_image(), make_story(cast.section)
    picture = {"image": image.pk, "alt": "书架", "credit": "李梅摄", "caption": ""}
    table = {"data": [["项目", "金额"], ["租金", None]], "mergeCells": [], "table_header_choice": "row"}
    body = streamfield(
        [
            ("paragraph", rich_text('<p class="align-right">二〇二六年</p>', features=["align-right"])),
            ("heading", {"level": "3", "text": "小标题"}),
            ("list", rich_text("<ol><li>一</li></ol>", features=["ol"])),
            ("quote", {"text": "书到了", "attribution": ""}),
            ("table", json.dumps(table)),
            ("callout", {"title": "", "text": "提示"}),
            ("image", picture),
            ("gallery", streamfield([("", picture)])),
            ("video", {"url": "https://example.org/v", "title": "短片"}),
            ("attachment", {"document": make_document().pk, "title": ""}),
            ("related", {"page": other.pk, "title": "另一篇"}),
            ("qa", {"question": "谁？", "answer": rich_text("<p>都可以。</p>")}),
            ("clause", {"level": "2", "number": "（一）", "text": rich_text("<p>目标</p>")}),
            ("contact", {"name": "妇女之家", "hotline": "12338", "address": "", "hours": ""}),
        ]
    )
    response = create(editor, cast.section, Story, body=body)
    assert response.status_code == 302, response.context["form"].errors
    blocks = build(newest(Story)).document.sections[0].blocks
    assert [block.type for block in blocks] == [
        child["type"] for child in (body[str(n)] for n in range(int(body["count"])))
    ]
    assert {block.type for block in blocks} == set(Story.body.field.stream_block.child_blocks)
    assert blocks[0].align == "right" and blocks[4].rows[0][0].header and blocks[12].level == 2


def test_a_draft_may_be_incomplete_and_an_event_has_no_date_yet(editor, cast):
    image = {"image": "", "alt": "", "credit": "", "caption": ""}
    assert create(editor, cast.section, EventPost, body=streamfield([("image", image)])).status_code == 302
    assert newest(EventPost).starts_at is None


@pytest.mark.parametrize(
    ("model", "part"), [(model, part) for model, parts in STREAMS.items() for part in parts if part != "body"]
)
def test_every_part_of_a_kind_can_be_written_in_the_editor(editor, cast, model, part):
    asked = ("qa", {"question": "谁？", "answer": rich_text("<p>都可以来。</p>")})
    words = asked if part == "questions" else ("paragraph", rich_text("<p>都可以来。</p>"))
    given = {"body": paragraph(), part: streamfield([words]), "starts_at": "2026-12-05 09:00"}
    response = create(editor, cast.section, model, **given)
    assert response.status_code == 302, response.context["form"].errors
    assert "都可以来。" in build(newest(model)).document.canonical().decode()


@pytest.mark.parametrize("model", FACTS)
def test_every_fact_of_a_kind_can_be_typed_in_the_editor(editor, cast, model):
    response = create(editor, cast.section, model, body=paragraph(), **FACTS[model])
    assert response.status_code == 302, response.context["form"].errors
    facts = build(newest(model)).document.facts.model_dump()
    assert set(facts) == {"kind", *FACTS[model]}
    assert [name for name, value in facts.items() if not value] == []
    assert model is not PolicyInterpretation or facts["status"] == "not_yet"


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_a_cover_without_its_words_is_kept_in_a_draft_and_refused_in_review(editor, cast, accept):
    ready_for_review()
    story, image = make_story(cast.section, cast.editor), make_image()
    url = reverse("wagtailadmin_pages:edit", args=[story.pk])
    fields = {"slug": story.slug, "body": paragraph(), "cover": str(image.pk), "cover_credit": " "}
    saved = editor.post(url, form(Story, **fields), headers={"accept": accept})
    assert saved.status_code == 302 or saved.json()["success"]
    assert (newest(Story).cover, newest(Story).cover_alt) == (image, "")
    refused = editor.post(url, form(Story, **fields, **{"action-submit": "1"}))
    assert set(refused.context["form"].errors) == {"cover_alt", "cover_credit"}


def test_a_title_without_a_letter_still_makes_a_page(editor, cast):
    assert create(editor, cast.section, Story, title="……！").status_code == 302
    assert create(editor, cast.section, Story, title="……！").status_code == 302


def test_a_title_has_one_line(editor, cast):
    create(editor, cast.section, Story, title=" 夜校的灯\n亮到  九点半 ")
    assert newest(Story).title == "夜校的灯 亮到 九点半"


def test_two_articles_may_have_the_same_title(editor, cast):
    for _ in range(2):
        assert create(editor, cast.section, Story, title="同一个题目").status_code == 302


def test_variants_topics_tags_and_the_moment_are_part_of_the_revision(editor, cast):
    topic = Topic.objects.create(name="阅读")
    variants = inline_formset([{"channel": "wechat", "title": "微信标题", "ORDER": "1"}])
    response = create(
        editor,
        cast.section,
        Story,
        body=paragraph(),
        variants=variants,
        topics=(str(topic.pk),),
        tags="乡村, 教育",
        go_live_at="2099-01-01 08:00",
    )
    assert response.status_code == 302, response.context["form"].errors
    page = newest(Story)
    built = build(page)
    assert built.variants["wechat"].title == "微信标题"
    assert (built.document.topics, built.document.tags) == (("阅读",), ("乡村", "教育"))
    assert page.go_live_at == dt.datetime(2099, 1, 1, 0, 0, tzinfo=dt.UTC)


def test_a_second_variant_for_one_channel_is_refused_in_the_form(editor, cast):
    twice = [{"channel": "wechat", "title": name, "ORDER": str(n)} for n, name in enumerate("ab", 1)]
    response = create(editor, cast.section, Story, variants=inline_formset(twice))
    assert response.status_code == 200
    assert response.context["form"].formsets["variants"].non_form_errors()


def test_only_the_offices_own_authors_write_in_its_sections(client, cast):
    city = make_office("shaoguan", parent=cast.office)
    section = city.branch.add_child(instance=SectionPage(title="栏目"))
    client.force_login(cast.stranger)
    assert create(client, section, Story).status_code == 302 and not Story.objects.exists()
    client.force_login(make_user("elsewhere", city, Role.AUTHOR))
    assert create(client, cast.section, Story).status_code in (302, 403) and not Story.objects.exists()
    assert create(client, section, Story).status_code == 302 and Story.objects.exists()


def preview(client, page, mode, data):
    url = reverse("wagtailadmin_pages:preview_on_edit", args=[page.pk])
    assert client.post(url, data).json() == {"is_valid": True, "is_available": True}
    return client.get(f"{url}?mode={mode}&in_preview_panel=true")


@pytest.mark.parametrize("model", KINDS)
def test_each_kind_is_previewed_before_it_is_saved(editor, cast, model):
    url = reverse("wagtailadmin_pages:preview_on_add", args=["cms", model._meta.model_name, cast.section.pk])
    data = form(model, title="尚未保存", body=paragraph(), starts_at="2026-12-05 09:00")
    assert editor.post(url, data).json()["is_available"]
    assert "尚未保存" in editor.get(f"{url}?mode=site").content.decode()


def test_the_preview_shows_the_unsaved_text_as_the_channel_renders_it(editor, cast, settings):
    story = make_story(cast.section, cast.editor)
    variants = inline_formset([{"channel": "wechat", "title": "微信标题", "ORDER": "1"}])
    data = form(Story, title="改过的题目", body=paragraph(), variants=variants)
    assert "<h1>改过的题目</h1>" in preview(editor, story, "site", data).content.decode()
    shown = preview(editor, story, "wechat", data).content.decode()
    assert "<h1>微信标题</h1>" in shown and f'href="{settings.PUBLIC_URL}/a/{story.pk}/"' in shown
    assert Story.objects.get().title == "山里的阅览室"


def test_the_micro_site_is_the_first_preview_and_the_phone_is_390_wide(cast):
    story = make_story(cast.section)
    assert story.preview_modes == [
        ("site", "微网站"),
        ("wechat", "微信公众号"),
        ("wechat.red", "微信公众号 · 木棉"),
    ]
    assert story.preview_sizes[0]["device_width"] == 390


def test_a_preview_of_an_incomplete_text_says_what_is_missing(editor, cast):
    story = make_story(cast.section, cast.editor)
    image = {"image": make_image().pk, "alt": "", "credit": "", "caption": ""}
    shown = preview(editor, story, "site", form(Story, body=streamfield([("image", image)])))
    assert shown.status_code == 200
    assert shown.content.decode().count("<li>") == 2


def test_a_theme_is_previewed_with_the_channels_own_words_and_an_unknown_one_is_refused(editor, cast):
    story = make_story(cast.section, cast.editor)
    variants = inline_formset([{"channel": "wechat", "title": "微信标题", "ORDER": "1"}])
    data = form(Story, body=paragraph(), variants=variants)
    assert "<h1>微信标题</h1>red" in preview(editor, story, "wechat.red", data).content.decode()
    assert preview(editor, story, "wechat.gone", data).status_code in (302, 403)


def test_pictures_of_a_preview_open_for_its_reader_alone(editor, client, cast):
    picture = {"image": make_image(size=(3000, 2000)).pk, "alt": "书架", "credit": "李梅摄", "caption": ""}
    story = make_story(cast.section, cast.editor)
    shown = preview(editor, story, "site", form(Story, body=streamfield([("image", picture)])))
    (address,) = re.findall(r'<img src="([^"]+)"', shown.content.decode())
    response = editor.get(address)
    assert response["Content-Type"] == "image/webp" and "private" in response["Cache-Control"]
    with Picture.open(BytesIO(response.content)) as seen:
        assert seen.size == (1080, 720)
    client.force_login(cast.reviewer1)
    assert client.get(address).status_code in (302, 403)
    client.logout()
    assert client.get(address).status_code == 302


def test_a_file_to_download_has_no_picture_in_a_preview(editor, cast):
    story = make_story(cast.section, cast.editor)
    body = streamfield([("attachment", {"document": make_document().pk, "title": ""})])
    shown = preview(editor, story, "site", form(Story, body=body)).content.decode()
    assert '<img src="#">' in shown


def test_a_preview_that_was_open_before_an_upgrade_keeps_its_pictures(editor, cast):
    image = make_image(size=(300, 200))
    token = signing.dumps([image.pk, image.file_hash], salt=f"cms.previews:{cast.editor.pk}")
    assert editor.get(reverse("hub_preview_picture", args=[token]))["Content-Type"] == "image/webp"


def test_a_cover_that_was_chosen_a_moment_ago_is_told_to_its_offices_people_alone(editor, client, cast):
    image = make_image(size=(800, 400), collection=cast.office.collection)
    image.focal_point_x = image.focal_point_y = 200
    image.focal_point_width = image.focal_point_height = 10
    image.save()
    facts = reverse("hub_cover_facts", args=[image.pk])
    told = editor.get(facts).json()
    assert told["focus"] == [250, 500] and editor.get(told["url"])["Content-Type"] == "image/webp"
    city = make_office("shaoguan", parent=cast.office)
    for stranger in (make_user("elsewhere", city, Role.AUTHOR), cast.stranger):
        client.force_login(stranger)
        assert client.get(facts).status_code in (302, 403)


def test_a_channel_that_is_not_there_has_no_preview(editor, cast):
    story = make_story(cast.section, cast.editor)
    url = reverse("wagtailadmin_pages:preview_on_edit", args=[story.pk])
    editor.post(url, form(Story, body=paragraph()))
    assert editor.get(f"{url}?mode=nowhere").status_code in (302, 403)


def test_opening_the_editor_takes_at_most_60_queries(editor, cast, django_assert_max_num_queries):
    picture = {"image": make_image(), "alt": "a", "credit": "b", "caption": ""}
    variants = [Variant(channel=channel) for channel in ("wechat", "penguin")]
    story = make_story(cast.section, cast.editor, body=[("image", picture)] * 10, variants=variants)
    url = reverse("wagtailadmin_pages:edit", args=[story.pk])
    editor.get(url)
    with django_assert_max_num_queries(60):
        response = editor.get(url)
    assert "hub-variants" in response.content.decode()


@pytest.mark.parametrize("model", KINDS)
def test_articles_of_a_kind_have_a_list_of_their_own(editor, cast, model, django_assert_max_num_queries):
    for n in range(12):
        cast.section.add_child(instance=model(title=f"第{n}篇", live=False))
    url = reverse(f"{model._meta.model_name}:index")
    editor.get(url)
    # Wagtail asks twice for each row whether the page may be deleted.
    with django_assert_max_num_queries(30 + 2 * 12):
        assert "第3篇" in editor.get(url).content.decode()


def test_the_explorer_shows_offices_by_name(editor, client, cast):
    make_office("shaoguan", name="韶关市妇联", parent=cast.office)
    client.force_login(cast.admin)
    home = Office.get_first_root_node().branch
    assert "韶关市妇联" in client.get(reverse("wagtailadmin_explore", args=[home.pk])).content.decode()


def test_uploads_and_documents_open_at_the_desk_and_nowhere_else(editor, client, cast):
    thumbnail = make_image().get_rendition("max-165x165").url
    document = make_document().url
    for address in (thumbnail, document):
        assert editor.get(address).status_code == 200
    signed = blobs.store(make_image(colour="#123456").file).sha256
    for above in ("", "images/../", "original_images/../"):
        path = f"{above}blobs/{signed[:2]}/{signed}"
        assert editor.get(reverse("hub_media", args=[path])).status_code == 404, path
    for address in (reverse("wagtailimages:index"), reverse("wagtaildocs:index")):
        assert editor.get(address).status_code == 200
    client.logout()
    for address in (thumbnail, document):
        assert client.get(address).status_code in (302, 403)


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_a_picture_of_a_preview_has_the_colours_that_its_own_profile_means(editor, cast, mode):
    # A profile whose "green" is what a screen calls red tells at once whether it was read.
    swapped = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    swapped = swapped.replace(b"rXYZ", b"tmp!").replace(b"gXYZ", b"rXYZ").replace(b"tmp!", b"gXYZ")
    out = BytesIO()
    Picture.new(mode, (60, 40), "lime").save(out, "PNG", icc_profile=swapped)
    image = get_image_model().objects.create(title="窗", file=ImageFile(out, name="window.png"))
    content = editor.get(picture_url(image, "0" * 64, cast.editor)).content
    with Picture.open(BytesIO(content)) as shown:
        red, green, _blue = shown.convert("RGB").getpixel((30, 20))
    assert red > 200 > 100 > green
