"""One sandbox process for all tests of a worker, emptied before each."""

import pytest

from sandbox.testing import start_sandbox
from tests.sandbox.callers import Penguin, WeChat


@pytest.fixture(scope="session")
def sandbox_process():
    with start_sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(sandbox_process):
    """The process, emptied; reviews end at once."""
    sandbox_process.reset(accounts=True)
    sandbox_process.settings(review_s=0)
    return sandbox_process


@pytest.fixture
def wechat(sandbox):
    return WeChat(sandbox, "wxsandbox0001")


@pytest.fixture
def penguin(sandbox):
    return Penguin(sandbox, "penguinsandbox0001")
