"""The screens at the desk: an administrator opens offices and gives roles without code."""

import pytest
from django.urls import reverse
from django.utils.translation import override

from cms.models import Membership, Office, Role, Stage
from cms.organisation.offices import grant
from tests.cms.organisation.conftest import text
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def new_office(network, **changed):
    given = {
        "parent": network.city.pk,
        "name": "云山区妇联",
        "code": "yunshan",
        "kind": "county",
        "stage_count": 2,
    }
    return given | changed


def test_an_administrator_opens_an_office_and_gives_somebody_a_role_in_it(network, desk):
    see = desk(network.administrator)
    shown = text(see.post("offices:add", **new_office(network)))
    office = Office.objects.get(code="yunshan")
    assert (office.get_parent(), office.stage_count, office.kind) == (network.city, 2, "county")
    assert "“云山区妇联” is open." in shown
    assert reverse("memberships:add", query={"office": office.pk}) in shown
    see.post("memberships:add", user=network.author.pk, office=office.pk, role="reviewer-4")
    given = Membership.objects.get(office=office)
    assert (given.user, given.role, given.stage) == (network.author, Role.REVIEWER, Stage.FINAL)


def test_a_taken_code_is_said_at_its_field_and_nothing_is_made(network, desk):
    shown = text(desk(network.administrator).post("offices:add", **new_office(network, code="beside")))
    assert "There is an office with the code “beside” already." in shown
    assert not Office.objects.filter(name="云山区妇联").exists()


@pytest.mark.parametrize(
    "wrong", [{"code": "云山"}, {"code": ""}, {"name": ""}, {"kind": "province"}, {"stage_count": 5}]
)
def test_a_wrong_field_makes_no_office(network, desk, wrong):
    assert desk(network.administrator).post("offices:add", **new_office(network, **wrong)).status_code == 200
    assert (
        not Office.objects.filter(name="云山区妇联").exists()
        and not Office.objects.filter(code="yunshan").exists()
    )


def test_an_administrator_changes_name_kind_and_stages_but_neither_code_nor_parent(network, desk):
    said = {"name": "新名", "kind": "centre", "stage_count": 4, "code": "other", "parent": network.beside.pk}
    shown = text(desk(network.administrator).post("offices:edit", network.county.pk, **said))
    assert "“新名” is changed." in shown
    office = Office.objects.get(pk=network.county.pk)
    assert (office.name, office.kind, office.stage_count) == ("新名", "centre", 4)
    assert (office.code, office.get_parent()) == ("county", network.city)


def test_the_list_is_a_tree_with_what_each_office_has(network, desk):
    grant(network.duty, network.city, Role.LIAISON)  # with two roles she is one user
    make_user("left", network.city, Role.AUTHOR, is_active=False)
    shown = text(desk(network.superuser).get("offices:index"))
    places = [shown.index(f"{code} 妇联") for code in ("province", "city", "county", "beside")]
    assert places == sorted(places)
    assert [shown.count(f"--hub-level: {level}") for level in (1, 2)] == [2, 1]
    assert f'{reverse("memberships:index")}?office={network.city.pk}">6 users' in shown


def test_an_administrators_tree_begins_at_her_office(network, desk):
    shown = text(desk(network.administrator).get("offices:index"))
    assert "province 妇联" not in shown and "beside 妇联" not in shown
    assert "--hub-level: 1" in shown and "--hub-level: 2" not in shown


def test_a_found_office_is_shown_with_the_one_above_it(network, desk):
    shown = text(desk(network.superuser).get("offices:index", q="county"))
    assert "beside" not in shown and "--hub-level" not in shown
    assert '<div class="hub-office__above">city 妇联</div>' in shown


def test_an_office_that_owns_something_says_so_instead_of_offering_to_be_deleted(network, desk):
    see = desk(network.administrator)
    shown = text(see.get("offices:delete", network.county.pk))
    assert "Somebody has a role in it." in shown and "Yes, delete" not in shown
    shown = text(see.post("offices:delete", network.county.pk))
    assert "Somebody has a role in it." in shown
    assert Office.objects.filter(pk=network.county.pk).exists()


def test_an_empty_office_is_deleted(network, desk):
    see = desk(network.administrator)
    see.post("offices:add", **new_office(network))
    office = Office.objects.get(code="yunshan")
    assert "Yes, delete" in text(see.get("offices:delete", office.pk))
    assert "“云山区妇联” is deleted." in text(see.post("offices:delete", office.pk))
    assert not Office.objects.filter(code="yunshan").exists()


def test_the_history_of_an_office_shows_who_gave_which_role(network, desk):
    see = desk(network.administrator)
    see.post("memberships:add", user=network.author.pk, office=network.city.pk, role="duty_editor")
    shown = text(see.get("offices:history", network.city.pk))
    assert "The role Duty editor was given to author" in shown and "administrator" in shown


