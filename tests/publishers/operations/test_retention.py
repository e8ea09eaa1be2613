"""What proves nothing goes after its time; what proves anything stays, whatever its age."""

import datetime as dt
import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import models
from django.db.models import F
from django.utils import timezone
from wagtail.models import ModelLogEntry, PageLogEntry

from cms.releases import triggers, withdrawals
from publishers import engine, tasks
from publishers.distribution.withdrawing import confirm_gone
from publishers.models import (
    Attempt,
    Callback,
    Delivery,
    MetricSample,
    Outcome,
    Phase,
    Seen,
    Sighting,
    SourceLink,
    SourceVisits,
    Upload,
)
from publishers.operations import retention
from publishers.verification.verify import verify as look
from tests.factories import make_image, make_section, make_story
from tests.factories_release import make_release
from tests.publishers.desk.conftest import Desk, desk, network, text
from tests.publishers.engine.cast import make_due, send, signed_release
from tests.publishers.engine.conftest import ground, office, server

__all__ = ["desk", "ground", "network", "office", "server"]
pytestmark = pytest.mark.django_db(transaction=True)
TEN_YEARS = dt.timedelta(days=3653)
DOCS = Path(settings.BASE_DIR) / "docs" / "operations.md"


def age(*kinds: type[models.Model], by: dt.timedelta = TEN_YEARS) -> None:
    """Let everything that is stored of these kinds have happened so much earlier."""
    for kind in kinds:
        for field in kind._meta.concrete_fields:
            if isinstance(field, models.DateField):
                kind._base_manager.update(**{field.name: F(field.name) - by})


def rows(*kinds: type[models.Model]) -> dict[str, int]:
    return {kind._meta.label: kind._base_manager.count() for kind in kinds}


@pytest.fixture
def withdrawn(network, server):
    """An article that was signed, sent, looked at and withdrawn, as a person confirmed."""
    cover = {"cover": make_image(), "cover_alt": "夜校的窗", "cover_credit": "岭南女声 绘"}
    story = make_story(make_section(network.city), author=network.author, title="夜校的灯", **cover)
    release = make_release(story)
    delivery = send(release, account=network.of_city)
    engine.run(delivery.pk)
    for _look in range(3):
        Delivery.objects.update(look_at=days_ago(0))
        look(delivery.pk)
    withdrawals.withdraw(story, reason="有误", notice="", by=network.duty)
    make_due(delivery)
    engine.run(delivery.pk)
    confirm_gone(delivery, by=network.duty)
    assert Delivery.objects.get().phase == Phase.SETTLED and Sighting.objects.count() == 4
    return release


