"""Whoever starts the hub for the first time is shown that something goes on."""

import io
import socket
import threading

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from wagtail.models import Page

from cms.models import Membership, Office, Release, SectionPage
from cms.organisation.offices import change_office, close_office
from publishers.demo import content, network
from publishers.management.commands import setup
from publishers.models import Account, Delivery


class Terminal(io.StringIO):
    """What was said, and an event for the first dot."""

    def __init__(self):
        super().__init__()
        self.dotted = threading.Event()

    def write(self, text):
        if text == ".":
            self.dotted.set()
        return super().write(text)


@pytest.mark.parametrize(("name", "setting"), [("HUB_BIND", "BIND"), ("HUB_SANDBOX_PORT", "SANDBOX_BIND")])
def test_whichever_address_is_taken_its_variable_is_named(settings, name, setting):
    settings.BIND = settings.SANDBOX_BIND = "127.0.0.1:0"
    setup._require_free()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        setattr(settings, setting, f"127.0.0.1:{taken.getsockname()[1]}")
        with pytest.raises(CommandError, match=name):
            setup._require_free()


def test_what_takes_long_is_said_before_and_followed_by_dots(monkeypatch):
    monkeypatch.setattr(setup, "SIGN_OF_LIFE_S", 0.01)
    terminal = Terminal()
    with setup.Command(stdout=terminal)._doing("Preparing …"):
        assert terminal.getvalue().startswith("Preparing …")
        assert terminal.dotted.wait(60)
    assert terminal.getvalue().endswith(".\n")


@pytest.fixture
def begin(settings, tmp_path):
    """Return what loads people and accounts as the first step of `make run` does, and what it said."""
    settings.DATA_DIR, settings.KEY_DIR = tmp_path, tmp_path / "keys"
    settings.RUN_LOCK = tmp_path / "run.lock"
    settings.BIND = settings.SANDBOX_BIND = "unix:/nowhere"

    def begin(*, before_start=True, **options):
        terminal = io.StringIO()
        options = {"without_articles": True} | options
        call_command("setup", before_start=before_start, stdout=terminal, **options)
        return terminal.getvalue()

    return begin


def all_there_is() -> dict:
    rows = (Page, Office, Membership, Account, Delivery, get_user_model())
    return {model.__name__: list(model.objects.order_by("pk").values_list("pk", flat=True)) for model in rows}


@pytest.mark.django_db
def test_a_hub_with_an_organisation_of_its_own_starts_without_the_demonstration(begin):
    call_command("bootstrap", name="广东省妇女联合会", stdout=io.StringIO())
    before = all_there_is()
    said = begin()
    assert "广东省妇女联合会" in said and "/admin/" in said and all_there_is() == before
    with pytest.raises(CommandError, match="广东省妇女联合会"):
        begin(before_start=False)
    assert all_there_is() == before


@pytest.mark.django_db
def test_what_a_hub_of_the_demonstration_has_is_kept_and_what_was_deleted_comes_back(begin):
    begin()
    first = all_there_is()
    begin()
    assert all_there_is() == first
    city, county = Office.objects.get(code="yunshan"), Office.objects.get(code="qingxi")
    change_office(city, name="云山市妇联", kind=city.kind, stage_count=city.stage_count)
    Account.objects.filter(office=city).delete()
    close_office(county)
    get_user_model().objects.get(username="liaison").delete()
    begin()
    counts = {name: len(keys) for name, keys in all_there_is().items()}
    assert counts == {name: len(keys) for name, keys in first.items()}
    assert Office.objects.get(pk=city.pk).name == "云山市妇联"


@pytest.mark.django_db
def test_where_another_page_has_an_offices_address_nothing_is_loaded_and_it_is_named(begin):
    call_command("bootstrap", code="lingnan", name="岭南省妇女联合会", stdout=io.StringIO())
    Office.objects.get().branch.add_child(instance=SectionPage(title="山水", slug="yunshan"))
    before = all_there_is()
    with pytest.raises(CommandError, match="山水"):
        begin()
    assert all_there_is() == before


@pytest.mark.django_db
def test_loading_that_breaks_off_leaves_nothing_behind_and_can_be_tried_again(begin, monkeypatch):
    def interrupt():
        raise KeyboardInterrupt

    with monkeypatch.context() as broken, pytest.raises(KeyboardInterrupt):
        broken.setattr(content, "load", interrupt)
        begin(without_articles=False)
    assert not Office.objects.exists() and not get_user_model().objects.exists()
    begin()
    assert Account.objects.count() == len(network.ACCOUNTS)


@pytest.mark.django_db
def test_articles_go_into_the_demonstrations_sections_whatever_others_are_called(begin):
    begin()
    Office.objects.get(code="quanyi").branch.add_child(instance=SectionPage(title="故事", slug="stories"))
    Office.objects.get(code="quanyi").branch.add_child(instance=SectionPage(title="活动", slug="events"))
    begin(without_articles=False)
    assert {release.office_code for release in Release.objects.all()} == {"lingnan", "yunshan"}


@pytest.mark.django_db(transaction=True)
def test_each_login_is_printed_with_its_password_and_with_who_that_is(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    said = io.StringIO()
    call_command("setup", "--without-articles", stdout=said)
    roles = network.roles()
    told = {
        line.split()[0]: line.split(maxsplit=2) for line in said.getvalue().splitlines() if line[:2] == "  "
    }
    assert set(told) == set(roles) == {network.ADMINISTRATOR, *(person[0] for person in network.PEOPLE)}
    for username, name, *_rest in network.PEOPLE:
        _username, password, role = told[username]
        assert len(password) > 8 and role == roles[username] and role.startswith(f"{name} · ")
    assert told[network.ADMINISTRATOR][2] == "整个中枢的管理员"
