"""A backup holds all but the keys; a hub restored from an older one starts paused and sends nothing twice."""

import datetime as dt
import errno
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
import time_machine
from cryptography.fernet import Fernet
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from cms import signing
from cms.media.blobs import hash_of
from cms.models import Release
from cms.releases import triggers
from publishers import engine
from publishers.distribution import cancel, distribute
from publishers.engine import switching
from publishers.models import Account, Cause, Delivery, Heartbeat, MainSwitch, Phase, SourceLink
from publishers.operations import heartbeat
from publishers.operations.backup import databases
from publishers.people.permissions import OPERATOR
from publishers.people.refusals import PerhapsThere
from tests.chaos.conftest import hub, office, sandbox
from tests.chaos.journeys import SUBMIT, an_hour_passes, make_journey
from tests.chaos.processes import environment

__all__ = ["hub", "office", "sandbox"]
pytestmark = pytest.mark.django_db(transaction=True)
# Another process of the hub, which has looked into the database and waits.
IDLE = """
import django
django.setup()
from cms.models import Release
print(Release.objects.count(), flush=True)
input()
"""


@pytest.fixture
def backed_up(tmp_path):
    """Return a maker of a backup, and what puts the hub back to it."""
    folder, keys = tmp_path / "backup", tmp_path / "keys"

    def back_up():
        call_command("backup", str(folder), keys=keys)
        return folder

    return back_up


def restore(folder, **options):
    call_command("restore", str(folder), replace=True, **options)


def bring_on(*journeys, runs=6):
    """Run the engine until each is over, an hour later each time."""
    for journey in journeys:
        for _ in range(runs):
            phase = engine.run(journey.delivery.pk)
            if phase in (Phase.SETTLED, Phase.ATTENTION):
                break
            an_hour_passes(journey)
        journey.delivery.refresh_from_db()


def titles(journey):
    return {release.title: 1 for release in journey.releases}


def test_all_is_in_it_but_the_keys(sandbox, office, backed_up, tmp_path):
    journey = make_journey(sandbox, office, "wechat")
    folder = backed_up()
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["counts"]["cms.Release"] == 2 and manifest["vendor"] == connection.vendor
    blobs = {name for name in manifest["files"] if name.startswith("media/blobs/")}
    assert len(blobs) == len({sha for release in journey.releases for sha in json.loads(release.assets)})
    secret = signing.key_file().read_bytes()
    assert not [file for file in folder.rglob("*") if file.is_file() and secret in file.read_bytes()]
    kept = tmp_path / "keys" / "signing.pem"
    assert kept.read_bytes() == secret and kept.stat().st_mode & 0o077 == 0


def test_restored_it_is_as_it_was_paused_and_frozen(sandbox, office, backed_up):
    journey = make_journey(sandbox, office, "wechat")
    folder = backed_up()
    before = timezone.now()
    make_journey(sandbox, office, "penguin")
    restore(folder)
    assert Release.objects.count() == 2 and [each.pk for each in Delivery.objects.all()] == [
        journey.delivery.pk
    ]
    switch = MainSwitch.objects.get()
    assert switch.paused_at and switch.paused_reason and switch.restored_at <= before
    assert triggers.missing() == set()
    assert engine.sweep() == [] and engine.run(journey.delivery.pk) == Phase.SCHEDULED
    assert sandbox.calls("wechat", journey.account_id) == []


def test_its_time_is_the_databases_and_earlier_than_whatever_it_may_lack(backed_up, office, monkeypatch):
    """Also than what a worker calls while it is made."""
    begun, dump = databases.now(), databases.dump
    written = []

    def write_and_dump(folder):
        written.append(databases.now())
        return dump(folder)

    monkeypatch.setattr(databases, "dump", write_and_dump)
    with time_machine.travel(begun - dt.timedelta(hours=8)):
        folder = backed_up()
    restore(folder)
    assert begun <= MainSwitch.objects.get().restored_at <= written[0]


