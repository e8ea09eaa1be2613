"""Whatever is wrong with a variable is one sentence in Chinese that names it, wherever it is read."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from config import values
from config.environment import load

ROOT = Path(__file__).resolve().parents[2]
#: Part of a wrong value that may hold a secret: nobody is to see it.
SECRET = "s3cret"
LONG = "x" * 300
WRONG = {
    "MODE": ["prod", "Production"],
    "DEBUG": ["maybe", "2", "on off"],
    "SSL_REDIRECT": ["maybe", "https"],
    "DATA_DIR": ["/dev/null", "/dev/null/hub", "/proc/hub", f"/{LONG}"],
    "MEDIA_ROOT": ["/dev/null", f"/{LONG}"],
    "KEY_DIR": ["/dev/null", f"/{LONG}"],
    "ALLOWED_HOSTS": ["https://hub.example.cn", "a b", "hub.example.cn:443", "女声.cn"],
    "CSRF_TRUSTED_ORIGINS": ["hub.example.cn", "https://", "https://a.cn/path", f"https://u:{SECRET}@a.cn"],
    "PUBLIC_URL": [
        *("hub.example.cn", "ftp://a.cn", "http://", "http://a.cn:x", f"http://u:{SECRET}@a.cn"),
        *("https://a.cn/sub/", "https://a.cn/?", "https://a.cn?q=1", "https://a.cn#f"),
    ],
    "DATABASE_URL": [
        *("foo", "foo://", "mysql://u@host/hub", "sqlite://", "sqlite:////", "sqlite:///none/there"),
        *("sqlite:///hub?x=y", f"postgres://u:{SECRET}@h:port/hub", f"postgres://u:{SECRET}@h"),
        *(f"postgres://u:{SECRET}@h/hub?nonsense=1", f"postgres://u:{SECRET}/x@h/hub"),
    ],
    "BROKER_URL": [
        "foo",
        "foo://",
        "redis:",
        "redis://",
        f"redis://:{SECRET}@h:x/0",
        "redis://h/db",
        "amqp://",
    ],
    "QUEUE": ["a b", "a/b", "中枢", LONG],
    "CREDENTIAL_KEYS": [SECRET, f"{SECRET},{'A' * 43}="],
    "PRIVATE_HOSTS_ALLOWED": ["http://127.0.0.1", "a b"],
    "TRUSTED_PROXIES": ["nonsense", "10.0.0.1/8", "10.0.0.0/33", "127.0.0.1;10.0.0.1"],
    "EMAIL_URL": [
        "foo",
        "foo://",
        "smtp://",
        f"smtps://u:{SECRET}@h:465",
        f"smtp://u:{SECRET}@h:x",
        f"smtp://u:{SECRET}@h?timeout=x",
        *(
            f"smtp://u:{SECRET}@h?tls=True&ssl=True",
            f"smtp://u:{SECRET}%E5%AF%86@h",
            f"smtp://%E5%AF%86:{SECRET}@h",
        ),
    ],
    "FROM_EMAIL": ["hub", "hub@", "a b@c"],
    "IMPORT_MAX_BYTES": ["many", "0", "-1", "1.5"],
    "RETENTION_DAYS": ["many", "182", "1000000000000"],
    "LOG_LEVEL": ["loud", "info", "10"],
    "LOG_FORMAT": ["xml", "JSON"],
    "METRICS_TOKEN": [f"{SECRET} x", f"{SECRET}密"],
    "BIND": ["127.0.0.1:99999", "127.0.0.1", ":8000", "127.0.0.1:0", "http://127.0.0.1:8000", "a b:80"],
    "SANDBOX_PORT": ["x", "0", "65536", "8100.0"],
}
#: Any text may be one, but for what production asks (test_settings).
ANYTHING = {"SECRET_KEY"}
# Reads the settings anew for each case.
READ = """
import contextlib, io, json, os, runpy, sys
for name, value in json.load(sys.stdin):
    said, code = io.StringIO(), 0
    os.environ["HUB_" + name] = value
    with contextlib.redirect_stderr(said):
        try:
            runpy.run_path("config/settings.py")
        except SystemExit as ended:
            code = ended.code
    del os.environ["HUB_" + name]
    print(json.dumps([code, said.getvalue()]))
