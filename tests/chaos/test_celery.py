"""The worker of ``make run``, Celery with beat over the filesystem broker, killed while it works."""

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest
from django.db import connection

from publishers.models import Phase
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
    command = [sys.executable, "-m", "celery", "--app", "config", "worker", "--beat", "--concurrency", "1"]

    @contextmanager
    def start():
        log = tmp_path / "worker.log"
        with log.open("a") as output:
            # A session of its own: the worker is several processes, and all of them die together.
            worker = subprocess.Popen(command, env=env, stdout=output, stderr=output, start_new_session=True)
        try:
            yield lambda reached: wait_until(reached, worker, log)
        finally:
            os.killpg(worker.pid, signal.SIGKILL)
            worker.wait()

    return start


def wait_until(reached, worker, log):
    end = time.monotonic() + PATIENCE_S
    while not reached():
        assert worker.poll() is None and time.monotonic() < end, log.read_text()[-3000:]
        time.sleep(0.05)


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


def phase_of(journey) -> str:
    journey.delivery.refresh_from_db()
    return journey.delivery.phase