def test_what_went_out_after_the_backup_is_found_and_not_sent_again(sandbox, office, backed_up):
    waiting, half_way, not_sent = (make_journey(sandbox, office, "wechat") for _ in range(3))
    sandbox.fault(
        "error", errcode=45011, platform="wechat", account=half_way.account_id, path=SUBMIT["wechat"]
    )
    engine.run(half_way.delivery.pk)
    folder = backed_up()
    an_hour_passes(half_way)
    bring_on(waiting, half_way)
    assert [each.delivery.phase for each in (waiting, half_way)] == [Phase.SETTLED] * 2
    submitted = [each.submissions() for each in (waiting, half_way)]

    restore(folder)
    switching.resume_all(switching.SEND, by=OPERATOR)
    for journey in (waiting, half_way, not_sent):
        an_hour_passes(journey)
    bring_on(waiting, half_way)
    for journey in (waiting, half_way):
        assert journey.delivery.phase == Phase.SETTLED, journey.delivery.reason
        assert journey.shown() == titles(journey)
        assert all(item.url for item in journey.delivery.items.all())
    assert [each.submissions() for each in (waiting, half_way)] == submitted
    bring_on(not_sent)
    assert not_sent.shown() == titles(not_sent) and not_sent.submissions() == 1


def test_a_delivery_that_is_lost_and_made_again_finds_the_article_of_the_lost_one(sandbox, office, backed_up):
    journey = make_journey(sandbox, office, "wechat")
    account = journey.delivery.account
    cancel(journey.delivery, by=OPERATOR)
    folder = backed_up()
    [journey.delivery] = distribute(journey.releases, [account], by=OPERATOR)
    bring_on(journey)
    lost = set(SourceLink.objects.values_list("token", flat=True))
    assert journey.delivery.phase == Phase.SETTLED and lost

    restore(folder)
    switching.resume_all(switching.SEND, by=OPERATOR)
    [journey.delivery] = distribute(journey.releases, [account], by=OPERATOR)
    bring_on(journey)
    assert journey.delivery.phase == Phase.SETTLED, journey.delivery.reason
    assert set(SourceLink.objects.values_list("token", flat=True)) == lost
    assert journey.shown() == titles(journey) and journey.submissions() == 1


def test_where_it_cannot_be_told_a_person_looks_and_may_then_send_it(sandbox, office, backed_up):
    journey = make_journey(sandbox, office, "penguin")
    account = journey.delivery.account
    folder = backed_up()
    restore(folder)
    switching.resume_all(switching.SEND, by=OPERATOR)
    bring_on(journey)
    assert (journey.delivery.phase, journey.delivery.cause) == (Phase.ATTENTION, Cause.UNKNOWN)
    assert journey.submissions() == 0

    cancel(journey.delivery, by=OPERATOR)
    with pytest.raises(PerhapsThere):
        distribute(journey.releases, [account], by=OPERATOR)
    [journey.delivery] = distribute(journey.releases, [account], again=True, by=OPERATOR)
    bring_on(journey)
    assert journey.delivery.phase == Phase.SETTLED, journey.delivery.reason
    assert journey.shown() == titles(journey)


def test_withdrawn_after_the_restore_what_the_lost_hub_sent_is_taken_down(sandbox, office, backed_up):
    journey = make_journey(sandbox, office, "wechat")
    folder = backed_up()
    bring_on(journey)
    restore(folder)
    switching.resume_all(switching.SEND, by=OPERATOR)
    journey.delivery.items.update(desired="gone")
    an_hour_passes(journey)
    bring_on(journey)
    assert journey.delivery.phase == Phase.SETTLED, journey.delivery.reason
    [account] = sandbox.ledger("wechat", journey.account_id)["accounts"]
    assert (account["ever_visible"], account["live"], journey.submissions()) == (2, 0, 1)


def test_what_is_settled_is_looked_at_again(sandbox, office, backed_up):
    journey = make_journey(sandbox, office, "wechat")
    bring_on(journey)
    Delivery.objects.update(look_at=None)
    restore(backed_up())
    journey.delivery.refresh_from_db()
    assert journey.delivery.look_at <= timezone.now()


def refusal(folder, **options):
    with pytest.raises(CommandError) as refused:
        call_command("restore", str(folder), **options)
    assert Release.objects.count() and not MainSwitch.objects.exists()
    return str(refused.value)


def test_a_hub_that_is_not_empty_is_not_replaced_unasked(sandbox, office, backed_up):
    make_journey(sandbox, office, "wechat")
    assert "--replace" in refusal(backed_up())


