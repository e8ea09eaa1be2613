"""Whom and what an administrator reaches by address: her office and those below it, nothing else."""

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse

from cms.models import Membership, Office, Role, Stage
from cms.organisation.offices import grant
from tests.cms.organisation.conftest import text, turned_away
from tests.factories import make_user

pytestmark = pytest.mark.django_db

OTHERS = ["author", "reviewer", "duty", "liaison", "auditor"]
ELSEWHERE = ["province", "beside"]
USER = {"username": "forged", "email": "x@example.org", "first_name": "伪", "is_active": "on"}


def addresses(network):
    """Every address of the screens, with objects in the city."""
    held, user = network.author.memberships.get().pk, network.author.pk
    return [
        ("offices:index",),
        ("offices:index_results",),
        ("offices:add",),
        *((f"offices:{view}", network.city.pk) for view in ("edit", "delete", "history", "history_results")),
        ("memberships:index",),
        ("memberships:index_results",),
        ("memberships:add",),
        ("memberships:delete", held),
        ("wagtailusers_users:index",),
        ("wagtailusers_users:index_results",),
        ("wagtailusers_users:add",),
        *((f"wagtailusers_users:{view}", user) for view in ("edit", "delete", "history", "history_results")),
    ]


def state():
    """Everything that a forged request could change."""
    users = get_user_model().objects.order_by("pk")
    return (
        list(Office.objects.order_by("pk").values()),
        list(Membership.objects.order_by("pk").values()),
        list(users.values("username", "email", "password", "is_superuser", "is_active", "first_name")),
        list(users.values_list("pk", "groups")),
    )


@pytest.mark.parametrize("who", [*OTHERS, "stranger"])
def test_nobody_else_gets_in_by_any_address(network, desk, who):
    see, before = desk(getattr(network, who)), state()
    for name, *args in addresses(network):
        assert turned_away(see.get(name, *args)), name
        forged = {"user": network.stranger.pk, "office": network.city.pk, "role": "administrator", **USER}
        assert turned_away(see.post(name, *args, **forged)), name
    assert state() == before


@pytest.mark.parametrize("who", OTHERS)
def test_nobody_else_finds_a_menu_item_or_a_name(network, desk, who):
    see = desk(getattr(network, who))
    home = text(see.get("wagtailadmin_home"))
    for name in ("offices:index", "memberships:index", "wagtailusers_users:index"):
        assert reverse(name) not in home
    assert "county_author" not in text(see.get("user_chooser:choose"))
    assert see.get("user_chooser:chosen", network.county_author.pk).status_code == 404


def test_an_administrator_finds_the_three_menu_items(network, desk):
    home = text(desk(network.administrator).get("wagtailadmin_home"))
    for name in ("offices:index", "memberships:index", "wagtailusers_users:index"):
        assert reverse(name) in home
    for name in (
        "wagtailusers_groups:index",
        "wagtailadmin_workflows:index",
        "wagtailadmin_collections:index",
    ):
        assert reverse(name) not in home


@pytest.mark.parametrize("place", ELSEWHERE)
def test_an_office_above_or_beside_is_not_there(network, desk, place):
    see, office, before = desk(network.administrator), getattr(network, place), state()
    for view in ("edit", "delete", "history", "history_results"):
        assert see.get(f"offices:{view}", office.pk).status_code == 404
    said = {"name": "她的", "kind": "city", "stage_count": 2}
    assert see.post("offices:edit", office.pk, **said).status_code == 404
    assert see.post("offices:delete", office.pk).status_code == 404
    see.post("offices:add", parent=office.pk, code="hers", **said)
    assert state() == before


@pytest.mark.parametrize("place", ELSEWHERE)
def test_no_role_is_given_above_or_beside(network, desk, place):
    see, before = desk(network.administrator), state()
    for role in ("administrator", "duty_editor", "reviewer-4"):
        shown = text(
            see.post("memberships:add", user=network.author.pk, office=getattr(network, place).pk, role=role)
        )
        assert f"{place} 妇联" not in shown
    assert state() == before


@pytest.mark.parametrize("who", ["provincial", "beside_author"])
def test_a_role_above_or_beside_is_neither_seen_nor_taken(network, desk, who):
    see, held, before = desk(network.administrator), getattr(network, who).memberships.get(), state()
    assert who not in text(see.get("memberships:index"))
    assert see.get("memberships:delete", held.pk).status_code == 404
    assert see.post("memberships:delete", held.pk).status_code == 404
    for name, value in (("office", held.office_id), ("user", held.user_id)):
        assert who not in text(see.get("memberships:index", **{name: value}))
    assert state() == before


def test_a_superuser_reaches_everything(network, desk):
    see = desk(network.superuser)
    for name, *args in addresses(network):
        assert see.get(name, *args).status_code == 200, name


UNREACHED = ["provincial", "beside_author", "stranger", "superuser"]


