"""What docs/ and the README name is there: files, addresses in them, settings, commands, targets, figures."""

import pkgutil
import re
from collections import Counter

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import get_commands, load_command_class

from cms.checks import suggestions
from publishers import tasks
from publishers.accounts import connecting, consents, sessions
from publishers.engine import falling_back, leases, outcomes, wake
from publishers.feeds import entries, pictures
from publishers.models import Phase
from publishers.operations import heartbeat
from publishers.rendering import blocks
from publishers.statistics import spreadsheet
from tests.config.licences import ROOT

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
# Beside the project's own: a plugin's files, and templates by their names.
PLACES = ["{}", "publishers/scaffold/{}-tpl", "templates/{}"]
HOUSES = "cms|readers|publishers|config|sandbox|templates|tests|bench|deploy|docs|media"
# A decision names what there was when it was made.
TODAYS = [page for page in PAGES if "decisions" not in page.parts]
each_page = pytest.mark.parametrize("page", PAGES, ids=[str(page.relative_to(ROOT)) for page in PAGES])
each_of_today = pytest.mark.parametrize("page", TODAYS, ids=[str(page.relative_to(ROOT)) for page in TODAYS])


@each_page
def test_a_link_leads_somewhere(page):
    targets = re.findall(r"\]\((?!https?:)([^)#\s]+)", page.read_text())
    assert [target for target in targets if not (page.parent / target).exists()] == []


@each_of_today
def test_a_file_that_is_named_is_there(page):
    named = re.findall(rf"`((?:{HOUSES})/[\w./*-]+)`", page.read_text())
    assert [name for name in named if not any(any(ROOT.glob(place.format(name))) for place in PLACES)] == []


@each_page
def test_a_setting_that_is_named_is_in_the_example(page):
    known = (ROOT / ".env.example").read_text() + (ROOT / "README.md").read_text()
    assert {name for name in re.findall(r"HUB_[A-Z_]+[A-Z]", page.read_text()) if name not in known} == set()


@each_page
def test_a_target_that_is_named_can_be_made(page):
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    named = re.findall(r"`make ([a-z-]+)", page.read_text())
    assert set(named) <= set(targets)


@each_page
def test_a_command_that_is_named_has_the_options_that_are_named_with_it(page):
    for name, said in re.findall(r"manage\.py ([a-z_]+)([^`\n]*)", page.read_text()):
        assert name in get_commands(), name
        parser = load_command_class(get_commands()[name], name).create_parser("manage.py", name)
        subparsers = [action.choices for action in parser._actions if isinstance(action.choices, dict)]
        known = parser.format_help() + "".join(
            each.format_help() for all_ in subparsers for each in all_.values()
        )
        for option in re.findall(r"(?<!\S)--[a-z-]+", said.split("#")[0]):
            assert option in known, f"{name} {option}"


def _figures(text: str) -> set[str]:
    return set(re.findall(r"\bhub_[a-z_]+", text))


def test_every_figure_is_told_and_every_one_that_is_told_is_there():
    told = _figures((ROOT / "docs" / "operations.md").read_text())
    made = (ROOT / "publishers" / "operations" / "metrics.py").read_text()
    lines = {f"hub_{line}_heartbeat_age_seconds" for line in heartbeat.LINES}
    names = set(re.findall(r'"(hub_[a-z_]+)"', made)) | lines
    assert told == names


def test_of_each_fault_the_page_has_what_the_monitor_gets_and_what_figures_tell():
    _before, *parts = (ROOT / "docs" / "operations.md").read_text().split("```text\n# ")
    assert len(parts) == 8
    for part in parts:
        asked = {line.split()[0] for line in part.partition("```")[0].splitlines()[1:]}
        assert {"/readyz", "/metrics"} <= asked, part


def test_where_logs_go_is_where_the_page_says_that_they_are_bounded():
    logs = (ROOT / "docs" / "operations.md").read_text().partition("**Logs**")[2].partition("## ")[0]
    assert "SystemMaxUse" in logs and "/var/log/nginx" in logs and "logrotate" in logs
    for unit in (ROOT / "deploy" / "systemd").iterdir():
        assert "StandardOutput" not in unit.read_text(), "What a unit says goes to the journal."
    written = re.findall(r"^\s*access_log (\S+)", (ROOT / "deploy" / "nginx.conf").read_text(), re.MULTILINE)
    assert written and all(re.fullmatch(r"/var/log/nginx/\S+\.log", each) for each in written)


