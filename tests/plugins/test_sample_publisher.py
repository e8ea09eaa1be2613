"""A platform of somebody else's distribution: installed by pip, found, and served without a change here."""

import json
import shutil
import sys
from importlib.util import module_from_spec, spec_from_file_location

import pytest

from tests.plugins.conftest import SAMPLE, run, run_tests
from tests.plugins.public import ALIASES, PUBLIC, imported


@pytest.fixture
def newspaper():
    """The server that the sample's own tests talk to."""
    spec = spec_from_file_location("stand_in", SAMPLE / "tests" / "stand_in.py")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    server = module.StandIn()
    server.key = module.KEY
    yield server
    server.stop()


@pytest.fixture
def hub(sample, tmp_path, migrated_file):
    """Return what runs a command of a hub of its own, beside which the sample is installed."""
    (tmp_path / "data").mkdir()
    shutil.copy(migrated_file, tmp_path / "data" / "hub.sqlite3")
    env = {
        "PYTHONPATH": str(sample),
        "HUB_DATA_DIR": str(tmp_path / "data"),
        "HUB_MEDIA_ROOT": str(tmp_path / "media"),
        "HUB_SANDBOX_PORT": "9",  # nobody answers there: the sample alone is served
        "HUB_EMAIL_URL": "dummy://",
    }
    return lambda *arguments: run([sys.executable, "manage.py", *arguments], **env)


def test_a_signed_article_reaches_its_readers_over_an_installed_plugin(hub, newspaper):
    hub("setup")
    accounts = json.loads(hub("account", "list", "--json"))
    page = json.loads(hub("delivery", "list", "--json"))[0]["items"][0]
    for account in accounts:
        hub("account", "pause", str(account["id"]))
    credentials = ("--credential", f"key={newspaper.key}")
    where = ("--platform", "rongxi_daily", "--base-url", newspaper.url, "--office", accounts[0]["office"])
    hub("account", "add", "--name", "榕溪日报", *where, *credentials)
    hub("distribute", str(page["page_id"]), "--account", "rongxi_daily:榕溪日报")
    waiting = ("delivery", "list", "--account", "rongxi_daily:榕溪日报", "--json")
    hub("deliver")
    assert [row["phase"] for row in json.loads(hub(*waiting))] == ["confirming"]
    newspaper.finish_reviews()
    hub("deliver", "--until-settled", "--timeout", "60")
    [settled] = json.loads(hub(*waiting))
    [seen] = newspaper.seen()
    assert settled["phase"] == "settled"
    assert settled["items"][0]["url"] == seen.url
    assert seen.title == page["title"]
    assert newspaper.calls().count("/v1/articles") == 1


def test_the_sample_keeps_every_promise_that_it_declares(sample, tmp_path):
    printed = run_tests(SAMPLE, "--conformance-of=rongxi_daily", path=[sample], data=tmp_path)
    rows = [line.split() for line in printed.splitlines() if line.startswith("rongxi_daily ")]
    api, manual = ([sign for sign in row if sign in "✓–○✗"] for row in rows)
    assert api == ["✓"] * 15 + ["–"] * 2
    assert manual == ["✓"] * 3 + ["–"] * 13 + ["✓"]


def test_it_needs_nothing_that_is_not_public():
    # It was written before the names of today, and goes on as it is.
    needed = {ALIASES.get(name, name) for name in imported(SAMPLE)}
    assert needed <= set(PUBLIC)
    assert set(PUBLIC) <= needed, "what nobody outside needs is not public"
