"""A small network, its administrators, and people at the desk over HTTP."""

from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from cms.models import Role, Stage
from tests.factories import make_office, make_user


@pytest.fixture(autouse=True)
def english(db, settings):
    """The desk speaks English here, so that tests can quote its sentences."""
    settings.LANGUAGE_CODE = "en"
    with override("en"):
        yield


@pytest.fixture
def network(db):
    """Province, two cities, a county in the first; the first city's people, and those above and beside."""
    province = make_office("province")
    city = make_office("city", parent=province)
    county = make_office("county", parent=city, kind="county")
    beside = make_office("beside", parent=province)
    return SimpleNamespace(
        province=province,
        city=city,
        county=county,
        beside=beside,
        administrator=make_user("administrator", city, Role.ADMINISTRATOR),
        author=make_user("author", city, Role.AUTHOR),
        reviewer=make_user("reviewer", city, Role.REVIEWER, Stage.FIRST),
        duty=make_user("duty", city, Role.DUTY_EDITOR),
        liaison=make_user("liaison", city, Role.LIAISON),
        auditor=make_user("auditor", city, Role.AUDITOR),
        county_author=make_user("county_author", county, Role.AUTHOR),
        beside_author=make_user("beside_author", beside, Role.AUTHOR),
        provincial=make_user("provincial", province, Role.ADMINISTRATOR),
        stranger=make_user("stranger"),
        superuser=make_user("superuser", is_superuser=True, is_staff=True),
    )


class Desk:
    """One person at the desk."""

    def __init__(self, user):
        self.client = Client()
        self.client.force_login(user)

    def get(self, name, /, *args, **query):
        return self.client.get(reverse(name, args=args), query)

    def post(self, name, /, *args, **said):
        return self.client.post(reverse(name, args=args), said, follow=True)


@pytest.fixture
def desk():
    return Desk


def text(response) -> str:
    return response.content.decode()


def turned_away(response) -> bool:
    """Whether the person got nothing: no such object, no right, or the way to the home or login page."""
    led_to = [url for url, _status in getattr(response, "redirect_chain", [])] or [
        response.headers.get("Location", "")
    ]
    elsewhere = (reverse("wagtailadmin_home"), reverse("wagtailadmin_login"))
    return response.status_code in (403, 404) or led_to[0].split("?")[0] in elsewhere
