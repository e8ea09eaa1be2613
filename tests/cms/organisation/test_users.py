"""Wagtail's own screens of users, in the hands of administrators."""

import pytest
from django.contrib.auth import get_user_model
from wagtail.models import ModelLogEntry

from cms.models import Role, Stage
from tests.cms.organisation.conftest import text

pytestmark = pytest.mark.django_db


def new_user(network, **changed):
    passwords = {"password1": "a-good-one-1", "password2": "a-good-one-1"}
    given = {"username": "wangli", "email": "wangli@example.org", "first_name": "王丽", "role": "reviewer-1"}
    return {**given, **passwords, "office": network.city.pk} | changed


def test_an_administrator_makes_a_user_who_may_work_at_once(network, desk):
    desk(network.administrator).post("wagtailusers_users:add", **new_user(network))
    user = get_user_model().objects.get(username="wangli")
    assert user.get_full_name() == "王丽" and user.check_password("a-good-one-1")
    held = user.memberships.get()
    assert (held.office, held.role, held.stage) == (network.city, Role.REVIEWER, Stage.FIRST)
    assert desk(user).get("wagtailadmin_home").status_code == 200
    assert ModelLogEntry.objects.for_instance(user).get(action="wagtail.create").user == network.administrator
    given = ModelLogEntry.objects.for_instance(network.city).filter(action="hub.role.give")
    assert given.latest("pk").user == network.administrator


@pytest.mark.parametrize("missing", ["office", "role", "first_name", "email", "password1"])
def test_a_user_without_what_is_needed_is_not_made(network, desk, missing):
    response = desk(network.administrator).post(
        "wagtailusers_users:add", **new_user(network, **{missing: ""})
    )
    assert response.context["form"].errors[missing if missing != "password1" else "password2"]
    assert not get_user_model().objects.filter(username="wangli").exists()


@pytest.mark.parametrize("place", ["province", "beside"])
def test_a_user_is_made_in_offices_of_her_own_only(network, desk, place):
    office = getattr(network, place)
    desk(network.administrator).post("wagtailusers_users:add", **new_user(network, office=office.pk))
    assert not get_user_model().objects.filter(username="wangli").exists()


def test_a_superuser_makes_superusers_without_a_role(network, desk):
    desk(network.superuser).post(
        "wagtailusers_users:add", **new_user(network, office="", role="", is_superuser="on")
    )
    assert get_user_model().objects.get(username="wangli").is_superuser


def test_a_password_that_an_administrator_sets_is_in_the_users_history(network, desk):
    said = {"username": "author", "email": "author@example.org", "first_name": "作者", "is_active": "on"}
    see = desk(network.administrator)
    see.post("wagtailusers_users:edit", network.author.pk, **said)
    assert "Password set" not in text(see.get("wagtailusers_users:history", network.author.pk))
    see.post(
        "wagtailusers_users:edit", network.author.pk, **said, password1="new-one-12", password2="new-one-12"
    )
    network.author.refresh_from_db()
    assert network.author.check_password("new-one-12")
    assert "Password set" in text(see.get("wagtailusers_users:history", network.author.pk))


def test_groups_that_follow_from_roles_survive_an_edit_of_the_user(network, desk):
    before = set(network.author.groups.all())
    said = {"username": "author", "email": "author@example.org", "first_name": "作者", "is_active": "on"}
    for by in (network.administrator, network.superuser):
        desk(by).post("wagtailusers_users:edit", network.author.pk, **said)
    assert before and set(network.author.groups.all()) == before


def test_a_user_who_left_is_shut_out_and_kept(network, desk):
    said = {"username": "author", "email": "author@example.org", "first_name": "作者"}
    desk(network.administrator).post("wagtailusers_users:edit", network.author.pk, **said)
    network.author.refresh_from_db()
    assert not network.author.is_active and network.author.memberships.exists()


def test_an_old_name_in_two_parts_is_shown_and_kept_whole(network, desk):
    user = network.author
    user.first_name, user.last_name = "Li", "Wang"
    user.save()
    see = desk(network.administrator)
    assert 'value="Li Wang"' in text(see.get("wagtailusers_users:edit", user.pk))
    said = {"username": "author", "email": "a@example.org", "first_name": "Li Wang", "is_active": "on"}
    see.post("wagtailusers_users:edit", user.pk, **said)
    user.refresh_from_db()
    assert user.get_full_name() == "Li Wang"


def test_the_list_shows_each_users_roles(network, desk):
    response = desk(network.administrator).get("wagtailusers_users:index")
    shown = text(response)
    assert "Reviewer (First review)" in shown and "county 妇联" in shown
    assert {user.username for user in response.context["object_list"]} == {
        "administrator",
        "author",
        "reviewer",
        "duty",
        "liaison",
        "auditor",
        "county_author",
    }