#: What a page says in figures, and what the code has.
FIGURES = [
    ("operations.md", "| prefetch | 1 |", settings.CELERY_WORKER_PREFETCH_MULTIPLIER == 1),
    ("operations.md", "| turn | 0.3 s |", tasks.TURN_S == 0.3),
    ("operations.md", "the lease\nends within a minute", leases.LEASE.total_seconds() < 60),
    ("operations.md", "long ago (15 seconds)", wake.EXPIRES_S == 15),
    ("operations.md", "keeps its worker for ten seconds", sessions.LOOK_S == 10),
    ("operations.md", "a minute old at most", settings.DATABASES["default"]["CONN_MAX_AGE"] == 60),
    ("operations.md", "a sign of life within a minute", heartbeat.SILENT.total_seconds() == 60),
    ("operations.md", "for thirty days after", pictures.KEPT.days == 30),
    ("by-hand.md", "within two hours", outcomes.SOON.total_seconds() == 7200),
    ("by-hand.md", "refused for half an hour", falling_back.GRACE.total_seconds() == 1800),
    ("connecting.md", "more than a quarter of an hour", connecting.PATIENCE.total_seconds() == 900),
    ("connecting.md", "ends within a week", consents.SOON.days == 7),
    ("editing.md", "up to three shorter forms", suggestions.MOST == 3),
    ("editing.md", "at\nmost twelve rows", blocks.RECORDS == 12),
    (
        "figures.md",
        "at most 2 MB, 1000 rows and 30 columns",
        (spreadsheet.FILE_BYTES, spreadsheet.ROWS, spreadsheet.COLUMNS) == (2 * 1024**2, 1000, 30),
    ),
    (
        "partners.md",
        "the newest 50 articles, whatever changed in the last 72 hours and withdrawals for 30 days",
        (entries.NEWEST, entries.CHANGED.total_seconds(), entries.TOMBSTONES.days) == (50, 72 * 3600, 30),
    ),
    ("partners.md", "at most 100\non a page", entries.PAGE == 100),
]


@pytest.mark.parametrize(
    ("page", "said", "holds"), FIGURES, ids=[said[:30] for _page, said, _holds in FIGURES]
)
def test_a_figure_that_is_told_is_the_codes(page, said, holds):
    assert said in (ROOT / "docs" / page).read_text() and holds


def test_the_processes_of_one_machine_are_as_they_are_told():
    lines = (ROOT / "Procfile").read_text().splitlines()
    workers = [line for line in lines if " worker " in line]
    assert Counter(re.findall(r"--queues (\w+)", "\n".join(workers))) == {
        "deliveries": 2,
        "urgent": 2,
        "aside": 1,
    }
    assert all("--pool solo" in line for line in workers)
    assert sum(line.endswith(" beat") for line in lines) == 1
    assert (
        "two for deliveries, two for what is urgent, one for what can wait"
        in (ROOT / "docs" / "architecture.md").read_text()
    )
    told = (ROOT / "docs" / "operations.md").read_text()
    assert "two workers with `--pool solo` (`Procfile`), two for what is urgent, one aside" in told
    assert "two for what is urgent, wherever its workers are" in told


@pytest.mark.parametrize("file", ["deploy/systemd/hub-urgent.service", "deploy/compose.yaml"])
def test_what_is_urgent_has_a_second_process_for_when_a_platform_hangs(file):
    [processes] = re.findall(r"--concurrency\W+(\d+)\W+--queues\W+urgent", (ROOT / file).read_text())
    assert int(processes) == 2


def test_the_phases_of_a_delivery_are_as_they_are_told():
    [told] = re.findall(r"Phases: (.+?)\.\n", (ROOT / "docs" / "architecture.md").read_text(), re.DOTALL)
    assert set(re.findall(r"[a-z]+", " ".join(re.findall(r"`([^`]+)`", told)))) == set(Phase.values)


def test_what_lint_looks_at_is_told():
    [lints] = re.findall(r"^LINTS := (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    words = {"imports": "import contracts", "messages": "translations"}
    [row] = re.findall(r"\| `make lint` \|.+", (ROOT / "docs" / "testing.md").read_text())
    for lint in lints.split():
        name = lint.removeprefix("lint-")
        assert words.get(name, name) in row


def test_after_make_run_alone_a_plugins_tests_are_made_possible_first():
    page = (ROOT / "docs" / "plugins.md").read_text()
    first = page.split("## In one day")[1].split("```sh\n")[1].split()[:2]
    assert first == ["make", "ready"]
    assert re.search(r"^ready: .*dev\.stamp", (ROOT / "Makefile").read_text(), re.MULTILINE)


@each_of_today
def test_code_that_is_named_with_its_house_is_there(page):
    tables = {model._meta.label for model in apps.get_models()}
    for name in re.findall(r"`((?:cms|readers|publishers|config)(?:\.\w+)+)`", page.read_text()):
        if not name.endswith(".py") and name != "config.json":
            assert name in tables or pkgutil.resolve_name(name)
