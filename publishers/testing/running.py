"""Running a job as the engine would: again and again, until it is done or a person must look."""

from collections.abc import Callable, Sequence
from typing import Any

from publishers.interface import Live, OutcomeUnknown, Publisher
from publishers.testing.job import RecordingJob, Stopped, Waiting
from publishers.testing.server import Server

RUNS = 60


def settle(plugin: Publisher, job: RecordingJob, server: Server) -> Sequence[Live] | None:
    """Publish; return what is live, or None when it ends with a person."""
    return until_done(plugin.publish, job, server)


def all_live(plugin: Publisher, job: RecordingJob, server: Server) -> Sequence[Live]:
    """Publish; return what is live. Raises AssertionError when it ends with a person."""
    lives = settle(plugin, job, server)
    assert lives is not None, f"A person must look; the job's calls were {job.calls}."
    return lives


# Any: what the plugin's method returns, which the engine keeps.
def until_done(work: Callable[[RecordingJob], Any], job: RecordingJob, server: Server) -> Any:
    """Run ``work`` through kills, lost answers and waits; None when it ends with a person."""
    for _run in range(RUNS):
        try:
            return work(job)
        except Waiting as wait:
            if wait.after is None:
                return None
            server.pass_time(wait.after)
        except (OutcomeUnknown, Stopped):
            continue
    raise AssertionError(f"The job was not settled after {RUNS} runs; its calls were {job.calls}.")


def steps_of(work: Callable[[RecordingJob], Any], job: RecordingJob, server: Server) -> list[str]:
    """Do ``work`` once and return the names of its steps, in order."""
    until_done(work, job, server)
    return list(dict.fromkeys(job.calls))


def observe(job: RecordingJob, lives: Sequence[Live]) -> None:
    """Let the job's items be live, as the engine notes it."""
    for item, live in zip(job.items, lives, strict=True):
        item.observed = live.remote
