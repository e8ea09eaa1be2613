"""The doctor finds what is not well, says what to do, and goes on to the next thing."""

import datetime as dt
import json
import shutil
from types import SimpleNamespace

import pytest
import time_machine
from cryptography.fernet import Fernet
from django.core.mail import send_mail
from django.core.management import CommandError, call_command
from django.core.management.base import SystemCheckError
from django.db import connection
from django.utils import timezone

from cms import mailing, signing
from cms.models import Mail, Office
from config import messages
from publishers import registry
from publishers.accounts import pausing, tokens
from publishers.engine import switching
from publishers.models import Account, Consent, Heartbeat
from publishers.operations import doctor
from publishers.operations.system_checks import stored_secrets_can_be_decrypted
from publishers.people.permissions import OPERATOR
from publishers.tasks import look_around, sweep, sweep_urgent
from sandbox.testing import start_sandbox
from tests.publishers.engine.cast import SECRET, make_account, send, signed_release
from tests.publishers.engine.clock import an_hour_ago, just_now
from tests.publishers.engine.conftest import ground, office, server
from tests.triggers import lifted

__all__ = ["ground", "office", "server"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def hub(office, server, live_server, settings):
    """A hub in good health: workers at work, an account, an address that answers."""
    settings.PUBLIC_URL = live_server.url
    sweep()
    sweep_urgent()
    look_around()
    return make_account(office, server)


def unwell() -> dict[str, str]:
    return {each.name: each.sentence for each in doctor.examine() if not each.well}


def test_a_healthy_hub_is_found_well(capsys):
    call_command("doctor")
    said = capsys.readouterr().out
    assert unwell() == {} and "✗" not in said and SECRET not in said


def test_a_silent_worker_and_one_that_never_was_are_told(capsys):
    Heartbeat.objects.update(at=timezone.now() - dt.timedelta(minutes=5))
    assert list(unwell()) == ["worker", "worker urgent"]
    Heartbeat.objects.update(at=timezone.now() - dt.timedelta(minutes=15))
    assert list(unwell()) == ["worker", "worker urgent", "worker aside"]
    Heartbeat.objects.all().delete()
    with pytest.raises(CommandError, match="有 3 项不正常"):
        call_command("doctor")
    said = capsys.readouterr().out
    assert all(f"✗  {name} " in said for name in ("worker", "worker urgent", "worker aside"))


def test_machines_read_the_same_and_the_status_says_so_too(capsys):
    switching.pause_all("机房停电。", by=OPERATOR)
    with pytest.raises(CommandError, match="1"):
        call_command("doctor", json=True)
    said = {each.pop("name"): each for each in json.loads(capsys.readouterr().out)}
    assert [name for name, each in said.items() if not each["well"]] == ["main switch"]
    assert "机房停电。" in said["main switch"]["sentence"] and set(said) >= set(doctor.LOOKS)


def test_each_sweep_is_a_sign_of_life():
    Heartbeat.objects.update(at=an_hour_ago())
    since = just_now()
    sweep()
    assert Heartbeat.objects.get(pk="worker").at >= since


def test_missing_triggers_are_told():
    with lifted():
        assert "triggers" in unwell()


def test_credentials_that_no_key_opens_are_named(settings, hub):
    settings.CREDENTIAL_KEYS = ["x" * 43 + "="]
    assert hub.name in unwell()["credentials"]


def test_every_stored_secret_that_no_key_opens_is_named_by_doctor_and_check(settings, hub, capsys):
    tokens.put(hub, "a-token", 7200)
    Account.objects.update(credentials=b"")
    settings.CREDENTIAL_KEYS = [wrong] = [Fernet.generate_key().decode()]
    assert hub.name in unwell()["credentials"]
    with pytest.raises(SystemCheckError, match=r"publishers\.E001") as refused:
        call_command("check", "--deploy")
    assert hub.name in str(refused.value) and wrong[:8] not in str(refused.value)
    with pytest.raises(CommandError, match=hub.name):
        call_command("account", "rotate")


def test_a_key_that_is_away_is_not_replaced_by_a_new_one(settings, hub, tmp_path):
    settings.CREDENTIAL_KEYS, settings.KEY_DIR = [], tmp_path / "other"
    assert hub.name in unwell()["credentials"]
    assert not (tmp_path / "other" / "credentials.key").exists()


def test_a_signing_key_that_has_signed_is_put_back_and_not_made_anew(settings, tmp_path):
    settings.KEY_DIR = tmp_path
    assert "bootstrap" in unwell()["signing key"]
    signing.ensure_key()
    signing.key_file().unlink()
    assert str(signing.key_file()) in unwell()["signing key"] and "bootstrap" not in unwell()["signing key"]


def test_an_address_that_nobody_serves_is_told(settings):
    settings.PUBLIC_URL = "http://127.0.0.1:9"
    assert "public address" in unwell()


def test_an_address_that_somebody_else_serves_is_told(settings, server):
    settings.PUBLIC_URL = server.url
    assert "404" in unwell()["public address"]


def test_a_variable_that_nobody_knows_is_named(settings):
    settings.UNKNOWN_VARIABLES = ["HUB_TYPO"]
    assert list(unwell()) == ["settings"] and "HUB_TYPO" in unwell()["settings"]


def test_a_folder_of_pictures_that_takes_none_is_told(settings):
    settings.MEDIA_ROOT = "/proc/self"
    assert "HUB_MEDIA_ROOT" in doctor.look_at("media").sentence


def test_a_paused_account_says_why(hub):
    pausing.pause(hub, by_name="值班", reason="换号主体。")
    assert unwell() == {"tiny 南粤女声": "换号主体。"}


def test_accounts_stand_in_their_order_and_say_when_they_were_checked(office, server, hub):
    make_account(office, server, name="A")
    checked = dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC)
    Account.objects.filter(pk=hub.pk).update(checked_at=checked, problem="凭据被拒绝。")
    Account.objects.filter(name="A").update(checked_at=checked)
    told = {each.name: each.sentence for each in list(doctor.examine())[-2:]}
    assert list(told.items()) == [
        ("tiny A", "2026-11-24 20:00+08:00"), ("tiny 南粤女声", "凭据被拒绝。"),
    ]  # fmt: skip


