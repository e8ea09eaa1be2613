"""The worker of ``make run``, Celery with beat over the filesystem broker, killed while it works."""

import datetime as dt
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from publishers.models import Heartbeat, Phase
from publishers.operations import heartbeat
from tests.chaos.journeys import SUBMIT, an_hour_passes, leases_end, make_journey
from tests.chaos.processes import environment

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE_S = 90
# Longer than the worker lives on: it dies while it waits for the answer to what was done already.
LATE_S = 15
DRAFT = "/cgi-bin/draft/add"


@pytest.fixture
def celery(hub, tmp_path):
    """Return a starter of workers that share their broker's folder, as after a crash on one machine."""
    env = environment(connection.settings_dict, tmp_path) | {"HUB_BROKER_URL": "filesystem://"}
    command = [
        sys.executable,
        "-m",
        "celery",
        "--app",
        "config",
        "worker",
        "--beat",
        "--pool",
        "solo",
    ]

    @contextmanager
    def start():
        log = tmp_path / "worker.log"
        with log.open("a") as output:
            # A session of its own: the worker is several processes, and all of them die together.
            worker = subprocess.Popen(command, env=env, stdout=output, stderr=output, start_new_session=True)
        try:
            yield Started(worker, log)
        finally:
            os.killpg(worker.pid, signal.SIGKILL)
            worker.wait()

    return start


@dataclass
class Started:
    """A worker that lives; called with a question, it waits until the answer is yes."""

    worker: subprocess.Popen
    log: Path

    def __call__(self, reached):
        end = time.monotonic() + PATIENCE_S
        while not reached():
            assert self.worker.poll() is None and time.monotonic() < end, self.log.read_text()[-3000:]
            time.sleep(0.05)

    def kill_its_children(self):
        pid = self.worker.pid
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            os.kill(int(child), signal.SIGKILL)


def test_a_worker_killed_twice_in_mid_flight_is_succeeded_and_the_edition_is_there_once(
    sandbox, office, celery
):
    journey = make_journey(sandbox, office, "wechat")

    def was_called(path):
        return lambda: sandbox.calls("wechat", journey.account_id, path)

    for path in (DRAFT, SUBMIT["wechat"]):
        sandbox.fault("delay", seconds=LATE_S, platform="wechat", account=journey.account_id, path=path)
        with celery() as wait:
            wait(was_called(path))
        journey.delivery.refresh_from_db()
        assert journey.delivery.phase == Phase.SENDING and journey.delivery.lease_until
        leases_end(journey)
    an_hour_passes(journey)
    with celery() as wait:
        wait(lambda: phase_of(journey) in (Phase.SETTLED, Phase.ATTENTION))

    assert journey.delivery.phase == Phase.SETTLED, journey.delivery.reason
    assert journey.shown() == {release.title: 1 for release in journey.releases}
    assert [len(was_called(path)()) for path in (DRAFT, SUBMIT["wechat"])] == [1, 1]
    assert sandbox.drafts(journey.account_id) == []


def test_its_processes_killed_beat_among_them_the_worker_goes_on_sweeping(celery):
    with celery() as wait:
        wait(lambda: heartbeat.age() is not None)
        wait.kill_its_children()
        # Later than any call of the dead beat, which nobody answers after a few seconds.
        later = timezone.now() + dt.timedelta(seconds=10)
        wait(lambda: Heartbeat.objects.filter(at__gt=later).exists())


def phase_of(journey) -> str:
    journey.delivery.refresh_from_db()
    return journey.delivery.phase