def test_the_history_of_an_office_names_the_stage_of_a_reviewer_who_comes_and_goes(network, desk):
    see = desk(network.administrator)
    see.post("memberships:add", user=network.author.pk, office=network.city.pk, role="reviewer-4")
    see.post("memberships:delete", network.author.memberships.get(role=Role.REVIEWER).pk)
    shown = text(see.get("offices:history", network.city.pk))
    assert "The role Reviewer (Final review) was given to author" in shown
    assert "The role Reviewer (Final review) was taken from author" in shown


@pytest.mark.parametrize(
    "role", ["reviewer", "reviewer-", "reviewer-3", "reviewer-9", "author-1", "owner", ""]
)
def test_a_role_that_does_not_exist_there_is_not_given(network, desk, role):
    shown = desk(network.administrator).post(
        "memberships:add", user=network.stranger.pk, office=network.city.pk, role=role
    )
    assert shown.status_code == 200 and not network.stranger.memberships.exists()


def test_a_stage_that_the_office_does_not_use_is_explained(network, desk):
    shown = text(
        desk(network.administrator).post(
            "memberships:add", user=network.author.pk, office=network.city.pk, role="reviewer-3"
        )
    )
    assert "city 妇联 reviews in 3 stages and has no Third review." in shown


def test_a_role_that_somebody_has_already_is_said(network, desk):
    shown = text(
        desk(network.administrator).post(
            "memberships:add", user=network.author.pk, office=network.city.pk, role="author"
        )
    )
    assert "The user has this role already." in shown


def test_a_reviewer_may_have_a_second_stage(network, desk):
    said = {"user": network.reviewer.pk, "office": network.city.pk, "role": "reviewer-4"}
    desk(network.administrator).post("memberships:add", **said)
    held = network.reviewer.memberships.filter(role=Role.REVIEWER)
    assert set(held.values_list("stage", flat=True)) == {Stage.FIRST, Stage.FINAL}


def test_the_office_at_the_root_stays_a_province_and_no_other_becomes_one(network, desk):
    said = {"name": "省妇联", "kind": "province", "stage_count": 2}
    for office in (network.province, network.city):
        desk(network.provincial).post("offices:edit", office.pk, **said)
    assert list(Office.objects.filter(name="省妇联", stage_count=2)) == [network.province]


def test_somebody_may_have_the_same_role_in_two_offices(network, desk):
    for office in (network.county, network.province):
        said = {"user": network.author.pk, "office": office.pk, "role": "author"}
        desk(network.provincial).post("memberships:add", **said)
        assert network.author.memberships.filter(role=Role.AUTHOR, office=office).exists()


def test_a_role_is_taken_away_after_a_question(network, desk):
    see, held = desk(network.administrator), network.author.memberships.get()
    asked = text(see.get("memberships:delete", held.pk))
    assert "It is the last role" in asked
    assert network.author.memberships.exists()
    see.post("memberships:delete", held.pk)
    assert not network.author.memberships.exists()


def test_an_administrators_own_role_is_not_offered_to_be_taken(network, desk):
    see, own = desk(network.administrator), network.administrator.memberships.get()
    assert "Another administrator has to take this role" in text(see.get("memberships:delete", own.pk))
    see.post("memberships:delete", own.pk)
    assert network.administrator.memberships.exists()


FILTERS = {
    "office": (lambda network: network.county.pk, {"county_author"}),
    "role": (lambda network: "auditor", {"auditor"}),
    "stage": (lambda network: 1, {"reviewer"}),
    "user": (lambda network: network.duty.pk, {"duty"}),
    "q": (lambda network: "liaison", {"liaison"}),
}


@pytest.mark.parametrize("name", FILTERS)
def test_the_roles_are_filtered_by(network, desk, name):
    value, expected = FILTERS[name]
    response = desk(network.administrator).get("memberships:index", **{name: value(network)})
    assert {held.user.username for held in response.context["object_list"]} == expected


@pytest.mark.parametrize("name", ["first_name", "last_name", "username"])
def test_a_user_is_found_by_any_of_her_names(network, desk, name):
    make_user(**{"username": "found", name: "文秀"}, office=network.city, role=Role.AUTHOR)
    found = desk(network.administrator).get("user_chooser:choose_results", q="文秀")
    assert [getattr(user, name) for user in found.context["results"]] == ["文秀"]


def test_a_new_user_is_chosen_by_name(network, desk):
    found = desk(network.administrator).get("user_chooser:choose_results", q="liai")
    assert "liaison" in text(found) and "reviewer" not in text(found)
    chosen = desk(network.administrator).get("user_chooser:chosen", network.liaison.pk)
    assert chosen.json()["result"]["title"] == "liaison"


def test_the_desk_speaks_chinese(network, desk, settings):
    settings.LANGUAGE_CODE = "zh-hans"
    with override("zh-hans"):
        make_user("last", network.city, Role.AUTHOR, first_name="王丽")
        shown = text(desk(network.administrator).get("memberships:index"))
    assert "王丽" in shown and "审核人" in shown and "Reviewer" not in shown
