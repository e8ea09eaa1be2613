"""The commands: what they print, their exit status, and that they keep secrets."""

import json
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from wagtail.models import ModelLogEntry

from cms.models import Role
from publishers import engine
from publishers.models import Account, Delivery, Phase
from tests.chaos.processes import environment
from tests.factories import make_user
from tests.publishers.engine.cast import SECRET, make_due, send, sent_titles, signed_release

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def run(capsys):
    def command(*arguments):
        call_command(*arguments)
        return capsys.readouterr().out

    return command


def add(office, server, *more):
    return ("account", "add", "--office", office.code, "--platform", "tiny", "--name", "新账号", *more)


CREDENTIALS = ("--credential", "appid=wx1", "--credential", f"secret={SECRET}")


def test_an_account_is_added_listed_and_checked_without_showing_its_secret(run, office, server):
    said = run(*add(office, server, "--base-url", server.url, *CREDENTIALS, "--json"))
    assert json.loads(said)["name"] == "新账号"
    said += run("account", "list") + run("account", "list", "--json")
    said += run("account", "check", "新账号", "--json")
    assert SECRET not in said and "wx1" not in said
    assert Account.objects.get().capabilities == ["draft", "publish"]


@pytest.mark.parametrize("content", ['{"appid": "wx1", "secret": "%s"}', "appid=wx1\nsecret=%s\n"])
def test_credentials_come_from_a_file(run, content, office, server, tmp_path):
    file = tmp_path / "credentials"
    file.write_text(content % SECRET)
    run(*add(office, server, "--credential-file", str(file)))
    from publishers.accounts.credentials import decrypt

    assert decrypt(Account.objects.get().credentials)["secret"] == SECRET


def test_credentials_come_from_the_environment(run, office, server, monkeypatch):
    monkeypatch.setenv("THE_SECRET", SECRET)
    run(*add(office, server, "--credential", "appid=wx1", "--credential-env", "secret=THE_SECRET"))
    assert Account.objects.exists()


@pytest.mark.parametrize(
    "more",
    [
        ("--credential", "appid=wx1"),
        (*CREDENTIALS, "--credential", "other=1"),
        ("--credential", "no-equals-sign"),
        ("--credential-file", "/no/such/file"),
        (*CREDENTIALS, "--platform", "unknown"),
        (*CREDENTIALS, "--office", "unknown"),
    ],
)
def test_a_wrong_account_is_refused_in_one_sentence_and_not_stored(more, run, office, server):
    with pytest.raises(CommandError) as error:
        run(*add(office, server, *more))
    assert "\n" not in str(error.value) and SECRET not in str(error.value)
    assert not Account.objects.exists()


def test_a_check_that_the_platform_refuses_pauses_the_account(run, account, server):
    server.faults["/token"] = ["credentials"]
    with pytest.raises(CommandError, match="南粤女声"):
        run("account", "check", "南粤女声")
    account.refresh_from_db()
    assert account.is_paused and account.problem


def test_an_account_is_paused_and_resumed(run, account, release):
    delivery = send(release, account=account)
    run("account", "pause", "tiny:南粤女声", "--reason", "先停一下。")
    assert engine.run(delivery.pk) == Phase.PAUSED
    run("account", "resume", str(account.pk))
    assert engine.run(delivery.pk) == Phase.SETTLED


def test_secrets_are_encrypted_anew(run, account, settings):
    from cryptography.fernet import Fernet

    from publishers.accounts.credentials import _key_of_file, decrypt

    new = Fernet.generate_key().decode()
    settings.CREDENTIAL_KEYS = [new, _key_of_file(settings.KEY_DIR)]
    assert json.loads(run("account", "rotate", "--json")) == {"encrypted": 1}
    settings.CREDENTIAL_KEYS = [new]
    account.refresh_from_db()
    assert decrypt(account.credentials)["secret"] == SECRET


def test_distribute_and_deliver_bring_a_page_to_readers(run, release, account, server):
    [made] = json.loads(run("distribute", "7", "--account", "南粤女声", "--json"))
    assert made["phase"] == "scheduled" and made["items"][0]["title"] == "山里的阅览室"
    server.polls_until_live = 1
    [waiting] = json.loads(run("deliver", "--json"))
    assert waiting["phase"] == "confirming"
    make_due(Delivery.objects.get())
    [settled] = json.loads(run("deliver", "--until-settled", "--timeout", "20", "--json"))
    assert settled["phase"] == "settled" and settled["items"][0]["url"].startswith(server.url)
    assert len(sent_titles(server)) == 1


def test_distribute_takes_a_time_in_the_hubs_zone(run, release, account):
    [made] = json.loads(run("distribute", "7", "--account", "南粤女声", "--at", "2036-11-25T18:00", "--json"))
    assert made["due_at"] == "2036-11-25T18:00:00+08:00"