@pytest.mark.parametrize("who", UNREACHED)
def test_an_account_of_somebody_elsewhere_is_not_there(network, desk, who):
    """Least of all its password."""
    see, user, before = desk(network.administrator), getattr(network, who), state()
    assert f">{who}" not in text(see.get("wagtailusers_users:index"))
    for view in ("edit", "history", "history_results"):
        assert see.get(f"wagtailusers_users:{view}", user.pk).status_code == 404
    taken = {**USER, "password1": "taken-over-1", "password2": "taken-over-1"}
    assert see.post("wagtailusers_users:edit", user.pk, **taken).status_code == 404
    assert turned_away(see.post("wagtailusers_users:delete", user.pk))
    assert state() == before


@pytest.mark.parametrize(("who", "status"), [("stranger", 200), ("beside_author", 200), ("superuser", 404)])
def test_the_whole_networks_administrator_reaches_every_account_but_a_superusers(network, desk, who, status):
    grant(network.superuser, network.city, Role.AUDITOR)
    answer = desk(network.provincial).get("wagtailusers_users:edit", getattr(network, who).pk)
    assert answer.status_code == status


def test_an_account_with_a_role_elsewhere_too_is_not_hers_alone(network, desk):
    grant(network.author, network.beside, Role.AUTHOR)
    assert desk(network.administrator).get("wagtailusers_users:edit", network.author.pk).status_code == 404
    assert desk(network.provincial).get("wagtailusers_users:edit", network.author.pk).status_code == 200


def test_a_user_without_any_role_is_not_taken_over_by_giving_one(network, desk):
    see = desk(network.administrator)
    see.post("memberships:add", user=network.stranger.pk, office=network.city.pk, role="author")
    assert not network.stranger.memberships.exists()
    assert "no matches" in text(see.get("user_chooser:choose_results", q="stranger"))
    assert see.get("user_chooser:chosen", network.stranger.pk).status_code == 404
    desk(network.provincial).post(
        "memberships:add", user=network.stranger.pk, office=network.city.pk, role="author"
    )
    assert network.stranger.memberships.exists()


@pytest.mark.parametrize("who", ["administrator", "provincial"])
def test_who_has_left_is_given_no_further_role(network, desk, who):
    gone, see = make_user("gone", network.city, Role.AUTHOR, is_active=False), desk(getattr(network, who))
    assert "no matches" in text(see.get("user_chooser:choose_results", q="gone"))
    assert see.get("user_chooser:chosen", gone.pk).status_code == 404
    see.post("memberships:add", user=gone.pk, office=network.city.pk, role="auditor")
    assert [held.role for held in gone.memberships.all()] == [Role.AUTHOR]


def test_a_forged_number_of_a_user_is_not_answered_with_a_name(network, desk):
    user = make_user("hidden", first_name="不该看见")
    shown = desk(network.administrator).post("memberships:add", user=user.pk, office=network.city.pk, role="")
    assert "不该看见" not in text(shown)
    for number in ("0", "-1", "abc", "1e9"):
        assert desk(network.administrator).get("user_chooser:chosen", number).status_code == 404
        assert desk(network.administrator).get("memberships:add", user=number).status_code == 200


@pytest.mark.parametrize("forged", [{"is_superuser": "on"}, {"groups": "all"}, {"is_staff": "on"}])
def test_nobody_is_raised_by_a_forged_field(network, desk, forged):
    see = desk(network.administrator)
    if "groups" in forged:
        forged = {"groups": [network.province.group_id]}
    passwords = {"password1": "a-good-one-1", "password2": "a-good-one-1"}
    given = {**USER, **passwords, "office": network.city.pk, "role": "author"}
    see.post("wagtailusers_users:add", **given, **forged)
    see.post("wagtailusers_users:edit", network.author.pk, **{**USER, "username": "author"}, **forged)
    see.post("wagtailusers_users:edit", network.administrator.pk, **{**USER, "username": "a"}, **forged)
    assert get_user_model().objects.filter(username="forged").exists()
    for user in get_user_model().objects.exclude(pk=network.superuser.pk):
        assert not user.is_superuser and not user.is_staff
        assert network.province.group not in user.groups.all() or user == network.provincial


def test_bulk_actions_on_users_are_a_superusers(network, desk):
    before = state()
    for action in ("delete", "set_active_state", "assign_role"):
        address = reverse("wagtail_bulk_action", args=["auth", "user", action]) + f"?id={network.author.pk}"
        said = {"mark_as_active": "False", "role": network.province.group_id}
        desk(network.administrator).client.post(address, said)
        desk(network.author).client.post(address, said)
    assert state() == before


def test_an_administrator_of_two_offices_reaches_both(network, desk):
    grant(network.administrator, network.beside, Role.ADMINISTRATOR)
    response = desk(network.administrator).get("offices:index")
    assert set(response.context["object_list"]) == {network.city, network.county, network.beside}


def test_who_is_no_longer_an_administrator_is_out_at_once(network, desk):
    see = desk(network.administrator)
    assert see.get("offices:index").status_code == 200
    network.administrator.memberships.all().delete()
    grant(network.administrator, network.city, Role.REVIEWER, Stage.FIRST)
    assert turned_away(see.get("offices:index"))
