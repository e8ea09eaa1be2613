"""Workers and beat of ``make run``, over the filesystem broker, killed while they work."""

import datetime as dt
import os
import re
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.db import connection
from django.db.models.functions import Now

from publishers import engine
from publishers.models import Delivery, Heartbeat, Phase
from publishers.operations import heartbeat
from tests.chaos.hanging import Hanging, silence
from tests.chaos.journeys import SUBMIT, an_hour_passes, leases_end, make_journey
from tests.chaos.processes import environment
from tests.publishers.engine.cast import make_due

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE_S = 90
# Longer than the worker lives on: it dies while it waits for the answer to what was done already.
LATE_S = 15
INTERRUPTED = 130
BEATS, LOOKS = 3, 2
#: So many of the Procfile take ordinary deliveries.
WORKERS = 2
ROOT = Path(__file__).resolve().parents[2]
DRAFT = "/cgi-bin/draft/add"


@pytest.fixture
def env(hub, tmp_path):
    """Return the environment of processes that share their broker's folder, as on one machine."""
    return environment(connection.settings_dict, tmp_path) | {"HUB_BROKER_URL": "filesystem://"}


@pytest.fixture
def celery(env, tmp_path):
    """Return a starter of a worker with beat: what one of them started is there when the next one starts."""
    command = [sys.executable, "-m", "celery", "--app", "config", "worker", "--beat", "--pool", "solo"]

    @contextmanager
    def start():
        log = tmp_path / "worker.log"
        with log.open("a") as output:
            # A session of its own: the worker is several processes, and all of them die together.
            worker = subprocess.Popen(command, env=env, stdout=output, stderr=output, start_new_session=True)
        try:
            yield Started(worker, log)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(worker.pid, signal.SIGKILL)
            worker.wait()

    return start


@pytest.fixture
def make_run(env, tmp_path):
    """Return a starter of the Procfile's workers and beat, and of a way to read what is printed."""
    env |= {"PATH": os.pathsep.join([str(Path(sys.executable).parent), env["PATH"]])}
    command = [sys.executable, "-m", "config.run", "--env", "/dev/null", "start"]

    @contextmanager
    def start(*processes: str):
        log = tmp_path / "run.log"
        with log.open("a") as output:
            run = subprocess.Popen([*command, *processes], cwd=ROOT, env=env, stdout=output, stderr=output)
        try:
            yield Started(run, log), log.read_text
        finally:
            run.terminate()
            run.wait()

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


def test_a_worker_that_was_stopped_and_wakes_after_its_successor_does_nothing_twice(sandbox, office, celery):
    journey = make_journey(sandbox, office, "wechat")
    here = {"platform": "wechat", "account": journey.account_id, "path": DRAFT}
    sandbox.fault("delay", seconds=LATE_S, **here)
    with celery() as wait:
        wait(lambda: sandbox.calls("wechat", journey.account_id, DRAFT))
        os.killpg(wait.worker.pid, signal.SIGSTOP)
        an_hour_passes(journey)
        while engine.run(journey.delivery.pk) not in (Phase.SETTLED, Phase.ATTENTION):
            an_hour_passes(journey)
        os.killpg(wait.worker.pid, signal.SIGCONT)
        wait(lambda: "taken over by another worker" in wait.log.read_text())
    assert phase_of(journey) == Phase.SETTLED, journey.delivery.reason
    assert journey.shown() == {release.title: 1 for release in journey.releases}
    calls = [len(sandbox.calls("wechat", journey.account_id, path)) for path in (DRAFT, SUBMIT["wechat"])]
    assert calls == [1, 1]


def test_a_beat_that_is_part_of_a_worker_dies_with_it(celery):
    with celery() as wait:
        wait(lambda: heartbeat.age() is not None)
        os.kill(wait.worker.pid, signal.SIGKILL)
        wait.worker.wait()
        assert is_gone(wait.worker.pid), "Its beat goes on."


def is_gone(group: int) -> bool:
    """Wait until no process of the group is left; return whether that came true."""
    end = time.monotonic() + PATIENCE_S
    with suppress(ProcessLookupError):
        while time.monotonic() < end:
            os.killpg(group, 0)
            time.sleep(0.05)
        return False
    return True


def test_without_beat_nothing_of_make_run_goes_on_as_if_all_were_well(make_run):
    with make_run("worker", "second", "beat") as (run, said):
        run(lambda: heartbeat.age() is not None)
        os.killpg(int(re.search(r"beat\.1 started \(pid=(\d+)\)", said())[1]), signal.SIGKILL)
        # Whoever keeps it running sees an exit and a line, not a hub that silently no longer sweeps.
        assert run.worker.wait(timeout=PATIENCE_S) != 0
        assert "beat.1 stopped" in said() and "worker.1 stopped" in said()


def test_told_to_end_all_of_make_run_ends_without_being_killed(make_run):
    with make_run("worker", "second", "beat") as (run, said):
        run(lambda: heartbeat.age() is not None)
        run.worker.send_signal(signal.SIGINT)
        assert run.worker.wait(timeout=PATIENCE_S) == INTERRUPTED
        assert said().count("stopped") == 3 and "SIGKILL" not in said()


def test_at_info_each_thing_of_a_delivery_is_said_once_and_an_idle_hub_says_nothing(
    sandbox, office, celery, env
):
    env["HUB_LOG_LEVEL"] = "INFO"
    journey = make_journey(sandbox, office, "wechat")
    with celery() as wait:
        for _look in range(LOOKS):  # the platform's review is not over
            wait(lambda: phase_of(journey) == Phase.CONFIRMING and not is_due(journey))
            make_due(journey.delivery)
        an_hour_passes(journey)
        wait(lambda: phase_of(journey) == Phase.SETTLED)
        for _beat in range(BEATS):
            before = beaten()
            wait(lambda before=before: beaten() > before)
        said = wait.log.read_text().partition(" ready.\n")[2].splitlines()
    about = f"INFO publishers.engine.runner Delivery {journey.delivery.pk} "
    assert [line.partition(about)[2].split(".")[0].split("（")[0] for line in said] == [
        f"to {journey.delivery.account} is begun",
        "is confirming",
        "is settled",
    ], said


def is_due(journey) -> bool:
    return Delivery.objects.filter(pk=journey.delivery.pk, next_at__lte=Now()).exists()


def beaten() -> dt.datetime:
    return Heartbeat.objects.get(pk=heartbeat.WORKER).at


def test_whatever_hangs_keeps_no_urgent_delivery_waiting(sandbox, office, make_run, env):
    with silence() as port:
        env["HUB_EMAIL_URL"] = f"smtp://127.0.0.1:{port}"
        hanging = Hanging(sandbox, office, port)
        hanging.go_live()
        with make_run("worker", "second", "urgent", "urgent_second", "aside", "beat") as (wait, _said):
            wait(lambda: len(hanging.in_hand()) == WORKERS and hanging.hangs_aside())
            hanging.withdraw()
            wait(hanging.withdraws)
            waited_for = hanging.in_hand()
            urgent = make_journey(sandbox, office, "penguin", urgent=True)
            wait(lambda: Delivery.objects.get(pk=urgent.delivery.pk).fence)
            assert waited_for <= hanging.in_hand(), "It was claimed only when another call was over."


def phase_of(journey) -> str:
    journey.delivery.refresh_from_db()
    return journey.delivery.phase
