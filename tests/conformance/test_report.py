"""The table tells what was left out: nothing is skipped in silence, and no way is forgotten."""

import os
import subprocess
import sys

import pytest
from django.conf import settings

HEAD = """
import pytest
from publishers.testing import ByHandConformance, RenderingPromises, over
from publishers.platforms.wechat.plugin import WeChat
"""
BY_HAND = """
class TestByHand(ByHandConformance):
    plugin = pytest.fixture(lambda self: over(WeChat(), "manual"))
"""
RENDERING = """
class TestApi(RenderingPromises):
    plugin = pytest.fixture(lambda self: WeChat())
"""


@pytest.fixture
def report(tmp_path):
    """Return what runs a test file and returns (exit status, what was printed)."""

    def run(text):
        (tmp_path / "conftest.py").write_text('pytest_plugins = ["publishers.testing.report"]\n')
        (tmp_path / "test_it.py").write_text(HEAD + text)
        command = [
            sys.executable,
            "-W",
            "ignore",
            "-m",
            "pytest",
            "-q",
            "--rootdir",
            str(tmp_path),
            "-c",
            os.devnull,
        ]
        options = ["-p", "no:cacheprovider", "--ds=config.settings", "--conformance-of=wechat", str(tmp_path)]
        env = {**os.environ, "PYTHONPATH": str(settings.BASE_DIR), "HUB_DATA_DIR": str(tmp_path / "data")}
        ran = subprocess.run([*command, *options], cwd=tmp_path, env=env, capture_output=True, text=True)
        return ran.returncode, ran.stdout + ran.stderr

    return run


def test_a_way_that_no_test_runs_is_missing_and_fails(report):
    status, printed = report(BY_HAND)
    assert status == 1
    assert "✗ wechat · api: no test of rendering" in printed
    assert "✗ wechat · manual" not in printed


def test_a_promise_that_no_test_runs_is_missing(report):
    status, printed = report(RENDERING + BY_HAND)
    assert status == 1
    assert "✗ wechat · api: no test of publish, unknown outcome" in printed


def test_a_bare_skip_is_an_error(report):
    status, printed = report(
        BY_HAND + '    def test_nobody_is_called(self):\n        pytest.skip("not today")\n'
    )
    assert status == 1
    assert "17.4 was skipped" in printed
    assert "✗ wechat · manual 17.4" in printed


def test_an_opt_out_is_printed_with_its_sheets_line(report):
    _status, printed = report(
        BY_HAND + '    opt_outs = {"17.4": "wechat.md, section 5: somebody is called"}\n'
    )
    assert "○ wechat · manual 17.4 wechat.md, section 5: somebody is called" in printed


@pytest.mark.parametrize("opt_out", ['{"17.4": "it cannot"}', '{"99.1": "wechat.md, section 5: no"}'])
def test_an_opt_out_without_a_sheets_line_or_a_scenario_is_refused(report, opt_out):
    status, printed = report(BY_HAND + f"    opt_outs = {opt_out}\n")
    assert status != 0
    assert "TypeError: TestByHand" in printed
