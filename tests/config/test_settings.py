"""Production refuses to start unsafely; what is wrong is said in one sentence."""

import os
import re
import string
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

from config.celery import app
from config.settings import ASIDE, QUEUE, URGENT

KEY = "A" * 43 + "="
RUN = "runpy.run_path('manage.py', run_name='__main__')"
SAFE = {
    "HUB_MODE": "production",
    "HUB_SECRET_KEY": "k" * 50,
    "HUB_DEBUG": "off",
    "HUB_ALLOWED_HOSTS": "hub.example.cn",
    "HUB_CREDENTIAL_KEYS": KEY,
}


def start(code="import config.settings", **changes):
    outside = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
    return subprocess.run(
        [sys.executable, "-c", code],
        env=outside | SAFE | changes,
        capture_output=True,
        text=True,
        check=False,
    )


def test_production_starts_with_safe_settings():
    assert start().returncode == 0


def test_djangos_own_checks_find_nothing_unsafe_in_production():
    """What is left speaks for other hosts of the domain: it is their owner's to say."""
    code = f"import runpy, sys; sys.argv = ['manage.py', 'check', '--deploy', '--tag', 'security']; {RUN}"
    said = start(code, HUB_SECRET_KEY=string.ascii_letters).stderr
    assert set(re.findall(r"security\.\w+", said)) == {"security.W005", "security.W021"}, said


@pytest.mark.parametrize(
    ("sent_on", "switch", "status"), [("https", "on", 200), ("http", "on", 301), ("http", "off", 200)]
)
def test_production_leads_to_https_and_believes_the_server_before_it(sent_on, switch, status):
    asked = (
        "import django; django.setup(); from django.test import Client; "
        f"headers = {{'host': 'hub.example.cn', 'x-forwarded-proto': '{sent_on}'}}; "
        "print(Client(headers=headers).get('/healthz').status_code)"
    )
    told = start(asked, HUB_SSL_REDIRECT=switch, DJANGO_SETTINGS_MODULE="config.settings")
    assert told.stdout.split() == [str(status)], told.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HUB_SECRET_KEY", "insecure-key-for-one-machine-only"),
        ("HUB_SECRET_KEY", "short"),
        ("HUB_SECRET_KEY", "k" * 49),
        ("HUB_DEBUG", "on"),
        ("HUB_ALLOWED_HOSTS", "*"),
        ("HUB_ALLOWED_HOSTS", "hub.example.cn,*"),
        ("HUB_CREDENTIAL_KEYS", ""),
        ("HUB_CREDENTIAL_KEYS", "no Fernet key"),
        ("HUB_CREDENTIAL_KEYS", f"{KEY},cut-short"),
        ("HUB_RETENTION_DAYS", "182"),
        ("HUB_MODE", "prod"),
        ("HUB_MODE", "Production"),
    ],
)
def test_production_refuses_to_start_with(name, value):
    refused = start(**{name: value})
    assert refused.returncode != 0
    assert name in refused.stderr.splitlines()[-1]


def test_a_command_says_it_in_one_sentence_and_shows_no_part_of_a_key():
    code = f"import runpy, sys; sys.argv = ['manage.py', 'doctor']; {RUN}"
    refused = start(code, HUB_CREDENTIAL_KEYS=f"{KEY},cut-short")
    assert refused.returncode != 0
    [sentence] = refused.stderr.splitlines()
    assert "HUB_CREDENTIAL_KEYS" in sentence and "第 2 个" in sentence and "cut" not in sentence


def test_a_secret_can_be_read_from_a_file(tmp_path):
    file = tmp_path / "key"
    file.write_text("insecure-key-for-one-machine-only\n")
    environment = SAFE | {"HUB_SECRET_KEY_FILE": str(file)}
    assert "HUB_SECRET_KEY 在生产环境中" in start(**environment).stderr