def test_the_main_switch_says_who_turned_it_off():
    switching.pause_all("机房停电。", by=OPERATOR)
    assert "机房停电。" in unwell()["main switch"]


@pytest.fixture
def catalogue(settings, tmp_path):
    """A catalogue of one sentence, which nobody has compiled."""
    file = tmp_path / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
    file.parent.mkdir(parents=True)
    head = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n'
    file.write_text(f'{head}\nmsgid "None."\nmsgstr "没有。"\n')
    settings.LOCALE_PATHS = [tmp_path / "locale"]
    return file


def test_texts_that_are_not_compiled_or_are_older_than_the_code_are_told(catalogue, client):
    def compile_it():
        messages.babel(
            "compile", f"--input-file={catalogue}", f"--output-file={catalogue.with_suffix('.mo')}"
        )

    for _ in range(2):
        assert messages.__name__ in unwell()["texts"] and client.get("/readyz").json()["problems"] == {
            "texts": "not compiled"
        }
        with pytest.raises(SystemCheckError, match=r"publishers\.E002"):
            call_command("check", "--deploy")
        compile_it()
        assert unwell() == {} and client.get("/readyz").status_code == 200
        catalogue.write_text(catalogue.read_text() + '\nmsgid "None yet."\nmsgstr "还没有。"\n')


def test_static_files_that_nobody_collected_are_told_in_production(settings, client, tmp_path):
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STATIC_ROOT.mkdir()
    assert unwell() == {}  # they are found by name
    settings.WHITENOISE_USE_FINDERS = False
    assert "collectstatic" in unwell()["static files"]
    assert list(client.get("/readyz").json()["problems"]) == ["static files"]
    with pytest.raises(SystemCheckError, match=r"publishers\.E003"):
        call_command("check", "--deploy")
    call_command("collectstatic", interactive=False, verbosity=0)
    assert unwell() == {}
    next(settings.STATIC_ROOT.rglob("*.css")).unlink()
    assert "static files" in unwell()


@pytest.mark.parametrize("full", ["DATA_DIR", "MEDIA_ROOT"])
def test_little_space_is_told_wherever_it_is(monkeypatch, settings, full):
    folder, usage = str(getattr(settings, full)), shutil.disk_usage

    def left(path):
        return usage(path)._replace(free=doctor.SPACE_BYTES - (str(path) == folder))

    monkeypatch.setattr(shutil, "disk_usage", left)
    assert list(unwell()) == ["space"] and folder in unwell()["space"]


