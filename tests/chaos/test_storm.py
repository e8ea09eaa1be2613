"""A short storm: what ``make chaos`` does at length (tests/chaos/storm)."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.utils import timezone

from publishers.accounts.quotas import window
from publishers.models import Cause, Delivery, QuotaUse
from tests.chaos.journeys import SUBMIT, make_journey
from tests.chaos.storm.days import Days
from tests.chaos.storm.plan import BLOWS, KEYS_AT, PUBLISHES, draw
from tests.publishers.engine.clock import in_an_hour

ROOT = Path(__file__).resolve().parents[2]
SEED, DELIVERIES = 7, 24
REFUSED = ("keys_refused", KEYS_AT["wechat"])


def test_the_same_seed_draws_the_same_storm():
    assert draw(SEED, 600) == draw(SEED, 600) != draw(SEED + 1, 600)
    plan = draw(SEED, 600)
    assert len(plan.blows) >= 200 and {blow.kind for blow in plan.blows} == set(BLOWS)


@pytest.mark.parametrize("seed", range(SEED, SEED + 20))
def test_however_short_a_storm_is_each_fault_that_was_once_met_is_in_it(seed):
    """An undocumented code, a short Retry-After, a used-up quota, and keys refused before a withdrawal."""
    blows = draw(seed, DELIVERIES).blows
    assert {"page hangs", "day begun"} <= {blow.kind for blow in blows}
    assert {"http_429", "quota_used_up"} <= {blow.fault for blow in blows}
    assert any(blow.fault == "undocumented" and blow.path in PUBLISHES.values() for blow in blows)
    refused = next(at for at, blow in enumerate(blows) if (blow.fault, blow.path) == REFUSED)
    assert "article withdrawn" in {blow.kind for blow in blows[refused:]}


def test_a_short_storm_loses_nothing_and_sends_nothing_twice(migrated_file):
    drawn = ("--seed", str(SEED), "--deliveries", str(DELIVERIES))
    command = [sys.executable, "-m", "tests.chaos.storm", *drawn, "--migrated", str(migrated_file)]
    ended = subprocess.run(command, cwd=ROOT, env=os.environ, capture_output=True, text=True, timeout=600)
    print(ended.stdout)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    line = r"chaos: delivered \d+, lost 0, duplicate 0, unapproved 0, attention \d+ \(all explained\), "
    line += r"waits for a quota \d+, false ones 0"
    assert re.fullmatch(line, ended.stdout.splitlines()[-1])


@pytest.fixture
def waiting(sandbox, office):
    """A delivery that waits for a quota, on an account that has called nothing yet."""
    journey = make_journey(sandbox, office, "wechat")
    Delivery.objects.filter(pk=journey.delivery.pk).update(cause=Cause.QUOTA, next_at=in_an_hour())
    return journey


def refused(journey, **evidence) -> None:
    call = {"name": "submit", "generation": 1, "tries": 1, "begun_at": timezone.now()}
    journey.delivery.attempts.create(**call, error="QuotaExceeded", evidence=evidence)


def use(journey, count: int) -> None:
    quota = {"account": journey.delivery.account, "path": SUBMIT["wechat"], "span": "day"}
    QuotaUse.objects.create(**quota, since=window("day")[0], count=count)


@pytest.mark.django_db(transaction=True)
def test_a_wait_for_a_quota_that_nobody_used_up_is_false_and_counted_once(sandbox, waiting):
    use(waiting, 99)
    days = Days(sandbox)
    assert days.look() and days.look()
    assert days.rightful == 0 and len(days.false) == 1


@pytest.mark.django_db(transaction=True)
def test_a_wait_is_rightful_where_the_hubs_count_or_the_platforms_is_used_up(sandbox, waiting):
    use(waiting, 100)
    days = Days(sandbox)
    days.look()
    assert (days.rightful, days.false) == (1, [])
    days.begin()
    assert not days.look(), "With the day everything goes on."


@pytest.mark.django_db(transaction=True)
def test_a_refusal_that_the_platforms_own_count_does_not_know_is_false(sandbox, waiting):
    use(waiting, 100)  # as the hub notes it whenever a platform says so
    refused(waiting, message="used up", status="200")
    days = Days(sandbox)
    days.look()
    assert days.rightful == 0 and len(days.false) == 1


@pytest.mark.django_db(transaction=True)
def test_the_quota_that_was_used_up_is_the_one_that_is_named(sandbox, waiting):
    use(waiting, 100)
    refused(waiting, message="The quota of /cgi-bin/draft/add is used up (1000 day).")
    days = Days(sandbox)
    days.look()
    assert days.rightful == 0 and len(days.false) == 1
