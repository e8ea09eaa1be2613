"""The doctor finds what is not well, says what to do, and goes on to the next thing."""

import datetime as dt

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from publishers import doctor, heartbeat, pausing
from publishers.models import Heartbeat
from publishers.tasks import sweep
from tests.publishers.engine.cast import SECRET, make_account
from tests.publishers.engine.conftest import ground, office, roots_survive_the_flush, server
from tests.triggers import lifted

__all__ = ["ground", "office", "roots_survive_the_flush", "server"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def hub(office, server, live_server, settings):
    """A hub in good health: a worker at work, an account, an address that answers."""
    settings.PUBLIC_URL = live_server.url
    sweep()
    return make_account(office, server)


def unwell() -> dict[str, str]:
    return {each.name: each.sentence for each in doctor.examine() if not each.well}


def test_a_healthy_hub_is_found_well(capsys):
    call_command("doctor")
    said = capsys.readouterr().out
    assert unwell() == {} and "✗" not in said and SECRET not in said


def test_a_silent_worker_and_one_that_never_was_are_told(capsys):
    Heartbeat.objects.update(at=timezone.now() - dt.timedelta(minutes=5))
    assert list(unwell()) == ["worker"]
    Heartbeat.objects.all().delete()
    with pytest.raises(CommandError):
        call_command("doctor")
    assert "✗  worker" in capsys.readouterr().out


def test_each_sweep_is_a_sign_of_life():
    Heartbeat.objects.update(at=timezone.now() - dt.timedelta(minutes=5))
    sweep()
    assert heartbeat.age() < dt.timedelta(minutes=1)


def test_missing_triggers_are_told():
    with lifted():
        assert "triggers" in unwell()


def test_credentials_that_no_key_opens_are_named(settings, hub):
    settings.CREDENTIAL_KEYS = ["x" * 43 + "="]
    assert hub.name in unwell()["credentials"]


def test_an_address_that_nobody_serves_is_told(settings):
    settings.PUBLIC_URL = "http://127.0.0.1:9"
    assert "public address" in unwell()


def test_a_paused_account_says_why(hub):
    pausing.pause(hub, by_name="值班", reason="换号主体。")
    assert unwell() == {"tiny 南粤女声": "换号主体。"}
