"""An installed plugin that does not work stops nothing: it is named, and its accounts wait for it."""

import sys
from dataclasses import replace

import pytest

from cms.channels import Limits
from publishers import registry
from publishers.interface import CredentialField, PictureRules, Quota
from tests.plugins.conftest import run
from tests.publishers.engine.tiny import Tiny

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
#: The kinds of what is declared in a field.
PARTS = {"quotas": "Quota", "credentials": "CredentialField", "limits": "Limits", "pictures": "PictureRules"}
#: What is wrong with each: its module, and a word that the sentence about it must hold.
BROKEN = {
    "unimportable": ("import a_library_that_is_not_there\n", "a_library_that_is_not_there"),
    "raising": ("raise RuntimeError('the licence has run out')\n", "the licence has run out"),
    "leaving": ("import sys; sys.exit('goodbye')\n", "goodbye"),
    "cancelling": ("import asyncio; raise asyncio.CancelledError('too late')\n", "too late"),
    "closing": ("def Plugin():\n    raise GeneratorExit('closed')\n", "closed"),
    "basic": ("class Odd(BaseException):\n    pass\nraise Odd('as it likes')\n", "as it likes"),
    "speechless": ("class Mute(Exception):\n    __str__ = None\nraise Mute\n", "Mute"),
    "nameless": ("", "Plugin"),
    "mistyped": ("class Plugin:\n    pass\n", "Plugin"),
    "undeclared": ("from publishers.interface import Publisher as Plugin\n", "Publisher"),
    "doubled": (f"{GOOD}    platform = replace(Tiny.platform, slug='wechat')\n", "wechat"),
    "newer": (f"{GOOD}    interface = 99\n", "99"),
    "boundless": (
        f"{GOOD}    platform = replace(Tiny.platform, slug='far', concurrency=None)\n",
        "concurrency",
    ),
    "waylaid": (
        f"{GOOD}    platform = replace(Tiny.platform, slug='far', transports=('pigeon',))\n",
        "pigeon",
    ),
}
#: What each field of a declaration may not be; each is a plugin that would stop others, or never go on.
UNFIT = {
    "concurrency": [None, "2", 0, -1, 2.5, True, 10**30],
    "edition_size": ["8", None, 0],
    "waits": [None, 5, (1e9,), ("60",), (-1,), (float("nan"),)],
    "quotas": [None, ("x",), (Quota("/draft", per_day=0),), (Quota("/draft", per_minute="2"),)],
    "credentials": [None, ("appid",), (CredentialField("a b", "x"),), (CredentialField("a", 5),)],
    "limits": [None, Limits(title_chars="30")],
    "slug": [None, 5, [], "../x", "Ä b", ""],
    "base_url": [None, "javascript:alert(1)", "https:///x", "https://h:99999"],
    "console": ["http://localhost/", 5, "https://[::1", "https:///x"],
    "colour": [None, "red;}"],
    "figure_days": ["30", None],
    "notifying": [5],
    "pictures": [None, PictureRules(max_bytes=0), PictureRules(covers=((900,),))],
    "themes": [None, 5, {"plain": 5}],
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


def test_a_person_who_ends_the_process_while_it_loads_ends_it(tmp_path, monkeypatch):
    installed(tmp_path, "waiting", "raise KeyboardInterrupt\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(KeyboardInterrupt):
        registry.load(())


@pytest.fixture
def found(tmp_path, monkeypatch):
    """Return what lays distributions there and lets this process's hub find them: what does not work."""
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(registry, "_broken", [])
    monkeypatch.setattr(registry, "_publishers", dict(registry._publishers))

    def find(**modules):
        for name, module in modules.items():
            installed(tmp_path, name, module)
        registry.load(())
        return registry.broken()

    return find


def test_of_two_that_claim_a_platform_every_process_uses_the_same(found):
    claiming = f"{GOOD}    platform = replace(Tiny.platform, slug='far')\n"
    [other] = found(zeta=claiming, alpha=claiming, middle="")[1:]
    assert type(registry.get("far")).__module__ == "alpha_plugin" and other.distribution == "zeta 1.2"


def test_its_accounts_and_the_log_are_told_which_plugin_it_is_whatever_it_calls_itself(found, caplog):
    [broken] = found(county=f"{GOOD}    platform = replace(Tiny.platform, slug='far')\n    interface = 99\n")
    assert registry.why_missing("far") == broken.sentence and "county 1.2" in broken.sentence
    assert broken.sentence in caplog.messages


def test_of_its_error_a_part_is_told_and_no_secret(found):
    said = f"https://example.org/?access_token=t0psecret {'x' * 999}"
    [broken] = found(talkative=f"raise RuntimeError({said!r})\n")
    assert "t0psecret" not in broken.sentence and "example.org" in broken.sentence
    assert len(broken.values["error"]) == registry.ERROR_CHARS


def test_a_worker_that_is_told_to_end_ends_and_a_plugin_that_leaves_does_not():
    for name, ends in (("billiard.process", True), ("celery.apps.worker", True), ("county_plugin", False)):
        with pytest.raises(SystemExit) as left:
            exec("import sys\ndef leave(): sys.exit(1)\nleave()", {"__name__": name})
        assert registry.ends_process(left.value) is ends
    assert not registry.ends_process(SystemExit())


@pytest.mark.parametrize(
    ("field", "value"), [(field, value) for field, values in UNFIT.items() for value in values], ids=repr
)
def test_a_declaration_that_others_would_stumble_over_is_refused_and_its_field_named(field, value):
    class Odd(Tiny):
        platform = replace(Tiny.platform, **{"slug": "odd", field: value})

    with pytest.raises(registry.Unfit) as refused:
        registry.register(Odd())
    kind, _dot, named = refused.value.values["field"].partition(".")
    assert named == field if kind == "Platform" else kind in PARTS[field]


def test_commands_and_the_web_start_beside_them_and_check_warns(site, tmp_path):
    env = {"PYTHONPATH": str(site), "HUB_DATA_DIR": str(tmp_path / "data"), "HUB_LOG_LEVEL": "ERROR"}
    told = run(["sh", "-c", f"exec {sys.executable} manage.py check 2>&1"], **env)
    assert all(f"{name} 1.2" in told for name in BROKEN) and told.count("publishers.W001") == len(BROKEN)
    assert run([sys.executable, "-c", WEB], **env).split() == ["200"]
    assert "publishers.deliver" in run([sys.executable, "-c", WORKER], **env)
