"""No address of the desk opens to who has no role for what stands there; the resolver names them all."""

import json
from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import get_resolver, reverse

from cms.models import Role, Stage
from cms.organisation import offices
from tests.factories import make_image, make_section, make_story, make_user
from tests.publishers.desk.conftest import refused
from tests.publishers.engine.cast import make_account, send, signed_release
from tests.publishers.engine.clock import in_an_hour

NAME = "不给别处看的号"
#: Open to everybody at the desk: a picture's file, an address that was made for one person, a game of words.
OF_THE_DESK = {"hub_media", "hub_preview_picture", "hub_shorter"}
#: Texts of the whole network, for all who distribute.
OF_SENDERS = {"hub_page_distribution", "hub_proof", "hub_cover"}
#: Answers with nothing: it leads back to where one may be.
LEADING_BACK = {"hub_connected"}


def of_objects(made) -> dict[str, tuple]:
    delivery, account, item = made.delivery.pk, made.account.pk, made.item.pk
    return {
        "hub_delivery": (delivery,),
        "hub_preview": (delivery, item),
        "hub_preview_frame": (delivery, item),
        "hub_preview_part": (delivery, item, made.sha256),
        "hub_notify": (delivery,),
        "hub_accept": (delivery,),
        "hub_package": (delivery,),
        "hub_handed_picture": (delivery, 0, "1-1"),
        "hub_page_distribution": (made.page.pk,),
        "hub_edition": (account,),
        "hub_recompose": (delivery,),
        "hub_cover": (made.release.pk, made.sha256),
        "hub_proof": (made.release.pk,),
        "hub_item_figures": (item,),
        "hub_connect": (account,),
        "hub_disconnect": (account,),
        "hub_feed_rotate": (account,),
        "hub_feed_allow": (account,),
        "hub_account": (account,),
        "hub_fitting": (made.page.pk,),
        "hub_cover_facts": (made.image.pk,),
    }


#: What shows a list, or asks for something new: the person's own, and nothing of others.
OF_LISTS = {
    "hub_deliveries": (),
    "hub_deliveries_results": (),
    "hub_texts": (),
    "hub_texts_results": (),
    "hub_send": (),
    "hub_editions": (),
    "hub_figures": (),
    "hub_figures_results": (),
    "hub_figures_import": (),
    "hub_figures_check": (),
    "hub_switch": (),
    "hub_accounts": (),
    "hub_account_platforms": (),
    "hub_account_add": ("tiny",),
    "hub_import": (),
}


@pytest.fixture
def made(network, server):
    """What belongs to the province: the city's people, below it, have nothing to do with it."""
    section = make_section(network.province)
    page = make_story(section, author=make_user("her", network.province, Role.AUTHOR))
    account = make_account(network.province, server, NAME)
    release = signed_release(page.pk)
    delivery = send(release, account=account, at=in_an_hour())
    delivery.items.update(url="https://p.example/1", observed_generation=1)
    return SimpleNamespace(
        page=page,
        account=account,
        release=release,
        delivery=delivery,
        item=delivery.items.get(),
        image=make_image(collection=network.province.collection),
        sha256=next(iter(json.loads(bytes(release.assets)))),
    )


def answers(person, name, args):
    """Return what GET and POST are answered; 405 tells nothing and is left out."""
    browser = Client()
    if person is not None:
        browser.force_login(person)
    address = reverse(name, args=args)
    both = [browser.get(address), browser.post(address)]
    return [answer for answer in both if answer.status_code != 405]


def is_turned_away(answer) -> bool:
    return refused(answer) or answer.headers.get("Location", "").startswith(reverse("wagtailadmin_login"))


def test_every_address_of_the_desk_has_its_place_here(made):
    named = {
        name for name in get_resolver().reverse_dict if isinstance(name, str) and name.startswith("hub_")
    }
    assert named == {*of_objects(made), *OF_LISTS, *OF_THE_DESK, *LEADING_BACK}


def test_nobody_without_a_role_opens_any(made):
    opened = [
        (name, person and person.username, answer.status_code)
        for name, args in {**of_objects(made), **OF_LISTS}.items()
        for person in (None, make_user(f"stranger-{name}"))
        for answer in answers(person, name, args)
        if not is_turned_away(answer)
    ]
    assert opened == []


def test_another_office_opens_nothing_that_is_not_its_own(made, network):
    people = (network.duty, network.liaison, network.administrator, network.auditor, network.author)
    senders = (network.duty, network.liaison)
    opened = [
        (name, person.username, answer.status_code)
        for name, args in of_objects(made).items()
        for person in people
        for answer in answers(person, name, args)
        if not is_turned_away(answer) and not (name in OF_SENDERS and person in senders)
    ]
    assert opened == []


