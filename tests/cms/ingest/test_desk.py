"""导入文稿 at the desk."""

from io import BytesIO

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse
from django.utils import translation

from cms.articles import Story
from cms.models import Role
from tests.factories import make_office, make_section, make_user

pytestmark = pytest.mark.django_db
IMPORT = "/admin/import/"


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


def upload(text: str, name="story.txt"):
    file = BytesIO(text.encode())
    file.name = name
    return file


def post(client, section, file, kind="story"):
    return client.post(IMPORT, {"file": file, "kind": kind, "section": section.pk})


def test_a_dropped_file_leads_to_the_editor_of_its_draft(client, cast):
    client.force_login(cast.editor)
    response = post(client, cast.section, upload("夜校的灯\n晚上七点，灯亮了。\n"))
    page = Story.objects.get()
    assert response.url == reverse("wagtailadmin_pages:edit", args=[page.pk])
    assert page.latest_revision.user == cast.editor
    assert len(list(get_messages(response.wsgi_request))) == 1, "nothing to look at, nothing said"
    assert client.get(response.url).status_code == 200


def test_the_editor_is_told_what_was_left_out(client, cast):
    client.force_login(cast.editor)
    response = post(client, cast.section, upload("# 夜校\n\n![灯](light.png)\n\n灯亮了。", "a.md"))
    sentences = [str(message) for message in get_messages(response.wsgi_request)]
    assert len(sentences) == 2
    assert "light" not in sentences[1] and "1" in sentences[1]


def test_all_that_the_editor_should_look_at_stands_in_one_message_as_words(client, cast):
    client.force_login(cast.editor)
    title = "<b>" + "长" * 300
    response = post(client, cast.section, upload(f"# {title}\n\n![](light.png)", "a.md"))
    page = client.get(response.url).content.decode()
    _success, sentences = [str(message) for message in get_messages(response.wsgi_request)]
    assert sentences.count("<br>") == 1
    assert "<b>" not in sentences and "&lt;b&gt;" in sentences and sentences in page


def test_a_refused_file_keeps_the_other_answers_and_says_why_at_the_field(client, cast):
    client.force_login(cast.editor)
    response = post(client, cast.section, upload("%PDF-1.7", "a.pdf"), kind="commentary")
    form = response.context["form"]
    assert len(form.errors["file"]) == 1 and list(form.errors) == ["file"]
    assert (form["kind"].value(), form["section"].value()) == ("commentary", str(cast.section.pk))
    assert form.errors["file"][0] in response.content.decode()


def test_only_sections_where_the_person_may_add_are_offered(client, cast):
    city = make_office("shaoguan", parent=cast.office)
    own = make_section(city)
    client.force_login(make_user("city-editor", city, Role.AUTHOR))
    offered = client.get(IMPORT).context["form"].fields["section"].queryset
    assert list(offered) == [own]
    [_none, (_key, label)] = client.get(IMPORT).context["form"].fields["section"].choices
    assert label == f"{own.get_parent().title} › {own.title}"
    response = post(client, cast.section, upload("题目\n文字。"))
    assert list(response.context["form"].errors) == ["section"]
    assert not Story.objects.exists()


def test_who_may_add_nowhere_finds_neither_page_nor_menu_item(client, cast):
    client.force_login(cast.reviewer1)
    assert client.get(IMPORT).status_code == 302
    assert IMPORT not in client.get("/admin/").content.decode()
    client.force_login(cast.editor)
    assert IMPORT in client.get("/admin/").content.decode()


def test_a_section_in_the_explorer_has_the_button_and_leads_there_with_itself_chosen(client, cast):
    client.force_login(cast.editor)
    address = f"{IMPORT}?section={cast.section.pk}"
    listing = client.get(reverse("wagtailadmin_explore", args=[cast.section.pk])).content.decode()
    assert address in listing
    assert client.get(address).context["form"]["section"].value() == str(cast.section.pk)


def test_where_there_is_one_section_it_is_chosen_and_of_several_none(client, cast):
    client.force_login(cast.editor)
    assert client.get(IMPORT).context["form"]["section"].value() == cast.section.pk
    other = make_section(cast.office, title="政策")
    form = client.get(IMPORT).context["form"]
    assert (form["section"].value(), form["kind"].value()) == (None, "policy")
    assert list(form.fields["section"].queryset) == [cast.section, other]


def test_a_network_of_many_offices_needs_no_more_queries(client, cast, django_assert_max_num_queries):
    for number in range(12):
        make_section(make_office(f"city-{number}", parent=cast.office))
    client.force_login(make_user("root", cast.office, Role.ADMINISTRATOR))
    client.get(IMPORT)
    with django_assert_max_num_queries(20):
        assert client.get(IMPORT).status_code == 200
