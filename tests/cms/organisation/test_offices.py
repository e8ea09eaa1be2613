"""Opening, changing and closing offices: three trees in step, and nothing lost."""

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError
from wagtail.models import Collection, ModelLogEntry, Page

from cms.models import Membership, Office, Role, Stage
from cms.organisation import permissions
from cms.organisation.offices import (
    change_office,
    close_office,
    grant,
    open_office,
    refusal_of_code,
    revoke,
    what_it_owns,
)
from cms.refusals import Refused
from tests.factories import make_image, make_office, make_section, make_story, make_user
from tests.factories_release import make_release

pytestmark = pytest.mark.django_db


def messages_about(office) -> list[str]:
    """Return what the log says about the office, oldest first."""
    entries = ModelLogEntry.objects.for_instance(office).order_by("timestamp", "pk")
    return [str(entry.message) for entry in entries]


def open_one(code="new", parent=None, **fields):
    given = {"name": "新市妇联", "kind": Office.Kind.CITY, "parent": parent or Office.get_first_root_node()}
    return open_office(code=code, **given | fields)


def test_a_page_belongs_to_the_nearest_office_above_it_in_the_tree(django_user_model):
    home = Page.get_first_root_node().add_child(title="省")
    province = open_office(code="p", name="省", kind=Office.Kind.PROVINCE, parent=None, branch=home)
    branch = home.add_child(title="市")
    city = open_office(code="c", name="市", kind=Office.Kind.CITY, parent=province, branch=branch)
    page = branch.add_child(title="栏目").add_child(title="文章")
    assert Office.of_page(page) == city
    assert Office.of_page(home) == province
    assert city.chain() == [city, province]
    user = django_user_model.objects.create_user("author")
    grant(user, city, Role.AUTHOR)
    assert set(user.groups.values_list("name", flat=True)) == {"desk", "office:c"}


def test_an_office_is_opened_with_its_branch_its_collection_and_its_group(network):
    office = open_one("yunshan", network.city, name="云山区妇联", by=network.administrator)
    assert office.get_parent() == network.city
    branch = office.branch.specific
    assert (branch.title, branch.slug, branch.reader_path()) == ("云山区妇联", "yunshan", "/o/yunshan/")
    assert (office.collection.name, office.group.name) == ("云山区妇联", "office:yunshan")
    author = make_user("new_author", office, Role.AUTHOR)
    section = branch.add_child(title="专题")
    assert section.permissions_for_user(author).can_edit()
    assert not network.city.branch.permissions_for_user(author).can_edit()


def test_offices_opened_by_people_who_hold_an_old_parent_stand_beside_each_other(network):
    old = Office.objects.get(pk=network.beside.pk)
    first, second = open_one("one", network.beside), open_one("two", old)
    assert set(Office.objects.get(code="beside").get_children()) == {first, second}


@pytest.mark.parametrize("taken", ["city", "news"])
def test_a_taken_code_is_refused_in_one_sentence_and_nothing_is_left(network, taken):
    make_section(network.province, title="新闻").specific.slug = "news"
    Page.objects.filter(title="新闻").update(slug="news")
    before = (Page.objects.count(), Collection.objects.count(), Group.objects.count())
    with pytest.raises(Refused) as refusal:
        open_one(taken)
    assert refusal.value.sentence == refusal_of_code(taken) and taken in refusal.value.sentence
    assert (Page.objects.count(), Collection.objects.count(), Group.objects.count()) == before


@pytest.mark.django_db(transaction=True)
def test_an_opening_that_fails_half_way_leaves_nothing(network):
    Group.objects.create(name="office:half")
    before = (Page.objects.count(), Collection.objects.count(), Office.objects.count())
    with pytest.raises(IntegrityError):
        open_one("half")
    assert (Page.objects.count(), Collection.objects.count(), Office.objects.count()) == before


def test_a_new_name_reaches_branch_and_collection_and_stays_after_an_edit_of_the_page(network):
    change_office(network.city, name="云山市妇联", kind="city", stage_count=3, by=network.administrator)
    office = Office.objects.get(pk=network.city.pk)
    assert (office.name, office.collection.name, office.branch.title) == ("云山市妇联",) * 3
    # The editor opens the latest revision, not the row.
    assert office.branch.specific.get_latest_revision_as_object().title == "云山市妇联"
    assert office.branch.live and not office.branch.has_unpublished_changes
    assert office.branch.slug == office.code


