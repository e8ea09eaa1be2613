"""A short storm: what ``make chaos`` does at length (tests/chaos/storm)."""

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.chaos.storm.plan import BLOWS, draw

ROOT = Path(__file__).resolve().parents[2]
SEED, DELIVERIES = 7, 24


def test_the_same_seed_draws_the_same_storm():
    assert draw(SEED, 600) == draw(SEED, 600) != draw(SEED + 1, 600)
    plan = draw(SEED, 600)
    assert len(plan.blows) >= 200 and {blow.kind for blow in plan.blows} == set(BLOWS)


def test_a_short_storm_loses_nothing_and_sends_nothing_twice(migrated_file):
    drawn = ("--seed", str(SEED), "--deliveries", str(DELIVERIES))
    command = [sys.executable, "-m", "tests.chaos.storm", *drawn, "--migrated", str(migrated_file)]
    ended = subprocess.run(command, cwd=ROOT, env=os.environ, capture_output=True, text=True, timeout=600)
    print(ended.stdout)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    line = r"chaos: delivered \d+, lost 0, duplicate 0, unapproved 0, attention \d+ \(all explained\)"
    assert re.fullmatch(line, ended.stdout.splitlines()[-1])
