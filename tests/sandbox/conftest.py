"""The sandbox, emptied before each test."""

import pytest

from tests.sandbox.callers import Penguin, WeChat


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