def test_what_changed_is_in_the_log_with_who_and_when(network):
    office = open_one(by=network.superuser)
    change_office(office, name="改名", kind="county", stage_count=2, by=network.superuser)
    change_office(office, name="改名", kind="county", stage_count=2, by=network.superuser)
    assert messages_about(office) == [
        "Office opened",
        "Renamed from “新市妇联” to “改名”",
        "Kind changed from City to County",
        "Stages of review changed from 3 to 2",
    ]
    assert {entry.user for entry in ModelLogEntry.objects.for_instance(office)} == {network.superuser}


def test_an_office_that_owns_nothing_is_deleted_with_all_that_was_made_for_it(network):
    before = (Page.objects.count(), Collection.objects.count(), Group.objects.count())
    office = open_one()
    close_office(office, by=network.superuser)
    assert not Office.objects.filter(code="new").exists()
    assert (Page.objects.count(), Collection.objects.count(), Group.objects.count()) == before
    assert messages_about(network.province)[-1] == "Office “新市妇联” (new) deleted"
    assert Page.find_problems() == Office.find_problems() == ([], [], [], [], [])


OWNING = {
    "Offices stand below it.": lambda office: open_one("below", office),
    "There are pages in its branch.": lambda office: make_section(office),
    "There are pictures or files in its collection.": lambda office: make_image(collection=office.collection),
    "Somebody has a role in it.": lambda office: make_user("somebody", office, Role.AUDITOR),
}


@pytest.mark.parametrize("reason", OWNING)
def test_an_office_that_owns_something_stays_and_says_why(network, reason):
    office = open_one()
    OWNING[reason](office)
    office.refresh_from_db()
    assert what_it_owns(office) == [reason]
    with pytest.raises(Refused, match=reason):
        close_office(office, by=network.superuser)
    assert Office.objects.filter(pk=office.pk).exists()


def test_an_office_whose_texts_were_signed_off_stays(network):
    office = open_one()
    page = make_story(make_section(office), author=network.superuser)
    make_release(page)
    page.move(make_section(network.province), "last-child")
    office.branch.get_children().delete()
    office.memberships.all().delete()
    assert what_it_owns(Office.objects.get(code="new")) == ["Texts of it have been signed off, and name it."]


def test_the_office_at_the_root_stays(network):
    with pytest.raises(Refused):
        close_office(network.province, by=network.superuser)


ELSEWHERE = ("province", "beside")


@pytest.mark.parametrize("place", ELSEWHERE)
def test_an_administrator_changes_nothing_above_or_beside_her_office(network, place):
    office, by = getattr(network, place), network.administrator
    held = Membership.objects.filter(office=office).first()
    for attempt in (
        lambda: open_one(parent=office, by=by),
        lambda: change_office(office, name="她的", kind="city", stage_count=2, by=by),
        lambda: close_office(office, by=by),
        lambda: grant(by, office, Role.DUTY_EDITOR, by=by),
        lambda: revoke(held, by=by),
    ):
        with pytest.raises(PermissionDenied):
            attempt()
    office.refresh_from_db()
    assert office.name != "她的" and not by.memberships.filter(office=office).exists()
    assert Membership.objects.filter(pk=held.pk).exists()


@pytest.mark.parametrize("who", ["author", "reviewer", "duty", "liaison", "auditor", "stranger"])
def test_nobody_else_changes_an_office_or_gives_a_role(network, who):
    by = getattr(network, who)
    for attempt in (
        lambda: open_one(parent=network.city, by=by),
        lambda: change_office(network.city, name="改", kind="city", stage_count=2, by=by),
        lambda: grant(by, network.city, Role.ADMINISTRATOR, by=by),
    ):
        with pytest.raises(PermissionDenied):
            attempt()


def test_nobody_opens_a_second_tree(network):
    network.administrator.is_superuser = True
    with pytest.raises(PermissionDenied, match="below another"):
        open_office(code="new", name="新", kind=Office.Kind.CITY, parent=None, by=network.administrator)
    assert len(Office.get_root_nodes()) == 1


@pytest.mark.parametrize("who", ["administrator", "superuser"])
def test_who_left_manages_nothing(network, who):
    by = getattr(network, who)
    by.is_active = False
    by.save()
    with pytest.raises(PermissionDenied):
        open_one(parent=network.city, by=by)
    assert by not in permissions.administrators()


