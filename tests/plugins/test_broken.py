"""An installed plugin that does not work stops nothing: it is named, and its accounts wait for it."""

import sys

import pytest

from publishers import registry
from tests.plugins.conftest import run

#: What a worker does before it takes its first call.
WORKER = "from config.celery import app; app.loader.init_worker(); app.finalize(); print(*app.tasks)"
WEB = """
import config.wsgi
from django.test import Client
print(Client(SERVER_NAME="localhost").get("/healthz").status_code)
"""
GOOD = """
from dataclasses import replace
from tests.publishers.engine.tiny import Tiny
class Plugin(Tiny):
"""
#: What is wrong with each: its module, and a word that the sentence about it must hold.
BROKEN = {
    "unimportable": ("import a_library_that_is_not_there\n", "a_library_that_is_not_there"),
    "raising": ("raise RuntimeError('the licence has run out')\n", "the licence has run out"),
    "leaving": ("import sys; sys.exit('goodbye')\n", "goodbye"),
    "nameless": ("", "Plugin"),
    "mistyped": ("class Plugin:\n    pass\n", "Plugin"),
    "undeclared": ("from publishers.interface import Publisher as Plugin\n", "Publisher"),
    "doubled": (f"{GOOD}    platform = replace(Tiny.platform, slug='wechat')\n", "wechat"),
    "newer": (f"{GOOD}    interface = 99\n", "99"),
    "waylaid": (
        f"{GOOD}    platform = replace(Tiny.platform, slug='far', transports=('pigeon',))\n",
        "pigeon",
    ),
}


def installed(folder, name: str, module: str) -> None:
    """Lay a distribution there as an installer does."""
    (folder / f"{name}_plugin.py").write_text(module)
    told = folder / f"{name}-1.2.dist-info"
    told.mkdir()
    (told / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.2\n")
    (told / "entry_points.txt").write_text(f"[{registry.GROUP}]\n{name} = {name}_plugin:Plugin\n")


@pytest.fixture
def site(tmp_path):
    folder = tmp_path / "site"
    folder.mkdir()
    for name, (module, _word) in BROKEN.items():
        installed(folder, name, module)
    return folder


@pytest.fixture
def loaded(site, monkeypatch):
    """This process's hub, which has just found them."""
    monkeypatch.syspath_prepend(site)
    monkeypatch.setattr(registry, "_broken", [])
    known = dict(registry._publishers)
    registry.load(())
    yield registry.broken()
    assert registry._publishers == known, "Nothing of a plugin that does not work is used."


def test_every_one_is_named_with_its_distribution_and_what_is_wrong(loaded):
    assert [each.distribution for each in loaded] == [f"{name} 1.2" for name in sorted(BROKEN)]
    for each in loaded:
        name = each.distribution.partition(" ")[0]
        assert name in each.sentence and BROKEN[name][1] in each.sentence


def test_commands_and_the_web_start_beside_them_and_check_warns(site, tmp_path):
    env = {"PYTHONPATH": str(site), "HUB_DATA_DIR": str(tmp_path / "data"), "HUB_LOG_LEVEL": "ERROR"}
    told = run(["sh", "-c", f"exec {sys.executable} manage.py check 2>&1"], **env)
    assert all(f"{name} 1.2" in told for name in BROKEN) and told.count("publishers.W001") == len(BROKEN)
    assert run([sys.executable, "-c", WEB], **env).split() == ["200"]
    assert "publishers.deliver" in run([sys.executable, "-c", WORKER], **env)
