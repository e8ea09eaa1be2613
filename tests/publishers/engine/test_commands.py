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
from publishers import callbacks, engine
from publishers.accounts.credentials import decrypt
from publishers.distribution import cancel
from publishers.models import Account, Delivery, Phase
from publishers.people.permissions import OPERATOR
from tests.chaos.processes import environment
from tests.factories import make_user
from tests.publishers.engine.cast import (
    SECRET,
    make_account,
    make_due,
    send,
    sent_titles,
    signed_release,
)
from tests.publishers.engine.clock import an_hour_ago, in_an_hour

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
    assert decrypt(Account.objects.get().credentials)["secret"] == SECRET


def test_of_credentials_that_are_given_twice_the_last_count(run, office, server, tmp_path, monkeypatch):
    """The file's, then those of the environment, then the arguments'."""
    file = tmp_path / "credentials"
    file.write_text("appid = of the file\n\nsecret = of the file\n")
    monkeypatch.setenv("THE_ID", "of the environment")
    monkeypatch.setenv("THE_SECRET", "of the environment")
    given = ("--credential-env", "appid=THE_ID", "--credential-env", "secret=THE_SECRET")
    run(*add(office, server, "--credential-file", str(file)))
    told = [decrypt(Account.objects.get().credentials)]
    for more in (given, (*given, "--credential", "appid=an argument")):
        run("account", "update", "新账号", "--credential-file", str(file), *more)
        told.append(decrypt(Account.objects.get().credentials))
    assert told == [
        {"appid": "of the file", "secret": "of the file"},
        {"appid": "of the environment", "secret": "of the environment"},
        {"appid": "an argument", "secret": "of the environment"},
    ]


@pytest.mark.parametrize("content", [b'{"appid": "wx1"', b"appid=\xff"], ids=["no JSON", "no UTF-8"])
def test_a_file_of_credentials_that_cannot_be_read_is_named(content, run, office, server, tmp_path):
    file = tmp_path / "credentials"
    file.write_bytes(content)
    with pytest.raises(CommandError, match=str(file)):
        run(*add(office, server, *CREDENTIALS, "--credential-file", str(file)))
    assert not Account.objects.exists()


def test_a_variable_of_the_environment_that_is_missing_is_named(run, office, server):
    with pytest.raises(CommandError, match="NO_SUCH_VARIABLE"):
        run(*add(office, server, *CREDENTIALS, "--credential-env", "secret=NO_SUCH_VARIABLE"))


def test_accounts_are_listed_by_platform_and_name_with_why_they_stand_still(run, office, server):
    for name, platform in (("C", "wechat"), ("B", "tiny"), ("A", "tiny")):
        Account.objects.filter(pk=make_account(office, server, name=name).pk).update(platform=platform)
    Account.objects.filter(name="B").update(problem="凭据被拒绝。", capabilities=["publish"])
    Account.objects.filter(name="C").update(capabilities=["draft", "publish"])
    run("account", "pause", "tiny:A", "--reason", "先停一下。")
    a, b, c = run("account", "list").splitlines()
    assert [f"{name}  (province)" in line for name, line in zip("ABC", (a, b, c), strict=True)] == [True] * 3
    assert a.endswith("先停一下。") and b.endswith("凭据被拒绝。") and c.endswith("draft, publish")
    assert [row["name"] for row in json.loads(run("account", "list", "--json"))] == ["A", "B", "C"]


def test_where_the_platform_sends_what_it_tells_is_shown(run, office, server, account):
    account.platform = "wechat"
    account.save()
    assert callbacks.address_of(account) in run("account", "update", str(account.pk))


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
        (*CREDENTIALS, "--base-url", "https://h:99999"),
    ],
)
def test_a_wrong_account_is_refused_in_one_sentence_and_not_stored(more, run, office, server):
    with pytest.raises(CommandError) as error:
        run(*add(office, server, *more))
    assert "\n" not in str(error.value) and SECRET not in str(error.value)
    assert not Account.objects.exists()


def test_a_mistyped_address_is_corrected(run, account, server):
    account.base_url = "https://h:99999"
    account.save(update_fields=["base_url"])
    with pytest.raises(CommandError, match="接口地址"):
        run("account", "check", "南粤女声")
    run("account", "update", "南粤女声", "--base-url", server.url)
    run("account", "resume", "南粤女声")
    run("account", "check", "南粤女声")
    account.refresh_from_db()
    assert account.base_url == server.url and not account.problem


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

    from publishers.accounts.credentials import _key_of_file

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


def test_distribute_shows_when_it_is_due_in_the_hubs_zone(run, release, account):
    said = run("distribute", "7", "--account", "南粤女声", "--at", "2036-11-25T18:00")
    assert said.rstrip().endswith("tiny 南粤女声  2036-11-25 18:00+08:00")


@pytest.mark.parametrize("flag", ["--alike", "--again"])
def test_what_asks_first_is_sent_when_that_is_said(flag, run, release, account):
    """A text like one that went there, and one that may be there since it was cancelled halfway."""
    earlier = send(release, account=account, at=in_an_hour())
    page = "8" if flag == "--alike" else "7"
    if flag == "--alike":
        signed_release(page_id=8)
    else:
        row = {"generation": 1, "name": "draft", "input_sha256": "", "begun_at": an_hour_ago()}
        earlier.attempts.create(outcome="unknown", **row)
        cancel(earlier, by=OPERATOR)
    asked = ("distribute", page, "--account", "南粤女声")
    with pytest.raises(CommandError):
        run(*asked)
    run(*asked, flag)
    assert Delivery.objects.count() == 2


def test_what_is_urgent_goes_first(run, release, account):
    first = send(release, account=account)
    signed_release(page_id=8)
    run("distribute", "8", "--account", "南粤女声", "--alike", "--urgent")
    urgent = Delivery.objects.exclude(pk=first.pk).get()
    assert urgent.priority < first.priority


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


def test_deliver_ends_with_an_error_also_when_it_goes_once_over_what_is_due(run, release, account, server):
    server.faults["/draft"] = ["rejected"]
    send(release, account=account)
    send(signed_release(page_id=8), account=account, at=in_an_hour())
    with pytest.raises(CommandError, match="2"):
        run("deliver")


def test_deliver_tells_what_was_open_in_the_order_in_which_it_is_due(run, release, account, server):
    send(release, account=account, at=in_an_hour())
    send(signed_release(page_id=8), account=account)
    settled, waiting = run("deliver").splitlines()
    assert settled.startswith(str(Delivery.objects.get(phase=Phase.SETTLED).pk)) and server.url in settled
    assert waiting.startswith(str(Delivery.objects.get(phase=Phase.SCHEDULED).pk))


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


def test_deliveries_of_an_account_are_listed_the_latest_first(run, office, release, account, server):
    other = make_account(office, server, name="别的号")
    assert run("delivery", "list") == "没有记录。\n"
    made = [send(release, account=account, at=in_an_hour()), send(signed_release(8), account=account)]
    send(signed_release(9), account=other)
    listed = run("delivery", "list", "--account", "南粤女声").splitlines()
    assert [line.split()[0] for line in listed] == [str(delivery.pk) for delivery in made]


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