def test_an_address_that_holds_a_password_can_be_read_from_a_file(tmp_path):
    file = tmp_path / "url"
    file.write_text("postgres://hub:s3cret@db.example.cn/hub\n")
    shown = start(
        "from config.settings import DATABASES; print(DATABASES['default']['PASSWORD'])",
        HUB_DATABASE_URL_FILE=str(file),
    )
    assert shown.stdout == "s3cret\n"


def test_a_secret_file_that_is_missing_is_named(tmp_path):
    for path in (tmp_path / "none", tmp_path):
        said = start(HUB_SECRET_KEY_FILE=str(path)).stderr.splitlines()[-1]
        assert "HUB_SECRET_KEY_FILE" in said and str(path) in said


def test_every_setting_is_told_in_the_example():
    root = Path(__file__).resolve().parents[2]
    code = "".join(file.read_text() for file in (root / "config").glob("*.py"))
    read = set(re.findall(r"\.read\(\s*\"([A-Z_]+)\"", code))
    told = set(re.findall(r"^HUB_([A-Z_]+)=", (root / ".env.example").read_text(), re.MULTILINE))
    assert read and read <= told, read - told


@pytest.mark.parametrize(
    ("changes", "hosts"),
    [
        ({}, []),
        ({"HUB_MODE": "embedded"}, ["127.0.0.1", "localhost"]),
        ({"HUB_PRIVATE_HOSTS_ALLOWED": "sandbox.internal"}, ["sandbox.internal"]),
    ],
    ids=["production", "one machine", "as it is said"],
)
def test_in_production_the_hub_calls_no_service_of_its_own_network_unless_it_is_said(changes, hosts):
    shown = start("from config.settings import PRIVATE_HOSTS_ALLOWED as hosts; print(*hosts)", **changes)
    assert shown.stdout.split() == hosts, shown.stderr


def test_a_form_of_log_lines_that_is_not_known_is_refused():
    assert "HUB_LOG_FORMAT" in start(HUB_LOG_FORMAT="xml").stderr.splitlines()[-1]


def test_only_a_worker_speaks_to_a_mail_server_whoever_sends_mail():
    tell = "from config import settings; print(settings.EMAIL_BACKEND, settings.MAIL_SERVER_BACKEND)"
    told = start(tell, HUB_EMAIL_URL="smtp://a:b@mail.example:587/?tls=True").stdout.split()
    assert told == ["cms.mailing.Outbox", "cms.mailing.server.Backend"]
    assert start(tell, HUB_EMAIL_URL="dummy://").stdout.startswith("django.core.mail.backends.dummy.")


def test_a_committed_row_survives_a_power_cut(tmp_path):
    """A call that was begun is known as begun: asked on the hub's own connection to its file."""
    asked = "print(connection.cursor().execute('PRAGMA synchronous').fetchone()[0])"
    code = f"import django; django.setup(); from django.db import connection; {asked}"
    shown = start(code, HUB_DATA_DIR=str(tmp_path), DJANGO_SETTINGS_MODULE="config.settings")
    assert shown.stdout == "2\n", shown.stderr  # FULL


def test_each_call_of_beats_ends_so_that_none_pile_up_where_nobody_takes_them():
    assert [name for name, call in app.conf.beat_schedule.items() if "expires" not in call["options"]] == []


def test_each_task_has_its_line():
    """What may hang or can wait keeps no delivery waiting, and nothing keeps what is urgent."""
    app.loader.import_default_modules()
    lines = defaultdict(set)
    for name in app.tasks:
        if name.startswith("publishers."):
            lines[app.amqp.router.route({}, name)["queue"].name].add(name.removeprefix("publishers."))
    assert lines == {
        QUEUE: {"deliver", "sweep"},
        URGENT: {"deliver_urgent", "sweep_urgent", "handle_callbacks"},
        ASIDE: {
            *("look", "look_around", "figures_of", "gather_figures"),
            *("warn_of_consents", "see_to_people", "send_mail", "expire"),
        },
    }
