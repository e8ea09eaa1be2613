"""Wagtail's own screens, where they are ours: login, account, menu, search, what the browser says."""

import json

import pytest
from django.test import Client
from django.urls import reverse

from cms.editor.words import COUNTED, WORDS
from tests.factories import make_story

pytestmark = pytest.mark.django_db


def desk(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_the_login_page_is_chinese(client):
    shown = client.get(reverse("wagtailadmin_login")).content.decode()
    assert "密码" in shown and "Password" not in shown


def test_users_change_their_email_and_not_the_name_that_stands_below_approvals(cast):
    user = cast.reviewer1
    user.first_name = "陈老师"
    user.save()
    address = reverse("wagtailadmin_account")
    shown = desk(user).get(address).content.decode()
    assert "name_email-email" in shown and "name_email-first_name" not in shown
    theme = {"theme-theme": "system", "theme-density": "default", "theme-contrast": "system"}
    theme |= {"theme-keyboard_shortcuts": "on"}
    said = {"name_email-email": "new@example.org", "name_email-first_name": "终审老罗", **theme}
    desk(user).post(address, said)
    user.refresh_from_db()
    assert (user.email, user.get_full_name()) == ("new@example.org", "陈老师")


def test_an_account_needs_a_login(client):
    assert client.get(reverse("wagtailadmin_account")).status_code == 302


@pytest.mark.parametrize(("who", "writes"), [("editor", True), ("reviewer1", False), ("duty", False)])
def test_lists_of_articles_and_the_search_are_offered_to_those_who_may_open_them(cast, who, writes):
    see = desk(getattr(cast, who))
    home = see.get(reverse("wagtailadmin_home")).content.decode()
    assert (reverse("story:index") in home, 'role="search"' in home) == (writes, writes)
    assert see.get(reverse("story:index")).status_code == (200 if writes else 302)


@pytest.mark.parametrize("query", ["夜校", "女工的", "她们在学什么"])
def test_a_chinese_title_is_found_by_any_part_of_it(cast, query):
    make_story(cast.section, cast.editor, title="岭南女工的夜校：下班以后她们在学什么")
    make_story(cast.section, cast.editor, title="山里的阅览室")
    for name in ("wagtailadmin_pages:search", "story:index"):
        shown = desk(cast.editor).get(reverse(name), {"q": query}).content.decode()
        assert "岭南女工的夜校" in shown and "山里的阅览室" not in shown, name


def test_the_browser_gets_our_words_beside_wagtails(client):
    catalogue = client.get(reverse("wagtailadmin_javascript_catalog")).content.decode()
    for word in (*WORDS, *(one for one, _many in COUNTED)):
        assert f"{json.dumps(word)}: " in catalogue


def test_a_section_is_edited_in_a_tab_as_an_article_is(cast):
    shown = desk(cast.editor).get(reverse("wagtailadmin_pages:edit", args=[cast.section.pk])).content.decode()
    assert "w-tabs__list" in shown