def test_another_offices_lists_name_nothing_of_it(made, network):
    people = (network.duty, network.liaison, network.administrator, network.auditor)
    shown = [
        (name, person.username)
        for name, args in OF_LISTS.items()
        for person in people
        for answer in answers(person, name, args)
        if not answer.streaming and NAME in answer.content.decode()
    ]
    assert shown == []


def test_somebody_of_the_office_opens_each(made, network):
    administrator = make_user("above", network.province, Role.ADMINISTRATOR)
    people = (network.provincial, administrator, made.page.owner)
    shut = [
        name
        for name, args in {**of_objects(made), **OF_LISTS}.items()
        if all(is_turned_away(answer) for person in people for answer in answers(person, name, args))
    ]
    assert shut == []


LOOKING = {
    "hub_deliveries", "hub_deliveries_results", "hub_delivery", "hub_preview", "hub_preview_frame",
    "hub_preview_part", "hub_page_distribution", "hub_proof", "hub_figures", "hub_figures_results",
    "hub_item_figures", "hub_accounts", "hub_account", "hub_switch",
}  # fmt: skip
CHOOSING = {
    "hub_texts", "hub_texts_results", "hub_send", "hub_editions", "hub_edition", "hub_recompose", "hub_cover",
    "hub_notify", "hub_package", "hub_handed_picture", "hub_figures_import", "hub_figures_check",
}  # fmt: skip
OF_ARTICLE = {"hub_page_distribution", "hub_proof"}
WRITING = {"hub_import", "hub_fitting", "hub_cover_facts"}
#: What each role opens of its own office.
SHOWN = {
    Role.AUDITOR: LOOKING,
    Role.LIAISON: LOOKING | CHOOSING,
    Role.DUTY_EDITOR: LOOKING | CHOOSING,
    Role.ADMINISTRATOR: LOOKING | WRITING | {"hub_account_platforms", "hub_account_add"},
    Role.AUTHOR: OF_ARTICLE | WRITING,
    Role.REVIEWER: OF_ARTICLE | {"hub_fitting"},
}
#: Whose POST does nothing but what GET does.
HARMLESS = {
    "hub_proof",
    "hub_cover",
    "hub_cover_facts",
    "hub_fitting",
    "hub_preview_frame",
    "hub_preview_part",
}
OF_SENDING = {
    "hub_accept", "hub_delivery", "hub_edition", "hub_figures_check", "hub_figures_import",
    "hub_item_figures", "hub_notify", "hub_page_distribution", "hub_recompose", "hub_send",
}  # fmt: skip
OF_MANAGING = {
    "hub_account", "hub_account_add", "hub_connect", "hub_delivery", "hub_disconnect", "hub_feed_allow",
    "hub_feed_rotate", "hub_import", "hub_switch",
}  # fmt: skip
#: Whose forms are taken; each act on a delivery asks for its own right.
TAKEN = {
    Role.AUDITOR: {"hub_delivery"},
    Role.LIAISON: OF_SENDING,
    Role.DUTY_EDITOR: OF_SENDING | {"hub_switch"},
    Role.ADMINISTRATOR: OF_MANAGING,
    Role.AUTHOR: {"hub_import"},
    Role.REVIEWER: set(),
}


def shown_and_taken(made, person) -> tuple[set[str], set[str]]:
    """Return whose GET and whose POST is answered to the person."""
    browser = Client()
    browser.force_login(person)
    addresses = {
        name: reverse(name, args=args) + (f"?release={made.release.pk}" if name == "hub_send" else "")
        for name, args in {**of_objects(made), **OF_LISTS}.items()
    }
    shown, taken = (
        {
            name
            for name, address in addresses.items()
            if (answer := ask(address)).status_code != 405 and not is_turned_away(answer)
        }
        for ask in (browser.get, browser.post)
    )
    return shown, taken - HARMLESS


@pytest.mark.parametrize("role", Role.values)
def test_each_role_opens_what_it_needs_in_its_office_and_nothing_else(made, network, role):
    person = make_user("one", network.province, role, Stage.FINAL if role == Role.REVIEWER else None)
    assert shown_and_taken(made, person) == (SHOWN[role], TAKEN[role])


@pytest.mark.parametrize("elsewhere", [Role.DUTY_EDITOR, Role.LIAISON, Role.ADMINISTRATOR])
def test_another_role_in_another_office_opens_nothing_more_here(made, network, elsewhere):
    person = make_user("two", network.province, Role.AUDITOR)
    offices.grant(person, network.city, elsewhere)
    here = set(of_objects(made)) - OF_SENDERS
    shown, taken = shown_and_taken(made, person)
    assert (shown & here, taken & here) == (SHOWN[Role.AUDITOR] & here, TAKEN[Role.AUDITOR])