@pytest.mark.parametrize("place", ["city", "county"])
def test_an_administrator_gives_roles_in_her_office_and_below_it(network, place):
    office = getattr(network, place)
    grant(network.stranger, office, Role.REVIEWER, Stage.SECOND, by=network.administrator)
    assert messages_about(office)[-1] == "The role Reviewer (Second review) was given to stranger"
    revoke(Membership.objects.get(user=network.stranger), by=network.administrator)
    assert messages_about(office)[-1] == "The role Reviewer (Second review) was taken from stranger"


def test_a_role_given_to_herself_is_in_the_log_too(network):
    """Managing gives no right to send; who takes one for herself is seen doing it."""
    grant(network.administrator, network.city, Role.DUTY_EDITOR, by=network.administrator)
    entry = ModelLogEntry.objects.for_instance(network.city).latest("pk")
    assert (entry.user, str(entry.message)) == (
        network.administrator,
        "The role Duty editor was given to administrator",
    )


def test_the_log_of_a_role_outlives_the_user_and_the_role(network):
    grant(network.stranger, network.city, Role.AUTHOR, by=network.administrator)
    network.stranger.delete()
    assert messages_about(network.city)[-1] == "The role Author was given to stranger"


def test_a_role_given_twice_is_one_role_and_one_entry(network):
    for _ in range(2):
        grant(network.stranger, network.city, Role.AUTHOR, by=network.administrator)
    assert network.stranger.memberships.count() == 1
    assert len([said for said in messages_about(network.city) if "stranger" in said]) == 1


@pytest.mark.parametrize(
    ("role", "stage"),
    [(Role.REVIEWER, None), (Role.AUTHOR, Stage.FIRST), (Role.REVIEWER, Stage.THIRD)],
)
def test_a_reviewer_has_a_stage_that_the_office_uses_and_nobody_else_has_one(network, role, stage):
    with pytest.raises(ValidationError):
        grant(network.stranger, network.city, role, stage, by=network.administrator)
    assert not network.stranger.memberships.exists()


def test_a_reviewer_keeps_her_role_when_the_office_gives_up_the_stage(network):
    second = grant(network.stranger, network.city, Role.REVIEWER, Stage.SECOND)
    change_office(network.city, name="市", kind="city", stage_count=2, by=network.administrator)
    assert not Membership.objects.get(pk=second.pk).is_used


def test_whoever_closes_renames_or_takes_a_role_is_named_in_the_log(network):
    by = network.administrator
    office = open_one("below", network.city, by=by)
    change_office(office, name="改名", kind="county", stage_count=2, by=by)
    branch = Office.objects.get(pk=office.pk).branch
    assert branch.latest_revision.user == by
    revoke(grant(network.stranger, office, Role.AUTHOR, by=by), by=by)
    close_office(office, by=by)
    for log in (ModelLogEntry.objects.for_instance(office), ModelLogEntry.objects.for_instance(network.city)):
        entries = log.filter(action__in=["hub.office.name", "hub.role.take", "hub.office.close"])
        assert entries and {entry.user for entry in entries} == {by}


def test_a_superuser_may_give_up_her_own_role(network):
    own = grant(network.superuser, network.city, Role.ADMINISTRATOR)
    revoke(own, by=network.superuser)
    assert not network.superuser.memberships.exists()


def test_an_administrator_does_not_lock_herself_out(network):
    own = network.administrator.memberships.get()
    with pytest.raises(Refused):
        revoke(own, by=network.administrator)
    revoke(own, by=network.provincial)
    assert not network.administrator.memberships.exists()


def test_groups_follow_when_a_role_is_taken_away(network):
    grant(network.author, network.city, Role.AUDITOR, by=network.administrator)
    revoke(network.author.memberships.get(role=Role.AUTHOR), by=network.administrator)
    assert set(network.author.groups.values_list("name", flat=True)) == {"desk"}
    revoke(network.author.memberships.get(), by=network.administrator)
    assert not network.author.groups.exists()


def test_a_role_of_one_office_opens_no_other_ones_pages(network):
    reviewing = grant(network.author, network.beside, Role.REVIEWER, Stage.FIRST)
    assert set(network.author.groups.values_list("name", flat=True)) == {"desk", "office:city"}
    revoke(grant(network.author, network.beside, Role.AUTHOR))
    assert set(network.author.groups.values_list("name", flat=True)) == {"desk", "office:city"}
    revoke(reviewing)
    assert set(network.author.groups.values_list("name", flat=True)) == {"desk", "office:city"}


def test_there_are_as_many_groups_as_offices_and_no_more_tasks(network):
    """Not one for each office and role."""
    make_office("fifth")
    assert Group.objects.filter(name__startswith="office:").count() == Office.objects.count()
