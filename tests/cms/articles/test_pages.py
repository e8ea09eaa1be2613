import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from cms import channels
from cms.articles import Story
from cms.models import HomePage, Office, OfficePage, SectionPage, Topic, Variant
from tests.factories import make_image, make_office, make_story

pytestmark = pytest.mark.django_db


def test_every_page_leads_to_its_address_on_the_micro_site(cast, settings):
    city = make_office("shaoguan", parent=cast.office)
    story = make_story(cast.section, cast.editor)
    paths = {
        page.full_url.removeprefix(settings.PUBLIC_URL)
        for page in (story, cast.section, city.branch.specific)
    }
    assert paths == {f"/a/{story.pk}/", f"/s/{cast.section.pk}/", "/o/shaoguan/"}
    assert HomePage.objects.get().full_url == f"{settings.PUBLIC_URL}/"


def test_a_chinese_title_makes_a_slug_and_a_second_one_beside_it(cast):
    first, second = make_story(cast.section), make_story(cast.section)
    assert (first.slug, second.slug) == ("山里的阅览室", "山里的阅览室-2")


def test_a_title_without_a_letter_makes_a_slug_of_its_own(cast):
    slugs = [make_story(cast.section, title="……！").slug for _ in range(2)]
    assert all(slug.startswith("story-") for slug in slugs) and len(set(slugs)) == 2


def test_only_who_writes_or_changes_articles_is_led_to_their_lists(cast):
    def led(person) -> bool:
        client = Client()
        client.force_login(person)
        return "/admin/story/" in client.get(reverse("wagtailadmin_home")).content.decode()

    assert [led(person) for person in (cast.editor, cast.duty, cast.liaison)] == [True, False, False]


def test_a_channel_that_is_no_longer_installed_keeps_its_slug():
    assert [str(Variant(channel=slug)) for slug in ("wechat", "gone")] == [
        channels.get("wechat").name,
        "gone",
    ]


def test_articles_stand_in_sections_only_and_offices_are_not_made_in_the_explorer():
    assert Story.allowed_parent_page_models() == [SectionPage]
    assert {m.__name__ for m in SectionPage.allowed_parent_page_models()} == {"HomePage", "OfficePage"}
    assert not HomePage.is_creatable and not OfficePage.is_creatable


def test_an_old_revision_keeps_its_variants_topics_tags_and_cover(cast):
    cover = make_image()
    story = make_story(cast.section, cast.editor, cover=cover, cover_alt="书架", cover_credit="李梅摄")
    story.variants = [Variant(channel="wechat", title="微信标题")]
    story.topics.add(Topic.objects.create(name="阅读"))
    story.tags.add("乡村")
    old = story.save_revision(user=cast.editor)
    story.variants = [Variant(channel="wechat", title="改过的标题")]
    story.tags.set(["城市"])
    story.cover = None
    story.save_revision(user=cast.editor)
    page = old.as_object()
    assert [v.title for v in page.variants.all()] == ["微信标题"]
    assert [tag.name for tag in page.tags.all()] == ["乡村"]
    assert [topic.name for topic in page.topics.all()] == ["阅读"]
    assert page.cover == cover


def test_one_channel_has_one_variant(cast):
    story = make_story(cast.section)
    Variant.objects.create(page=story, channel="wechat")
    with pytest.raises(ValidationError):
        Variant(page=story, channel="wechat").full_clean()


def test_pages_belong_to_the_office_of_their_branch(cast):
    assert Office.of_page(make_story(cast.section)) == cast.office
