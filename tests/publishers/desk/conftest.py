"""A hub with offices, people and accounts on the small platform, and people at the desk over HTTP."""

import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from cms.models import Role
from tests.factories import make_office, make_user
from tests.publishers.engine.cast import make_account
from tests.publishers.engine.conftest import ground, office, server

__all__ = ["ground", "office", "server"]


@pytest.fixture(autouse=True)
def english(settings):
    """The desk speaks English here, so that tests can quote its sentences."""
    settings.LANGUAGE_CODE = "en"
    with override("en"):
        yield


@pytest.fixture
def network(office, server):
    """The province and one city with an account each, and people of the city."""
    city = make_office("city", parent=office)
    return SimpleNamespace(
        province=office,
        city=city,
        of_province=make_account(office, server, "省号"),
        of_city=make_account(city, server, "市号"),
        duty=make_user("duty", city, Role.DUTY_EDITOR),
        liaison=make_user("liaison", city, Role.LIAISON),
        administrator=make_user("administrator", city, Role.ADMINISTRATOR),
        auditor=make_user("auditor", city, Role.AUDITOR),
        author=make_user("author", city, Role.AUTHOR),
        provincial=make_user("provincial", office, Role.DUTY_EDITOR),
    )


class Desk:
    """One person at the desk. Each page that she gets has the styles of what it shows."""

    def __init__(self, user):
        self.client = Client()
        self.client.force_login(user)

    def get(self, name, *args, **query):
        return styled(self.client.get(reverse(name, args=args), query))

    def post(self, name, *args, said=None, query=None):
        return styled(self.client.post(reverse(name, args=args, query=query), said or {}, follow=True))


@pytest.fixture
def desk():
    return Desk


def styled(response):
    """Return the answer; fails where a page shows a class of the desk and loads no sheet that has it."""
    page = "" if response.streaming else response.content.decode(errors="replace")
    if "</head>" in page:
        loaded = set(re.findall(r"publishers/([\w-]+\.css)", page))
        shown = {name for names in re.findall(r'class="([^"]+)"', page) for name in names.split()}
        for sheets, names in _classes().items():
            assert loaded & sheets or not shown & names, f"{shown & names} without {sheets}"
    return response


def _classes() -> dict[frozenset[str], set[str]]:
    """Return the classes of the desk's sheets, by the sheets that have them."""
    sheets: dict[str, set[str]] = {}
    for sheet in Path(finders.find("publishers/desk.css")).parent.glob("*.css"):
        for name in re.findall(r"\.(hub-[\w-]+)", sheet.read_text()):
            sheets.setdefault(name, set()).add(sheet.name)
    found: dict[frozenset[str], set[str]] = {}
    for name, having in sheets.items():
        found.setdefault(frozenset(having), set()).add(name)
    return found


def text(response) -> str:
    return response.content.decode()


def refused(response) -> bool:
    """Whether the desk turned the person away: Wagtail leads her to its first page with a message."""
    return response.status_code in (403, 404) or response.headers.get("Location") == reverse(
        "wagtailadmin_home"
    )


def turned_away(response) -> bool:
    """The same after redirects were followed."""
    return response.status_code in (403, 404) or (
        bool(response.redirect_chain) and response.redirect_chain[0][0] == reverse("wagtailadmin_home")
    )
