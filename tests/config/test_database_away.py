"""While the database is away: a page in Chinese that asks to come again, and one sentence from a command."""

import json
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SECRET = "s3cret"
ASK = """
import django, json
django.setup()
from django.test import Client
client = Client(raise_request_exception=False, HTTP_HOST="127.0.0.1")
client.cookies["sessionid"] = "a" * 32
for path in {paths}:
    answer = client.get(path)
    print(json.dumps([answer.status_code, answer.get("Retry-After"), answer.content.decode()]))
"""


#: Nobody is kept longer by a database that says nothing; it would be for ever.
BOUND_S = 60


@pytest.fixture
def run(tmp_path):
    """Return what runs Python in a hub whose database and broker nobody serves; ``said`` are variables."""
    outside = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
    env = outside | {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "HUB_DATA_DIR": str(tmp_path),
        "HUB_DATABASE_URL": f"postgres://hub:{SECRET}@127.0.0.1:9/hub",
        "HUB_BROKER_URL": f"redis://:{SECRET}@127.0.0.1:9/0",
        "HUB_PUBLIC_URL": "http://127.0.0.1:9",
        "HUB_LOG_LEVEL": "CRITICAL",
    }
    return lambda *arguments, **said: subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=env | said,
        capture_output=True,
        text=True,
        timeout=BOUND_S,
    )


@pytest.fixture
def silent():
    """Return the address of a database that accepts and never says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=100) as listening:
        yield f"postgres://hub:{SECRET}@127.0.0.1:{listening.getsockname()[1]}/hub"


def test_whoever_asks_is_told_and_asked_to_come_again(run):
    pages = ["/", "/admin/login/", "/admin/", "/feeds/1/key.xml", "/r/token"]
    told = run("-c", ASK.format(paths=[*pages, "/api/v1/articles/", "/readyz"]))
    *answers, api, ready = map(json.loads, told.stdout.splitlines())
    for status, again, page in answers:
        assert status == 503 and again and "数据库暂时没有响应" in page and SECRET not in page
    assert api[:2] == [503, answers[0][1]] and ready[0] == 503 and '"database": "unreachable"' in ready[2]


@pytest.mark.parametrize("command", ["migrate", "bootstrap --name 南粤", "expire"])
def test_a_command_says_in_one_sentence_what_to_do(run, command):
    refused = run("manage.py", *command.split())
    [sentence] = refused.stderr.splitlines()
    assert refused.returncode != 0 and SECRET not in sentence
    assert "HUB_DATABASE_URL" in sentence


def test_the_doctor_says_what_to_do_before_what_the_driver_says(run):
    said = run("manage.py", "doctor").stdout
    lines = {line[3:25].strip(): line[26:] for line in said.splitlines() if line.startswith("✗")}
    for name, variable in {
        "database": "HUB_DATABASE_URL",
        "broker": "HUB_BROKER_URL",
        "public address": "HUB_PUBLIC_URL",
    }.items():
        sentence, driver, _rest = lines[name].partition("（")
        assert "请" in sentence and variable in sentence and driver
    assert SECRET not in said


def test_a_database_that_accepts_and_says_nothing_is_told_as_away(run, silent):
    told = run("-c", ASK.format(paths=["/readyz", "/metrics", "/"]), HUB_DATABASE_URL=silent)
    ready, metrics, page = map(json.loads, told.stdout.splitlines())
    assert ready[0] == 503 and '"database": "unreachable"' in ready[2]
    assert "hub_database_up 0.0" in metrics[2]
    assert page[0] == 503 and "数据库暂时没有响应" in page[2]


def test_the_doctor_asks_a_database_that_says_nothing_once(run, silent):
    said = run("manage.py", "doctor", HUB_DATABASE_URL=silent).stdout
    assert "✗  database" in said and "✓  texts" in said
    assert len(re.findall("✗ .*无法得知", said)) > 8
