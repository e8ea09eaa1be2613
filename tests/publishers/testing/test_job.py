"""What the suite's job remembers of a plugin's calls, as the engine does."""

import pytest

from publishers.interface import Absent, OutcomeUnknown, Retry, SameCall
from publishers.testing import MemoryAccount, RecordingJob


@pytest.fixture
def job():
    return RecordingJob(MemoryAccount("南粤女声", "http://127.0.0.1:1", {}), [], {})


def raising(error):
    def call():
        raise error

    return call


def looking(finding, looks):
    def find():
        looks.append(finding)
        return finding

    return find


@pytest.mark.parametrize(("finding", "times"), [(SameCall("平台会说。"), 2), (Absent(), 1)])
def test_a_call_made_again_that_fails_leaves_unknown_what_was_not_known_before(job, finding, times):
    """Only where the look has told that nothing is there is a failed call the end of the question."""
    looks = []
    find = looking(finding, looks)
    with pytest.raises(OutcomeUnknown):
        job.step("submit", raising(OutcomeUnknown("lost")), find=find)
    with pytest.raises(Retry):
        job.step("submit", raising(Retry("busy")), find=find)
    assert job.step("submit", lambda: {"id": "1"}, find=find) == {"id": "1"}
    assert len(looks) == times and job.calls == ["submit"] * 3