"""


def environment(folder: Path, **said: str) -> dict[str, str]:
    outside = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
    return outside | {"HUB_DATA_DIR": str(folder), "HUB_EMAIL_URL": "dummy://"} | said


def read(folder: Path, cases: list[tuple[str, str]]) -> list[tuple[int, str]]:
    """Return the exit code and what was said for each name and value."""
    ran = subprocess.run(
        [sys.executable, "-c", READ],
        cwd=ROOT,
        env=environment(folder),
        input=json.dumps(cases),
        capture_output=True,
        text=True,
        check=True,
    )
    return [tuple(json.loads(line)) for line in ran.stdout.splitlines()]


def in_one_sentence(said: str, name: str) -> bool:
    return bool(re.fullmatch(rf"HUB_{name} 的.*应为.*[。）]\n", said)) and SECRET not in said


def test_every_setting_is_tried():
    told = re.findall(r"^HUB_([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
    assert set(told) == set(WRONG) | ANYTHING


def test_what_is_wrong_is_one_sentence_that_names_the_setting_and_shows_no_secret(tmp_path):
    cases = [(name, value) for name, values in WRONG.items() for value in values]
    found = dict(zip(cases, read(tmp_path, cases), strict=True))
    assert not {
        case: each for case, each in found.items() if each[0] == 0 or not in_one_sentence(each[1], case[0])
    }


def test_what_is_right_is_taken(tmp_path):
    right = {
        "DEBUG": ["True", "0", "OFF"],
        "ALLOWED_HOSTS": ["*", ".example.cn, hub-1", "[::1]"],
        "CSRF_TRUSTED_ORIGINS": ["https://*.example.cn,http://hub:8000"],
        "PUBLIC_URL": ["https://hub.example.cn/", "http://[::1]:8000", "http://hub"],
        "DATABASE_URL": [
            *("postgresql://h/hub", "postgres://u:p%40ss@h:5432/hub?sslmode=require"),
            *("postgres://u@%2Frun%2Fpostgresql/hub", f"sqlite:///{tmp_path}/of hub.sqlite3"),
        ],
        "BROKER_URL": ["redis://h", "rediss://:p%23@h:6379/1", "amqp://u:p@h:5672//", "amqps://h/hub"],
        "EMAIL_URL": [
            "console://",
            "smtp://u%40a.cn:p@h:587/?tls=True",
            "smtp://h:465/?ssl=True",
            "submission://h",
        ],
        "FROM_EMAIL": ["女声 <hub@example.cn>"],
        "TRUSTED_PROXIES": ["127.0.0.1, 10.0.0.0/8,::1"],
        "BIND": ["0.0.0.0:80", "[::1]:8000", "localhost:8000"],
    }
    cases = [(name, value) for name, values in right.items() for value in values]
    found = dict(zip(cases, read(tmp_path, cases), strict=True))
    assert not {case: each for case, each in found.items() if each != (0, "")}


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (values.SWITCH, "True", True),
        (values.SWITCH, "1", True),
        (values.SWITCH, "OFF", False),
        (values.SWITCH, "n", False),
        (values.whole_number(183, 400), "183", 183),
        (values.whole_number(183, 400), "400", 400),
        (values.ORIGINS, "https://a.cn/, http://b:1", ["https://a.cn", "http://b:1"]),
        (values.BIND, "hub:1", "hub:1"),
        (values.BIND, "[::1]:65535", "[::1]:65535"),
        (values.FERNET_KEYS, f" {'A' * 43}= ,,", [f"{'A' * 43}="]),
    ],
)
def test_what_is_right_is_taken_as_it_is_meant(kind, text, value):
    assert kind.parse(text) == value


def test_what_an_address_says_of_patience_goes_before_the_hubs():
    options = values.DATABASE.parse("postgres://u@h/hub?connect_timeout=2&sslmode=require")["OPTIONS"]
    assert int(options["connect_timeout"]) == 2 and options["sslmode"] == "require"
    assert options["tcp_user_timeout"] == values.PATIENCE["tcp_user_timeout"]


def test_of_a_long_value_the_beginning_is_shown(capsys, monkeypatch):
    monkeypatch.setenv("HUB_QUEUE", LONG)
    with pytest.raises(SystemExit):
        values.NAME.read("QUEUE", "hub")
    assert f"“{LONG[:80]}”" in capsys.readouterr().err


def test_a_secret_file_that_the_shell_names_goes_before_what_the_file_of_variables_says(
    tmp_path, monkeypatch
):
    monkeypatch.setattr("config.environment.BASE_DIR", tmp_path)
    (tmp_path / ".env").write_text("HUB_SECRET_KEY=of the file\nHUB_QUEUE=of the file\n")
    (tmp_path / "key").write_text("of the shell")
    monkeypatch.setattr(os, "environ", {"HUB_SECRET_KEY_FILE": str(tmp_path / "key")})
    load()
    assert "HUB_SECRET_KEY" not in os.environ and os.environ["HUB_QUEUE"] == "of the file"


@pytest.mark.parametrize(
    "command",
    [
        ["manage.py", "doctor"],
        ["manage.py", "migrate"],
        ["-m", "config.run", "--env", "/dev/null", "check"],
        ["-m", "celery", "--app", "config", "worker"],
        ["-m", "gunicorn", "config.wsgi", "--bind", "127.0.0.1:0", "--no-control-socket"],
    ],
    ids=["doctor", "migrate", "run", "celery", "gunicorn"],
)
def test_whatever_is_started_says_it_and_ends(tmp_path, command):
    wrong = environment(tmp_path, HUB_DATABASE_URL=f"postgres://u:{SECRET}@h:port/hub")
    ran = subprocess.run([sys.executable, *command], cwd=ROOT, env=wrong, capture_output=True, text=True)
    assert ran.returncode != 0 and "Traceback" not in ran.stderr and SECRET not in ran.stdout + ran.stderr
    # gunicorn tells beside it that its worker did not start.
    [sentence] = [line for line in ran.stderr.splitlines() if "HUB_" in line]
    assert in_one_sentence(f"{sentence}\n", "DATABASE_URL")


def test_a_misspelt_name_is_told_by_every_command(tmp_path):
    said = environment(tmp_path, HUB_TYPO="1", HUB_TOKEN_FILE=__file__, HUB_QUEUE="hub", HUB_TEST_REDIS="")
    ran = subprocess.run(
        [sys.executable, "manage.py", "check"], cwd=ROOT, env=said, capture_output=True, text=True
    )
    told = re.findall(r"(HUB_\w+)，它不起作用", ran.stderr)
    assert ran.returncode == 0 and told == ["HUB_TOKEN_FILE", "HUB_TYPO"], ran.stderr


@pytest.mark.parametrize("content", [b"HUB_QUEUE=\xff\n", b"HUB_QUEUE=\0\n"], ids=["no UTF-8", "a null byte"])
def test_a_file_of_variables_that_cannot_be_read_is_named(tmp_path, monkeypatch, capsys, content):
    monkeypatch.setattr("config.environment.BASE_DIR", tmp_path)
    (tmp_path / ".env").write_bytes(content)
    with pytest.raises(SystemExit) as ended:
        load()
    [sentence] = capsys.readouterr().err.splitlines()
    assert ended.value.code and str(tmp_path / ".env") in sentence
