"""A data directory that commit 2967fd5 made is opened by this one: nothing in it is lost, and it goes on.

It was made by what ``make run`` and ``make demo`` do, and ended by a SIGKILL of the worker in the middle of a
call: four signed texts on eight accounts, one of them withdrawn, one text between two stages of its review, a
delivery that was planned, and one whose submission had arrived and whose answer had not.
"""

import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
import requests

from publishers.demo.services import free_port
from sandbox.testing import start_sandbox

ROOT = Path(__file__).parents[2]
PACKED = Path(__file__).parent / "old_data" / "hub-2967fd5.tar.xz"
#: Where the old hub's readers came; what it sent names this address.
OLD_ADDRESS = "http://127.0.0.1:18111"


class OldHub:
    """The old data, with this tree's programs, each in a process of its own."""

    def __init__(self, folder: Path):
        self.folder = folder
        outside = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
        self.env = outside | {
            "HUB_DATA_DIR": str(folder / "data"),
            "HUB_MEDIA_ROOT": str(folder / "media"),
            "HUB_PUBLIC_URL": OLD_ADDRESS,
            "HUB_EMAIL_URL": "dummy://",
            "HUB_LOG_LEVEL": "ERROR",
            "DJANGO_SETTINGS_MODULE": "config.settings",
        }

    def manage(self, *arguments: str) -> str:
        return self._run("manage.py", *arguments)

    def ask(self, work: str, *given):
        arguments = [json.dumps(each) for each in given]
        return json.loads(self._run("-m", "tests.publishers.old_data.hub", work, *arguments))

    def _run(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, *arguments], env=self.env, cwd=ROOT, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    folder = tmp_path_factory.mktemp("old")
    with tarfile.open(PACKED) as packed:
        packed.extractall(folder, filter="data")
    old = OldHub(folder)
    old.manage("migrate", "--verbosity", "0")
    return old


def test_it_starts_and_nothing_is_amiss(hub):
    hub.manage("check", "--database", "default")
    assert hub.manage("makemigrations", "--check", "--dry-run").strip() == "No changes detected"


def test_every_signature_verifies(hub):
    for what, (genuine, there) in hub.ask("verified").items():
        assert genuine == there > 0, what


def test_its_articles_are_read(hub):
    bind = f"127.0.0.1:{free_port()}"
    command = ["gunicorn", "config.wsgi", "--bind", bind, "--no-control-socket", "--log-level", "error"]
    web = subprocess.Popen([sys.executable, "-m", *command], env=hub.env, cwd=ROOT)
    try:
        pages = hub.ask("articles")
        retry = requests.adapters.Retry(connect=20, backoff_factor=0.2)
        reader = requests.Session()
        reader.mount("http://", requests.adapters.HTTPAdapter(max_retries=retry))
        assert len(pages["public"]) == 3 and len(pages["withdrawn"]) == 1
        for page_id in pages["public"]:
            shown = reader.get(f"http://{bind}/a/{page_id}/", timeout=20)
            told = reader.get(f"http://{bind}/api/v1/articles/{page_id}", timeout=20)
            assert shown.status_code == told.status_code == 200 and "<h1" in shown.text
            for address in told.json()["urls"]["assets"].values():
                assert reader.get(address.replace(OLD_ADDRESS, f"http://{bind}"), timeout=20).ok
        for page_id in pages["withdrawn"]:
            assert reader.get(f"http://{bind}/a/{page_id}/", timeout=20).status_code == 410
    finally:
        web.terminate()
        web.wait(timeout=30)


def test_a_review_goes_on_at_the_stage_where_it_was(hub):
    assert hub.ask("finish_review") == {"genuine": True, "approvals": 3}


def test_what_was_under_way_goes_on_and_nothing_goes_out_twice(hub):
    with start_sandbox(ledger=hub.folder / "sandbox.sqlite3") as sandbox:
        hub.ask("move_sandbox", sandbox.url)
        sandbox.settings(review_s=0)
        waiting = hub.ask("under_way")
        assert sorted(waiting.values()) == ["scheduled", "sending"]
        before = len(sandbox.calls("wechat", path="/cgi-bin/freepublish/submit"))
        ended = hub.ask("go_on", list(waiting))
        assert {phase for phase, _reason, _url in ended.values()} == {"settled"}, ended
        # The one whose answer was lost is found there; only the planned one is sent.
        assert len(sandbox.calls("wechat", path="/cgi-bin/freepublish/submit")) == before + 1
        for _phase, _reason, url in ended.values():
            assert requests.get(url.replace("http://127.0.0.1:18110", sandbox.url), timeout=20).ok
