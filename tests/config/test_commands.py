"""Whatever stands after a command, it ends with one sentence in Chinese, not in a traceback."""

import argparse
import io
import re
from collections.abc import Iterator

import pytest
from django.apps import apps
from django.core.management import (
    CommandError,
    ManagementUtility,
    call_command,
    get_commands,
    load_command_class,
)

from cms.management.commanding import InOneSentence
from publishers.models import Account

#: What a command needs before one of its arguments is odd.
USUAL = {
    "account add": "--office province --platform wechat --name 新 --credential appid=a --credential secret=b",
    "account check": "账号",
    "account pause": "账号",
    "account resume": "账号",
    "account update": "账号",
    "backup": "backup",
    "bootstrap": "--name 广东省妇联",
    "delivery notify": "00000000-0000-0000-0000-000000000000",
    "delivery retry": "00000000-0000-0000-0000-000000000000",
    "delivery show": "00000000-0000-0000-0000-000000000000",
    "distribute": "1 --account 账号",
    "import_document": "a.txt --type story --office province",
    "package": "00000000-0000-0000-0000-000000000000 --output package.zip",
    "proof": "00000000-0000-0000-0000-000000000000 --output proof.zip",
    "restore": "backup",
    "startpublisher": "county_paper",
}
#: Starts itself again, in a process of its own: tests/demo.
APART = {"demo"}
LONG = "n" * 300
KINDS = {
    "numbers": ["-5", "0", "9" * 20, "9" * 5000, "nan", "inf", "x"],
    "texts": ["", " ", LONG, "a\0b", "\udcff", "{x}", "a=\udcff"],
    "times": ["0001-01-01T00:00", "9999-12-31T23:59", "2026-02-30", "2026-11-25T18:00+99:00", "yesterday"],
    "paths": ["/nonexistent/a", "/", "/dev/null", "binary", "deep.json", f"/{LONG}", "locked/a", "."],
    "codes": ["00000000-0000-0000-0000-000000000000", "platform:name", "1", "https://[::1", "ftp://a"],
}


def parsers() -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """Yield each command of the hub, an action's with its name, and its parser."""
    houses = {config.name for config in apps.get_app_configs()} & {"cms", "readers", "publishers"}
    for name, house in sorted(get_commands().items()):
        if house not in houses:
            continue
        parser = load_command_class(house, name).create_parser("manage.py", name)
        actions = [each for each in parser._actions if isinstance(each, argparse._SubParsersAction)]
        if not actions:
            yield name, parser
        for action, below in [pair for each in actions for pair in each.choices.items()]:
            yield f"{name} {action}", below


def lines(values: list[str]) -> Iterator[list[str]]:
    """Yield each command with each of the values in the place of each argument that takes one."""
    for name, parser in parsers():
        if name in APART:
            continue
        usual = [*name.split(), *USUAL.get(name, "").split()]
        common = {"--verbosity", "--settings", "--pythonpath", "--version", "--help"}
        for argument in parser._actions:
            if argument.nargs == 0 or common & set(argument.option_strings):
                continue
            for value in values:
                if argument.option_strings:
                    yield [*usual, f"{argument.option_strings[-1]}={value}"]
                elif not value.startswith("-"):
                    at = len(name.split())
                    yield [*usual[:at], value, *usual[at + 1 :]]


def told(line: list[str]) -> str:
    """Return what is wrong with how a command ended; nothing where it did, or was refused, as it should."""
    try:
        call_command(*line, stdout=io.StringIO(), stderr=io.StringIO())
    except CommandError as error:
        said = str(error)
        one = "\n" not in said and re.search(r"[\u4e00-\u9fff]", said) and "Error" not in said
        return "" if one and error.returncode in (1, 2) else said
    except (Exception, SystemExit) as error:  # noqa: BLE001  # whatever it is, it is a traceback
        return f"{type(error).__name__}: {error}"
    return ""


@pytest.fixture
def hub(transactional_db, cast, settings, tmp_path, monkeypatch):
    """A hub with an account, in a folder with odd files."""
    settings.KEY_DIR = tmp_path / "keys"
    folder = tmp_path / "here"
    (folder / "locked").mkdir(parents=True)
    (folder / "binary").write_bytes(bytes(range(256)))
    (folder / "deep.json").write_text('{"a":' * 100_000)
    (folder / "a.txt").write_text("标题\n\n正文")
    (folder / "locked").chmod(0)
    monkeypatch.chdir(folder)
    Account.objects.create(office=cast.office, platform="wechat", name="账号")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", KINDS)
def test_whatever_stands_in_an_arguments_place_is_taken_or_refused_in_one_sentence(kind, hub):
    wrong = {" ".join(line)[:150]: how for line in lines(KINDS[kind]) if (how := told(line))}
    assert not wrong


def test_every_command_speaks_in_one_sentence():
    houses = {"cms", "readers", "publishers"}
    own = [(house, name) for name, house in get_commands().items() if house in houses]
    assert own and all(isinstance(load_command_class(*each), InOneSentence) for each in own)


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("delivery list --limit -5", "--limit"),
        ("delivery list --nope", "--nope"),
        ("delivery", "ACTION"),
        ("account add --name x", "--office"),
        ("account update 1 --transport nope", "--transport"),
        ("distribute abc --account 1", "PAGE"),
        ("deliver --timeout nan", "--timeout"),
        ("deliver --timeout", "--timeout"),
    ],
)
@pytest.mark.django_db
def test_an_argument_that_cannot_be_is_named(line, names):
    with pytest.raises(CommandError, match=names) as refused:
        call_command(*line.split())
    assert refused.value.returncode == 2 and re.search(r"[\u4e00-\u9fff]", str(refused.value))


def test_from_a_shell_it_is_one_line_and_status_2(capsys):
    with pytest.raises(SystemExit) as ended:
        ManagementUtility(["manage.py", "delivery", "list", "--limit", "-5"]).execute()
    [sentence] = capsys.readouterr().err.splitlines()
    assert ended.value.code == 2 and "--limit" in sentence and "整数" in sentence


@pytest.mark.parametrize("length", [120, 121])
def test_a_name_is_as_long_as_the_database_takes_it_on_both_databases(length, cast):
    add = ["account", "add", "--office=province", "--platform=wechat", "--credential=appid=a"]
    line = [*add, "--credential=secret=b", f"--name={'n' * length}"]
    if length == 120:
        call_command(*line)
    else:
        with pytest.raises(CommandError, match="120"):
            call_command(*line)
    assert Account.objects.count() == (length == 120)