def test_a_damaged_backup_changes_nothing(sandbox, office, backed_up):
    make_journey(sandbox, office, "wechat")
    folder = backed_up()
    database = folder / databases.FILES[connection.vendor]
    content = bytearray(database.read_bytes())
    content[len(content) // 2] ^= 1
    database.write_bytes(content)
    assert database.name in refusal(folder, replace=True)


def test_what_no_hash_vouches_for_is_not_restored(sandbox, office, backed_up):
    make_journey(sandbox, office, "wechat")
    folder = backed_up()
    (folder / "media" / "beside.html").write_text("<p>从旁放进来的</p>")
    database = folder / databases.FILES[connection.vendor]
    if connection.vendor == "sqlite":
        slip_into_journal(database)
    written = (folder / "manifest.json").read_text()
    without = json.loads(written)
    del without["files"][database.name]
    (folder / "manifest.json").write_text(json.dumps(without))
    assert database.name in refusal(folder, replace=True)
    (folder / "manifest.json").write_text(written)
    restore(folder)
    assert not (Path(settings.MEDIA_ROOT) / "beside.html").exists()
    assert "beside" not in connection.introspection.table_names()


def slip_into_journal(database):
    """Leave the file as it is, and a journal beside it that adds a table when SQLite reads it."""
    copy = database.with_name("copy")
    shutil.copy(database, copy)
    with closing(sqlite3.connect(copy)) as changed:
        changed.execute("PRAGMA journal_mode=WAL")
        changed.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        written, shown = json.loads((database.parent / "manifest.json").read_text()), copy.read_bytes()
        changed.execute("PRAGMA wal_autocheckpoint=0")
        changed.execute("CREATE TABLE beside (x)")
        changed.commit()
        shutil.copy(f"{copy}-wal", f"{database}-wal")
    # The file itself says that it has such a journal, and the manifest vouches for it.
    database.write_bytes(shown)
    written["files"][database.name] = [len(shown), hash_of(database)]
    (database.parent / "manifest.json").write_text(json.dumps(written))


def test_a_backup_that_did_not_end_and_one_of_a_newer_hub_are_refused(sandbox, office, backed_up):
    make_journey(sandbox, office, "wechat")
    folder = backed_up()
    file = folder / "manifest.json"
    manifest = json.loads(file.read_text())
    file.write_text(json.dumps(manifest | {"migrations": ["cms.9999_of_tomorrow"]}))
    assert "cms.9999_of_tomorrow" in refusal(folder, replace=True)
    file.write_text(json.dumps(manifest | {"format": 99, "files": "in tomorrow's form"}))
    assert "更新的版本" in refusal(folder, replace=True)
    file.unlink()
    assert str(folder) in refusal(folder, replace=True)
    assert str(file) in refusal(file, replace=True)


@pytest.mark.parametrize(
    "harm",
    [
        lambda whole: whole[: len(whole) // 2],
        lambda whole: b"",
        lambda whole: b"[]",
        lambda whole: b"\xff\xfe",
        lambda whole: json.dumps({"format": 2}).encode(),
        lambda whole: json.dumps(json.loads(whole) | {"at": "yesterday"}).encode(),
        lambda whole: json.dumps(json.loads(whole) | {"files": ["database"]}).encode(),
    ],
    ids=["cut short", "empty", "another value", "not text", "nothing in it", "no time", "another form"],
)
def test_a_manifest_that_is_damaged_is_refused_in_a_sentence(harm, sandbox, office, backed_up):
    make_journey(sandbox, office, "wechat")
    folder = backed_up()
    file = folder / "manifest.json"
    file.write_bytes(harm(file.read_bytes()))
    said = refusal(folder, replace=True)
    assert "manifest.json" in said and "已损坏" in said and len(said.splitlines()) == 1


def test_a_database_that_is_cut_short_is_refused_even_where_the_manifest_says_so(sandbox, office, backed_up):
    make_journey(sandbox, office, "wechat")
    folder = backed_up()
    database, file = folder / databases.FILES[connection.vendor], folder / "manifest.json"
    database.write_bytes(database.read_bytes()[:1000])
    manifest = json.loads(file.read_text())
    manifest["files"][database.name] = [1000, hash_of(database)]
    file.write_text(json.dumps(manifest))
    assert len(refusal(folder, replace=True).splitlines()) == 1


def test_while_a_worker_is_at_work_nothing_is_replaced(sandbox, office, backed_up):
    make_journey(sandbox, office, "wechat")
    folder = backed_up()
    heartbeat.beat(heartbeat.ASIDE)
    said = refusal(folder, replace=True)
    assert "停止" in said and "beat" in said and "--stopped" in said
    Heartbeat.objects.update(at=timezone.now() - dt.timedelta(minutes=2))
    restore(folder)
    heartbeat.beat()
    restore(folder, stopped=True)
    assert MainSwitch.objects.get().restored_at


def test_while_another_process_has_the_database_open_nothing_is_replaced(
    sandbox, office, backed_up, tmp_path
):
    """A web server gives no sign of life; its connection does."""
    make_journey(sandbox, office, "wechat")
    folder = backed_up()
    env = environment(connection.settings_dict, tmp_path) | {"DJANGO_SETTINGS_MODULE": "config.settings"}
    streams = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", IDLE], env=env, **streams) as web:
        web.stdout.readline()
        said = refusal(folder, replace=True)
        assert "停止" in said and "--stopped" in said
        web.communicate("\n")
    restore(folder)


def test_without_the_keys_of_its_credentials_nothing_is_restored(
    sandbox, office, backed_up, settings, tmp_path
):
    journey = make_journey(sandbox, office, "wechat")
    stored = Account.objects.get().credentials
    folder = backed_up()
    [right] = [file.read_text().strip() for file in (tmp_path / "keys").glob("credentials.key")]
    assert right not in (folder / "manifest.json").read_text()
    settings.CREDENTIAL_KEYS = [wrong] = [Fernet.generate_key().decode()]
    said = refusal(folder, replace=True)
    assert "HUB_CREDENTIAL_KEYS" in said and wrong not in said and wrong[:8] not in said
    settings.CREDENTIAL_KEYS = [wrong, right]
    restore(folder)
    assert bytes(Account.objects.get(pk=journey.delivery.account_id).credentials) == bytes(stored)


def test_another_key_in_the_place_of_a_kept_one_is_named_and_both_stay(sandbox, office, backed_up, tmp_path):
    make_journey(sandbox, office, "wechat")
    folder = backed_up()
    settings.KEY_DIR = tmp_path / "other keys"
    settings.KEY_DIR.mkdir()
    (settings.KEY_DIR / "credentials.key").write_bytes(Fernet.generate_key())
    assert "other keys/credentials.key" in refusal(folder, replace=True, keys=tmp_path / "keys")
    assert [file.name for file in settings.KEY_DIR.iterdir()] == ["credentials.key"]
    assert str(tmp_path / "nowhere") in refusal(folder, replace=True, keys=tmp_path / "nowhere")


def test_a_backup_of_the_first_format_is_restored(sandbox, office, backed_up):
    make_journey(sandbox, office, "wechat")
    folder = backed_up()
    file = folder / "manifest.json"
    manifest = json.loads(file.read_text()) | {"format": 1}
    del manifest["credential_seals"]
    file.write_text(json.dumps(manifest))
    restore(folder)
    assert MainSwitch.objects.get().restored_at


def test_without_the_keys_that_signed_nothing_is_restored(sandbox, office, backed_up, tmp_path):
    make_journey(sandbox, office, "wechat")
    folder = backed_up()
    settings.KEY_DIR = tmp_path / "other keys"
    assert "--keys" in refusal(folder, replace=True)
    restore(folder, keys=tmp_path / "keys")
    assert signing.key_file().exists()


@pytest.mark.parametrize("place", ["backup", "backup/keys", "."])
def test_keys_are_never_put_into_a_backup(place, office, tmp_path):
    with pytest.raises(CommandError):
        call_command("backup", str(tmp_path / "backup"), keys=tmp_path / place)


def test_a_folder_that_holds_something_takes_no_backup(office, tmp_path):
    (tmp_path / "note").write_text("")
    with pytest.raises(CommandError):
        call_command("backup", str(tmp_path))


def while_it_copies(monkeypatch, name, happens):
    """Let it happen in the hub just before the file of that name is copied."""
    copy = shutil.copy2

    def copy_later(source, to):
        if Path(source).name == name:
            happens(Path(source))
        return copy(source, to)

    monkeypatch.setattr(shutil, "copy2", copy_later)


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite lists nobody who has left")
def test_who_has_just_left_the_database_is_not_at_work(office, backed_up):
    folder, other = backed_up(), connection.copy()
    other.ensure_connection()
    threading.Timer(0.3, other.connection.close).start()
    restore(folder)


def upload(name):
    file = Path(settings.MEDIA_ROOT) / "documents" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("文件")
    return file


def test_what_is_made_again_or_passes_is_not_in_it_and_what_goes_meanwhile_stops_nothing(
    sandbox, office, backed_up, monkeypatch
):
    journey = make_journey(sandbox, office, "wechat")
    bring_on(journey)
    root = Path(settings.MEDIA_ROOT)
    assert list((root / "sizes").rglob("*")), "The hub has made sizes of its own."
    upload("letter.txt")
    passing = [root / "renditions" / "ab" / "one", root / "blobs" / "tmpa1", root / "tmpb2"]
    for file in passing:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("x")

    def go(source):
        shutil.rmtree(root / "sizes")
        for file in passing:
            file.unlink()

    with monkeypatch.context() as patch:
        while_it_copies(patch, "letter.txt", go)
        folder = backed_up()
    kept = {file.relative_to(folder / "media").parts[0] for file in (folder / "media").rglob("*")}
    assert kept == {"blobs", "documents"}
    assert not list((folder / "media").rglob("tmp*"))
    restore(folder)
    assert (root / "documents" / "letter.txt").read_text() == "文件"


def test_what_is_needed_and_cannot_be_read_is_named_and_the_next_backup_of_the_day_is_made(
    office, tmp_path, monkeypatch
):
    lost = upload("order.txt")
    upload("statute.txt")
    with monkeypatch.context() as patch:
        while_it_copies(patch, "order.txt", Path.unlink)
        with pytest.raises(CommandError, match=f"读不了 {lost}") as refused:
            call_command("backup", str(tmp_path / "backup"))
    assert "空间" not in str(refused.value)
    with pytest.raises(CommandError, match="没有完整的备份"):
        call_command("restore", str(tmp_path / "backup"), replace=True)
    upload("order.txt")
    call_command("backup", str(tmp_path / "backup"))
    files = json.loads((tmp_path / "backup" / "manifest.json").read_text())["files"]
    there = {file.relative_to(tmp_path / "backup").as_posix() for file in (tmp_path / "backup").rglob("*.*")}
    assert there == {*files, "manifest.json"} and "media/documents/statute.txt" in files
    with pytest.raises(CommandError, match="不是空文件夹"):
        call_command("backup", str(tmp_path / "backup"))


def test_a_folder_of_uploads_that_cannot_be_read_is_not_left_out(office, tmp_path, monkeypatch):
    upload("order.txt")
    scandir = os.scandir

    def denied(place):  # whoever runs the tests may read everything
        if str(place).endswith("documents"):
            raise PermissionError(errno.EACCES, "Permission denied", str(place))
        return scandir(place)

    monkeypatch.setattr(os, "scandir", denied)
    with pytest.raises(CommandError, match=r"读不了 .*/documents"):
        call_command("backup", str(tmp_path / "backup"))


def test_two_backups_into_one_folder_are_not_made_at_once(office, tmp_path, monkeypatch):
    upload("order.txt")
    said = []

    def second(source):
        with pytest.raises(CommandError) as refused:
            call_command("backup", str(tmp_path / "backup"))
        said.append(str(refused.value))

    while_it_copies(monkeypatch, "order.txt", second)
    call_command("backup", str(tmp_path / "backup"))
    assert "另一个备份" in said[0] and (tmp_path / "backup" / "manifest.json").exists()


@pytest.mark.parametrize("keys", [False, True], ids=["the backup", "the keys"])
def test_a_place_that_cannot_be_written_is_named(keys, office, tmp_path):
    (tmp_path / "file").write_text("")
    for place in (tmp_path / "file", tmp_path / "file" / "below", Path("/proc/none/below")):
        with pytest.raises(CommandError, match=f"无法写入 {place}："):
            call_command("backup", str(tmp_path / "backup" if keys else place), keys=place if keys else None)


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="PostgreSQL's client programs are not needed")
def test_a_missing_client_program_is_named(office, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CommandError, match="pg_dump"):
        call_command("backup", str(tmp_path / "backup"))


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite waits for its one lock")
def test_a_database_that_somebody_works_with_is_left_as_it_is(sandbox, office, backed_up, monkeypatch):
    monkeypatch.setattr(databases, "LOCK_S", 1)
    make_journey(sandbox, office, "wechat")
    folder = backed_up()
    database = connection.settings_dict
    names = {name: database[name.upper()] or None for name in ("host", "port", "user", "password")}
    with psycopg.connect(dbname=database["NAME"], **names) as other:
        other.execute("SELECT 1 FROM cms_release")
        assert "停止" in refusal(folder, replace=True)
