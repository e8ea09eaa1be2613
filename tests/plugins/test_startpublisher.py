"""What manage.py startpublisher makes is whole: it can be installed, and its tests pass."""

import sys

import pytest
from django.core.management import CommandError, call_command

from tests.plugins.conftest import install, run, run_tests
from tests.plugins.public import PUBLIC, imported


def start(name, folder):
    call_command("startpublisher", name, directory=str(folder))
    return folder


@pytest.fixture
def made(tmp_path):
    return start("county_paper", tmp_path / "county-paper")


def test_its_tests_pass_as_it_is_and_installed(made, tmp_path):
    """Its templates come along when it is installed, and the entry point names its class."""
    data = tmp_path / "data"
    printed = run_tests(made, "--conformance-of=county_paper", path=[], data=data)
    assert "county_paper · api" in printed and "county_paper · manual" in printed
    site = install(made, tmp_path / "site")
    assert (site / "county_paper/templates/publishers/county_paper/preview.html").exists()
    find = "import django; django.setup(); from publishers import registry; registry.get('county_paper')"
    env = {"PYTHONPATH": str(site), "HUB_DATA_DIR": str(data), "DJANGO_SETTINGS_MODULE": "config.settings"}
    run([sys.executable, "-c", find], **env)


def test_it_is_clean_and_needs_nothing_that_is_not_public(made):
    for check in (["check"], ["format", "--check"]):
        run([sys.executable, "-m", "ruff", *check, "--no-cache", "."], cwd=made)
    assert imported(made) <= set(PUBLIC)


#: What the platform may answer to a text that it refuses, in its own words.
ANSWERS = (
    b'{"reason": "title", "message": "E17: rule 3"}',
    b'{"reason": {"E17": "rule 3"}}',
    b'["E17: rule 3"]',
    b"<html>E17: rule 3</html>",
    b"E17: rule 3 \xff",
)
REFUSED = """
import sys, requests
from county_paper.errors import refusal_of
answer = requests.Response()
answer.status_code, answer._content = 400, bytes.fromhex(sys.argv[1])
refusal = refusal_of(answer)
print(type(refusal).__name__, refusal.reason, "E17" in refusal.body)
"""


@pytest.mark.parametrize("body", ANSWERS, ids=ascii)
def test_an_editor_reads_a_sentence_and_the_log_what_the_platform_said(made, tmp_path, body):
    env = {"PYTHONPATH": str(made), "HUB_DATA_DIR": str(tmp_path / "data")}
    env |= {"DJANGO_SETTINGS_MODULE": "config.settings"}
    kind, sentence, is_logged = run([sys.executable, "-c", REFUSED, body.hex()], **env).split()
    assert (kind, is_logged) == ("Rejected", "True")
    assert sentence.endswith("。") and "E17" not in sentence


@pytest.mark.parametrize("name", ["9news", "County", "county-paper", "a__b", "class", "x" * 41, "../up"])
def test_a_name_that_no_package_can_have_is_refused(tmp_path, name):
    with pytest.raises(CommandError, match="小写字母"):
        start(name, tmp_path / "new")
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("name", ["wechat", "publishers", "json"])
def test_a_name_that_somebody_has_is_refused(tmp_path, name):
    with pytest.raises(CommandError, match="已被占用"):
        start(name, tmp_path / "new")


def test_the_longest_name_is_taken(tmp_path):
    assert (start("x" * 40, tmp_path / "new") / ("x" * 40) / "plugin.py").exists()


def test_a_place_that_cannot_be_written_is_named():
    with pytest.raises(CommandError, match="/proc/none/new"):
        start("county_paper", "/proc/none/new")


def test_what_is_there_is_never_overwritten(tmp_path):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(CommandError, match="不是空的"):
        start("county_paper", tmp_path / "file")
    (tmp_path / "file").unlink()
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(CommandError, match="不是空的"):
        start("county_paper", tmp_path)
    assert [each.name for each in tmp_path.iterdir()] == ["notes.txt"]
