"""Where nothing more can be written, no call is made; with space again everything goes on, once."""

import errno
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import InterfaceError, OperationalError, connection

from publishers import engine
from publishers.engine import space
from publishers.models import Phase
from publishers.platforms.wechat.plugin import WeChat
from readers.site import views
from tests.chaos.conftest import hub, office, sandbox
from tests.chaos.journeys import an_hour_passes, make_journey
from tests.chaos.processes import environment
from tests.publishers.operations.test_backup import bring_on, titles

__all__ = ["hub", "office", "sandbox"]
pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(__file__).resolve().parents[3]
# Pages that are begun have room, so that each worker comes to its end at another place.
SPARE_PAGES = (0, 0, 0, 0, 0, 0, 1, 1, 2, 2, 3, 3)
# A worker whose database may grow by so many pages: SQLite then answers as it does on a full disk.
WORKER = """
import json, sys, django
django.setup()
from django.db import OperationalError, connection
from publishers import engine
ended = []
for delivery_id, spare in json.load(sys.stdin):
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")
        cursor.execute("PRAGMA page_count")
        cursor.execute(f"PRAGMA max_page_count = {cursor.fetchone()[0] + spare}")
    try:
        ended.append(engine.run(delivery_id))
    except OperationalError as error:
        ended.append(str(error))
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA max_page_count = 1000000000")
print(json.dumps(ended))
"""


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="SQLite can be told that its disk is full")
def test_a_full_disk_stops_before_a_call_and_loses_nothing(sandbox, office, tmp_path):
    journeys = [make_journey(sandbox, office, "wechat") for _ in SPARE_PAGES]
    runs = [(str(journey.delivery.pk), spare) for journey, spare in zip(journeys, SPARE_PAGES, strict=True)]
    worker = subprocess.run(
        [sys.executable, "-c", WORKER],
        env=environment(connection.settings_dict, tmp_path) | {"DJANGO_SETTINGS_MODULE": "config.settings"},
        input=json.dumps(runs),
        capture_output=True,
        text=True,
        check=False,
    )
    assert worker.returncode == 0, worker.stderr
    ended = json.loads(worker.stdout.splitlines()[-1])
    assert "database or disk is full" in ended, ended
    for journey, end in zip(journeys, ended, strict=True):
        written = journey.delivery.attempts.count()
        changing = [
            call for call in sandbox.calls("wechat", journey.account_id) if "draft/add" in call["path"]
        ]
        assert len(changing) <= written, end
        an_hour_passes(journey)
    bring_on(*journeys)
    for journey in journeys:
        assert journey.delivery.phase in (Phase.SETTLED, Phase.ATTENTION), journey.delivery.reason
        if journey.delivery.phase == Phase.SETTLED:
            assert journey.shown() == titles(journey)
        assert journey.submissions() <= 1


@pytest.mark.parametrize(
    "error",
    [
        OperationalError("database or disk is full"),
        OperationalError('could not extend file "base/1/2": No space left on device'),
        OSError(errno.ENOSPC, "No space left on device"),
        OperationalError("disk I/O error"),
        OperationalError("unable to open database file"),
    ],
)
def test_whoever_uses_the_desk_or_the_site_reads_what_is_the_matter(error, client, monkeypatch):
    def full(*args, **kwargs):
        raise error

    client.raise_request_exception = False
    monkeypatch.setattr(views, "_page", full)
    answer = client.get("/")
    assert answer.status_code == 503 and answer["Retry-After"] and answer["Cache-Control"] == "no-store"
    assert "磁盘已满" in answer.content.decode() and "Traceback" not in answer.content.decode()


@pytest.mark.parametrize(
    ("error", "status"), [(InterfaceError("the connection is closed"), 503), (ValueError("a fault"), 500)]
)
def test_only_what_an_operator_mends_asks_to_come_again(error, status, client, monkeypatch):
    def failing(*args, **kwargs):
        raise error

    client.raise_request_exception = False
    monkeypatch.setattr(views, "_page", failing)
    answer = client.get("/")
    assert (answer.status_code, "Retry-After" in answer) == (status, status == 503)
    assert "磁盘已满" not in answer.content.decode()