def test_the_address_that_a_platform_refused_is_what_its_whitelist_must_hold(hub):
    said = {each.name: each.sentence for each in doctor.examine()}
    assert "不详" in said["outgoing address"] or "还没有" in said["outgoing address"]
    type(hub).objects.update(
        problem="(WeChat 40164: invalid ip 8.8.4.4 ipv6 ::ffff:8.8.4.4, not in whitelist)"
    )
    said = {each.name: each.sentence for each in doctor.examine()}
    assert "8.8.4.4" in said["outgoing address"]


def test_of_what_calls_were_refused_for_the_newest_public_address_is_told(hub):
    delivery = send(signed_release(), account=hub)
    for address in ("8.8.4.4", "9.9.9.9"):
        delivery.attempts.create(
            name="submit", generation=1, input_sha256=address, outcome="failed", begun_at=timezone.now(),
            error="CredentialsInvalid", evidence={"body": f"10.1.2.3, 9.9.9.999, {address}"},
        )  # fmt: skip
    assert "9.9.9.9：" in doctor.look_at("outgoing address").sentence


def test_a_clock_that_differs_from_the_platforms_is_told(hub):
    with start_sandbox() as elsewhere:
        type(hub).objects.update(base_url=elsewhere.base_url("wechat"))
        assert unwell() == {}
        # Nobody is asked who is not there.
        make_account(hub.office, SimpleNamespace(url="http://127.0.0.1:1"), name="别的号")
        with time_machine.travel(timezone.now() + dt.timedelta(minutes=9)):
            assert {"platforms' clock", "clock"} <= set(unwell())


def test_a_database_that_is_away_is_one_finding_of_several_and_the_rest_is_told(monkeypatch, capsys):
    connection.close()
    with monkeypatch.context() as away:
        away.setitem(connection.settings_dict, "NAME", "none/hub")
        with pytest.raises(CommandError):
            call_command("doctor")
        assert stored_secrets_can_be_decrypted() == []
        connection.close()
    said = capsys.readouterr().out
    assert "✗  database" in said and "✓  broker" in said and "✗  accounts" in said


def test_what_no_fernet_key_is_is_a_finding_of_doctor_and_check(settings, hub):
    settings.CREDENTIAL_KEYS = ["not a Fernet key"]
    assert "credentials" in unwell()
    with pytest.raises(SystemCheckError, match=r"publishers\.E001"):
        call_command("check", "--deploy")


def test_a_table_that_is_missing_is_a_finding():
    table = Consent._meta.db_table
    with connection.schema_editor() as editor:
        editor.alter_db_table(Consent, table, "elsewhere")
    try:
        assert table in unwell()["accounts"], "It is named: the database has answered."
    finally:
        with connection.schema_editor() as editor:
            editor.alter_db_table(Consent, "elsewhere", table)


def test_a_hub_without_an_office_is_told_how_to_make_one():
    Account.objects.all().delete()
    Office.objects.all().delete()
    assert "bootstrap" in unwell()["clock"]


def test_each_finding_is_shown_before_the_next_is_looked_for(monkeypatch, capsys):
    seen = []
    monkeypatch.setitem(doctor.LOOKS, "broker", lambda: seen.append(capsys.readouterr().out) or "broker")
    call_command("doctor")
    assert "database" in seen[0] and "credentials" in seen[0]


def test_a_plugin_that_does_not_work_is_named_with_its_accounts(monkeypatch, hub):
    broken = registry.Broken("county-paper 2.0", "tiny", "it cannot be loaded.")
    monkeypatch.setattr(registry, "_broken", [broken])
    monkeypatch.delitem(registry._publishers, "tiny")
    found = unwell()
    assert list(found) == ["plugins", f"tiny {hub.name}"]
    assert "county-paper 2.0" in found["plugins"] and "county-paper 2.0" in found[f"tiny {hub.name}"]


def test_mail_that_no_server_takes_is_told(settings):
    settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = "cms.mailing.Outbox", "127.0.0.1", 9
    send_mail("已签发", "", None, ["lin@example.org"])
    assert unwell() == {}, "It waits for its turn."
    mailing.send_due()
    assert "refused" in unwell()["mail"] and "HUB_EMAIL_URL" in unwell()["mail"]


def test_mail_that_nobody_sends_is_told(settings):
    settings.EMAIL_BACKEND = "cms.mailing.Outbox"
    send_mail("已签发", "", None, ["lin@example.org"])
    Mail.objects.update(created_at=an_hour_ago())
    assert "--queues aside" in unwell()["mail"]