def test_distribute_takes_a_time_in_the_zone_that_it_names(run, release, account):
    [made] = json.loads(
        run("distribute", "7", "--account", "南粤女声", "--at", "2036-11-25T10:00+00:00", "--json")
    )
    assert made["due_at"] == "2036-11-25T18:00:00+08:00"


@pytest.mark.parametrize(
    "arguments",
    [
        ("999", "--account", "南粤女声"),
        ("7", "--account", "不存在"),
        ("7", "--account", "南粤女声", "--at", "tomorrow"),
        ("7", "--account", "南粤女声", "--at", "2026-02-31T10:00"),
        ("7", "--account", "南粤女声", "--user", "nobody"),
        ("7", "--account", "南粤女声", "--user", "liaison"),
    ],
)
def test_distribute_refuses_in_one_sentence(arguments, run, release, account):
    make_user("liaison")
    with pytest.raises(CommandError) as error:
        run("distribute", *arguments)
    assert str(error.value) and "\n" not in str(error.value)
    assert not Delivery.objects.exists()


def test_distribute_acts_with_the_rights_of_the_person_named(run, office, release, account):
    make_user("duty", office, Role.DUTY_EDITOR, first_name="值班", last_name="")
    [made] = json.loads(run("distribute", "7", "--account", "南粤女声", "--user", "duty", "--json"))
    assert made["created_by"] == "值班"


def test_deliver_ends_with_an_error_when_something_needs_a_person(run, release, account, server):
    server.faults["/draft"] = ["rejected"]
    send(release, account=account)
    with pytest.raises(CommandError, match="1"):
        run("deliver", "--until-settled", "--timeout", "20")


def test_deliver_gives_up_at_its_timeout(run, release, account, server):
    server.faults["/draft"] = ["quota"]
    send(release, account=account)
    with pytest.raises(CommandError):
        run("deliver", "--until-settled", "--timeout", "0.1")


def test_deliveries_are_listed_shown_and_tried_again(
    run, release, account, server, django_assert_max_num_queries
):
    server.faults["/submit"] = ["rejected"]
    delivery = send(release, account=account)
    send(signed_release(page_id=8), account=account)
    engine.run(delivery.pk)
    with django_assert_max_num_queries(8):
        assert len(json.loads(run("delivery", "list", "--json"))) == 2
    [listed] = json.loads(run("delivery", "list", "--phase", "attention", "--json"))
    assert listed["reason"] == "标题里有不允许的词。"
    shown = json.loads(run("delivery", "show", str(delivery.pk), "--json"))
    assert [attempt["name"] for attempt in shown["attempts"]] == ["upload body", "draft", "submit"]
    assert "标题里有不允许的词" in run("delivery", "show", str(delivery.pk))
    run("delivery", "retry", str(delivery.pk))
    assert engine.run(delivery.pk) == Phase.SETTLED


def test_a_delivery_is_tried_again_with_the_rights_of_the_person_named(run, office, release, account, server):
    server.faults["/submit"] = ["rejected"]
    delivery = send(release, account=account)
    engine.run(delivery.pk)
    make_user("auditor", office, Role.AUDITOR)
    make_user("duty", office, Role.DUTY_EDITOR, first_name="值班")
    for name in ("auditor", "nobody"):
        with pytest.raises(CommandError):
            run("delivery", "retry", str(delivery.pk), "--user", name)
        with pytest.raises(CommandError):
            run("delivery", "notify", str(delivery.pk), "--user", name)
    delivery.refresh_from_db()
    assert delivery.phase == Phase.ATTENTION
    run("delivery", "retry", str(delivery.pk), "--user", "duty")
    [entry] = ModelLogEntry.objects.filter(action="hub.delivery.retry")
    assert entry.data["by"] == "值班"


def test_an_unknown_delivery_is_said(run, account):
    for text in ("x", "00000000-0000-0000-0000-000000000000"):
        with pytest.raises(CommandError):
            run("delivery", "show", text)


COMMANDS = (
    "account",
    "distribute",
    "deliver",
    "delivery",
    "import_document",
    "bootstrap",
    "demo",
    "setup",
    "proof",
    "doctor",
)


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_explains_itself(name, capsys):
    with pytest.raises(SystemExit) as ended:
        call_command(name, "--help")
    assert ended.value.code == 0
    assert "usage:" in capsys.readouterr().out


def test_a_command_runs_as_people_run_it_with_djangos_checks(account, tmp_path):
    """Another process: inside a test Django leaves its checks out."""
    command = [sys.executable, "manage.py", "account", "list", "--json"]
    env = environment(connection.settings_dict, tmp_path)
    ran = subprocess.run(command, env=env, cwd=settings.BASE_DIR, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout)[0]["name"] == account.name