# In a namespace of its own: a small disk with a migrated database, filled to the last byte.
ON_A_FULL_DISK = """
set -e
mount -t tmpfs -o size=16m tmpfs "$HUB_DATA_DIR"
cp "$MIGRATED" "$HUB_DATA_DIR/hub.sqlite3"
{ cat /dev/zero > "$HUB_DATA_DIR/filling"; } 2>/dev/null || true
exec "$@"
"""


ASK = """
import django
django.setup()
from django.test import Client
client = Client(raise_request_exception=False, HTTP_HOST="127.0.0.1")
for path in ("/", "/readyz", "/api/v1/articles/"):
    print(client.get(path).content.decode())
"""


@pytest.fixture
def full_disk(migrated_file, tmp_path):
    """Return the start of a command that runs on such a disk, and its environment."""
    started = ["unshare", "--map-root-user", "--mount", "sh", "-c", ON_A_FULL_DISK, "sh"]
    env = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
    env |= {"HUB_DATA_DIR": str(tmp_path), "MIGRATED": str(migrated_file), "HUB_LOG_LEVEL": "WARNING"}
    env |= {"DJANGO_SETTINGS_MODULE": "config.settings"}
    try:
        subprocess.run([*started, "true"], env=env, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"no small disk can be mounted here: {getattr(error, 'stderr', error)}")
    return started, env


def test_where_no_connection_opens_whoever_asks_reads_what_is_the_matter(full_disk):
    started, env = full_disk
    ran = subprocess.run(
        [*started, sys.executable, "-c", ASK], env=env, capture_output=True, text=True, check=False
    )
    page, problems = ran.stdout.split('{"ready"')
    assert "磁盘已满" in page, ran.stdout + ran.stderr
    assert '"database": "unreachable"' in problems and '"status":503' in problems


def test_doctor_names_what_the_full_disk_keeps_from_answering(full_disk):
    started, env = full_disk
    doctor = [*started, sys.executable, "manage.py", "doctor"]
    ran = subprocess.run(doctor, env=env, cwd=ROOT, capture_output=True, text=True, check=False)
    said = ran.stdout + ran.stderr
    assert ran.returncode == 1 and "Traceback" not in said
    [found] = [line for line in ran.stdout.splitlines() if re.match(r"✗ +database ", line)]
    assert "磁盘已满" in found, said
    assert re.search(r"^. +accounts ", ran.stdout, re.MULTILINE), "It looks at everything, to the last."


def test_a_worker_that_starts_then_waits_for_space(full_disk):
    started, env = full_disk
    options = ("--pool", "solo", "--without-gossip", "--without-mingle", "--without-heartbeat")
    celery = [sys.executable, "-m", "celery", "--app", "config", "worker", *options, "--loglevel", "INFO"]
    line = 'exec 3<>"$0"; "$@" & read -r _ <&3; rm "$HUB_DATA_DIR/filling"; wait'
    gate = Path(env["HUB_DATA_DIR"]).with_name("gate")
    os.mkfifo(gate)
    env |= {"HUB_LOG_LEVEL": "INFO"}
    command = [*started, "sh", "-c", line, str(gate), *celery]
    with subprocess.Popen(command, env=env, stderr=subprocess.PIPE, text=True, process_group=0) as worker:
        try:
            said = next(text for text in worker.stderr if "waiting for space" in text or "Traceback" in text)
            assert "waiting for space" in said
            gate.write_text("there is space\n")
            assert any(" ready" in text for text in worker.stderr)
        finally:
            os.killpg(worker.pid, signal.SIGTERM)


def test_another_error_is_told_as_ever():
    assert not space.is_full(OperationalError("database is locked"))
    assert not space.is_full(OSError(errno.EACCES, "Permission denied"))


def test_a_worker_that_cannot_write_a_file_asks_no_person(sandbox, office, monkeypatch):
    journey = make_journey(sandbox, office, "wechat")
    with monkeypatch.context() as patch:
        patch.setattr(WeChat, "publish", lambda self, job: Path("/dev/full").write_text("x"))
        with pytest.raises(OSError, match="No space left"):
            engine.run(journey.delivery.pk)
    an_hour_passes(journey)
    bring_on(journey)
    assert journey.delivery.phase == Phase.SETTLED and journey.shown() == titles(journey)