def proof_of(release, folder: Path) -> dict[str, bytes]:
    """Return the bundle's files; fails unless it verifies without the hub."""
    folder.mkdir()
    file = folder / "proof.zip"
    call_command("proof", str(release.pk), "-o", str(file))
    with zipfile.ZipFile(file) as opened:
        files = {name: opened.read(name) for name in opened.namelist()}
    (folder / "verify.py").write_bytes(files["verify.py"])
    checked = subprocess.run([sys.executable, folder / "verify.py", file], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    return files


def test_ten_years_later_everything_is_proved_as_before(withdrawn, network, tmp_path):
    ours = [model for model in apps.get_models() if model._meta.app_label == "publishers"]
    age(*ours, PageLogEntry, ModelLogEntry)
    before = proof_of(withdrawn, tmp_path / "before")
    see = Desk(network.auditor)
    addresses = [("hub_page_distribution", withdrawn.page_id), ("hub_delivery", Delivery.objects.get().pk)]
    shown = [_told(see.get(*address)) for address in addresses]
    kept = rows(*(model for model in apps.get_models() if model not in _expiring()))
    going = rows(Attempt, Sighting)
    call_command("expire")
    assert all(count < going[table] for table, count in rows(Attempt, Sighting).items())
    after = proof_of(withdrawn, tmp_path / "after")
    assert rows(*(model for model in apps.get_models() if model not in _expiring())) == kept
    assert triggers.missing() == set()
    changing = {
        name for name in before if name in ("index.json", "index.sig") or name.endswith("delivery.json")
    }
    assert {name: after[name] for name in before if name not in changing} == {
        name: before[name] for name in before if name not in changing
    }
    assert _effects(before) == _effects(after) != []
    assert [_told(see.get(*address)) for address in addresses] == shown
    assert {"duty"} < {name for name in shown[0] if name.isidentifier() or "-" in name}, (
        "Who signed is there."
    )


def _expiring() -> set[type[models.Model]]:
    return {rule.model for rule in retention.RULES}


def _told(response) -> set[str]:
    """Return what a page says of names, hashes and addresses."""
    return set(re.findall(r"[0-9a-f]{64}|reviewer[-\w]*|duty|https?://[^\s\"<]+/a/\d+", text(response)))


def _effects(files: dict[str, bytes]) -> list[dict]:
    [delivery] = [json.loads(files[name]) for name in files if name.endswith("/delivery.json")]
    return [
        each
        for each in delivery["attempts"]
        if each["outcome"] != Outcome.FAILED and not each["name"].startswith(Attempt.UPLOAD)
    ]


@pytest.fixture
def item(network, server):
    delivery = send(signed_release(7), account=network.of_city)
    engine.run(delivery.pk)
    Sighting.objects.all().delete()
    return delivery.items.get()


def another(item):
    """Return an item of another delivery on the account."""
    return send(signed_release(8), account=item.account).items.get()


def days_ago(days: int) -> dt.datetime:
    return timezone.now() - dt.timedelta(days=days)


def test_calls_without_effect_and_uploads_go_when_their_delivery_is_over(item):
    given = {"delivery": item.delivery, "generation": 1, "begun_at": days_ago(731)}
    for number, (name, outcome) in enumerate(
        [("draft", Outcome.FAILED), ("upload body", Outcome.DONE), ("other", Outcome.UNKNOWN)]
    ):
        Attempt.objects.create(**given, name=f"{name}", outcome=outcome, input_sha256=str(number))
    Delivery.objects.update(phase=Phase.ATTENTION)
    call_command("expire")
    assert Attempt.objects.filter(begun_at__lt=days_ago(730)).count() == 3
    Delivery.objects.update(phase=Phase.CANCELLED)
    call_command("expire")
    assert [row.name for row in Attempt.objects.filter(begun_at__lt=days_ago(730))] == ["other"]


def test_of_looks_that_found_the_same_the_first_and_the_last_stay_and_whatever_a_person_said(item):
    found = [Seen.LIVE, Seen.LIVE, Seen.LIVE, Seen.ALTERED, Seen.LIVE, Seen.LIVE, Seen.LIVE, Seen.LIVE]
    elsewhere = another(item)
    for number, each in enumerate(found):
        Sighting.objects.create(item=elsewhere, at=days_ago(900 - number), found=Seen.GONE)
        Sighting.objects.create(
            item=item, at=days_ago(900 - number), found=each, by_name="值班" if number == 5 else ""
        )
    new = [Sighting.objects.create(item=item, at=days_ago(9 - each), found=Seen.LIVE) for each in range(3)]
    call_command("expire")
    left = list(Sighting.objects.filter(item=item).order_by("pk").values_list("found", flat=True))
    assert left == ["live", "live", "altered", "live", "live", "live", "live", "live"]
    assert Sighting.objects.filter(by_name="值班").exists()
    assert Sighting.objects.filter(pk__in=[each.pk for each in new]).count() == 3


def test_of_figures_the_last_of_each_source_stays_and_what_people_entered(item):
    day = days_ago(800).date()
    for back, source, by in [(3, "api", ""), (2, "api", ""), (1, "entered", "值班"), (0, "entered", "值班")]:
        MetricSample.objects.create(
            item=item, day=day - dt.timedelta(days=back), name="read_users", value=9 - back, source=source,
            by_name=by, taken_at=days_ago(800),
        )  # fmt: skip
    # Of another name, of another item and of late nothing later makes up for them.
    others = [("shares", item, 803), ("read_users", another(item), 803), ("likes", item, 2)]
    for name, of, days in others:
        MetricSample.objects.create(
            item=of, day=days_ago(days).date(), name=name, value=1, source="api", taken_at=days_ago(days)
        )
    call_command("expire")
    assert sorted(MetricSample.objects.values_list("source", "value")) == [
        *[("api", 1)] * 3, ("api", 7), ("entered", 8), ("entered", 9),
    ]  # fmt: skip


def test_figures_of_late_stay_day_by_day(item):
    for days in (1, 2, 3):
        MetricSample.objects.create(
            item=item, day=days_ago(days).date(), name="reads", value=9, source="api", taken_at=days_ago(days)
        )
    call_command("expire")
    assert MetricSample.objects.count() == 3


def test_the_sum_of_a_links_visits_stays(item):
    link = SourceLink.objects.get(item=item)
    other = SourceLink.objects.create(token="b" * 32, item=item, generation=2)
    for days, count, of in [
        (1001, 17, other),
        (1000, 5, link),
        (900, 7, link),
        (800, 11, link),
        (3, 13, link),
    ]:
        SourceVisits.objects.create(link=of, day=days_ago(days).date(), count=count)
    for _twice in range(2):
        call_command("expire")
    assert list(SourceVisits.objects.order_by("day").values_list("count", flat=True)) == [17, 23, 13]


def test_callbacks_of_other_articles_uploads_and_ended_sessions_go(item):
    for key, problem, handled in [
        ("ours", "", 800),
        ("theirs", "No delivery", 800),
        ("new", "No delivery", 9),
    ]:
        Callback.objects.create(
            account=item.account, key=key, event={}, problem=problem, received_at=days_ago(handled),
            handled_at=days_ago(handled),
        )  # fmt: skip
    Upload.objects.create(account=item.account, use="body", sha256="0" * 64, result={})
    Upload.objects.update(uploaded_at=days_ago(800))
    Upload.objects.create(account=item.account, use="cover", sha256="0" * 64, result={})
    Session.objects.create(session_key="ended", session_data="", expire_date=days_ago(1))
    Session.objects.create(session_key="open", session_data="", expire_date=days_ago(-1))
    call_command("expire")
    assert set(Callback.objects.values_list("key", flat=True)) == {"ours", "new"}
    assert list(Upload.objects.values_list("use", flat=True)) == ["cover"]
    assert list(Session.objects.values_list("session_key", flat=True)) == ["open"]


def test_a_dry_run_counts_and_changes_nothing(item, capsys):
    age(*_expiring())
    Session.objects.create(session_key="ended", session_data="", expire_date=days_ago(1))
    before = rows(*_expiring())
    call_command("expire", dry_run=True, json=True)
    counted = json.loads(capsys.readouterr().out)
    assert counted["sessions.Session"] == 1 and rows(*_expiring()) == before
    call_command("expire", dry_run=True)
    assert "sessions.Session：将清理 1 行" in capsys.readouterr().out
    call_command("expire", json=True)
    assert json.loads(capsys.readouterr().out) == counted
    call_command("expire")
    assert "sessions.Session：已清理 0 行" in capsys.readouterr().out


def test_many_rows_go_in_small_statements_and_the_task_gives_its_line_back(item, monkeypatch):
    ended = [
        Session(session_key=f"{number:05}", session_data="", expire_date=days_ago(1))
        for number in range(1200)
    ]
    Session.objects.bulk_create(ended)
    [rule] = [rule for rule in retention.RULES if rule.model is Session]
    assert list(retention.expire(rule)) == [500, 500, 200]
    Session.objects.bulk_create(ended)
    asked = []
    monkeypatch.setattr(tasks, "EXPIRY_S", -1)
    monkeypatch.setattr(tasks.expire, "apply_async", lambda **options: asked.append(options))
    tasks.expire()
    assert Session.objects.count() == 700 and len(asked) == 1
    for _turn in range(3):
        tasks.expire()
    assert not Session.objects.exists()


def documented() -> dict[str, str]:
    """Return how long each table is kept, as docs/operations.md says."""
    table = DOCS.read_text().partition("## How long things are kept")[2].partition("\n## ")[0]
    found = {}
    for line in table.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if line.startswith("| `") and len(cells) == 3:
            found |= dict.fromkeys(re.findall(r"`(\w+\.\w+)`", cells[0]), cells[1])
    return found


def test_of_every_table_it_is_told_how_long_it_is_kept():
    houses = {"cms", "readers", "publishers"}
    ours = {model._meta.label for model in apps.get_models() if model.__module__.partition(".")[0] in houses}
    assert ours - documented().keys() == set()
    assert documented().keys() - ours == {"sessions.Session"}


def test_what_is_told_to_end_ends_and_nothing_else_does():
    ends = {label for label, kept in documented().items() if "the period" in kept or "until it ends" in kept}
    assert ends == {rule.name for rule in retention.RULES}
