"""A hub from a backup: checked first, then put in place, then paused."""

import shutil
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from cms.models import Office
from cms.refusals import Refused
from cms.releases import triggers
from publishers.engine import after_restore
from publishers.models import Delivery, Heartbeat, MainSwitch, Phase
from publishers.operations import heartbeat
from publishers.operations.backup import databases, keys, manifest, places
from publishers.operations.backup.making import MEDIA
from publishers.people import audit
from publishers.people.permissions import OPERATOR, name_of


def restore(
    folder: Path, *, kept: Path | None = None, replace: bool = False, stopped: bool = False
) -> manifest.Manifest:
    """Make this hub what it was when the backup in ``folder`` was made, paused, with its doubts.

    Everything is checked before anything is changed. ``kept`` is where the keys were kept, which are put
    back. ``replace`` permits to give up what the hub holds. Web servers and workers must be stopped;
    ``stopped`` says so where there are signs of life. Raises Refused.
    """
    found = manifest.read_manifest(folder)
    places.refuse_own(folder)
    _refuse_newer(found)
    if not replace and not _is_empty():
        raise Refused(_("This hub is not empty: --replace gives up what it holds."))
    if not stopped:
        _refuse_at_work()
    databases.refuse_other_kind(found.vendor)
    manifest.verify(folder, found, databases.FILES[found.vendor])
    databases.refuse_unreadable(folder, found.vendor)
    if kept:
        keys.refuse_others(kept)
    keys.refuse_without(found, Path(settings.KEY_DIR), *filter(None, [kept]))
    try:
        if kept:
            keys.put_back(kept)
        _put_in_place(folder, found)
    except OSError as error:
        sentence = _("The backup cannot be put in place ({reason}): mend it and restore again.")
        raise Refused(sentence.format(reason=error)) from error
    _start_paused(found)
    return found


def _refuse_at_work() -> None:
    """Refuse while a worker answers beat, or anybody else has the database open: a web server, too."""
    ages = heartbeat.ages() if Heartbeat._meta.db_table in connection.introspection.table_names() else {}
    if ages and min(ages.values()) < heartbeat.SILENT:
        raise Refused(
            _(
                "A worker was at work {seconds} seconds ago: stop web servers, workers and beat first. "
                "If all are stopped, wait a minute or say --stopped."
            ).format(seconds=int(min(ages.values()).total_seconds()))
        )
    if databases.is_open_elsewhere():
        raise Refused(
            _(
                "Another process has the database open: stop web servers, workers and beat first. If it is "
                "none of them, say --stopped."
            )
        )


def _refuse_newer(found: manifest.Manifest) -> None:
    known = MigrationLoader(None).disk_migrations
    if unknown := set(found.migrations) - {f"{app}.{name}" for app, name in known}:
        raise Refused(
            _("This backup was made by a newer hub: update the hub first. ({names})").format(
                names="、".join(sorted(unknown))
            )
        )


def _is_empty() -> bool:
    present = connection.introspection.table_names()
    has_rows = Office._meta.db_table in present and Office.objects.exists()
    root = Path(settings.MEDIA_ROOT)
    return not has_rows and all(file.name == ".gitignore" for file in manifest.files_under(root))


def _put_in_place(folder: Path, found: manifest.Manifest) -> None:
    # Pictures first: the database never names one that is not there. Others do no harm.
    for file in manifest.files_under(folder / MEDIA):
        if str(file.relative_to(folder)) not in found.files:
            continue  # nothing vouches for it
        to = Path(settings.MEDIA_ROOT) / file.relative_to(folder / MEDIA)
        to.parent.mkdir(parents=True, exist_ok=True)
        written = to.with_name(f"{to.name}.restored")
        shutil.copy2(file, written)
        written.replace(to)
    databases.load(folder)
    call_command("migrate", verbosity=0, interactive=False)
    triggers.install()
    if triggers.missing():
        raise Refused(_("Releases can be changed, triggers are missing: run manage.py migrate."))


@transaction.atomic
def _start_paused(found: manifest.Manifest) -> None:
    """Stop everything until a person lets it go on, and have every article that is out looked at again."""
    time = date_format(timezone.localtime(found.at), "DATETIME_FORMAT")
    reason = _("Restored from the backup of {time}: what happened after it is not known here.")
    values = {
        "paused_at": timezone.now(),
        "paused_by": name_of(OPERATOR),
        "paused_reason": reason.format(time=time),
        "restored_at": found.at,
        **after_restore.marks(),
    }
    switch, _made = MainSwitch.objects.update_or_create(pk=1, defaults=values)
    out = Delivery.objects.filter(phase=Phase.SETTLED, items__observed_generation__isnull=False)
    out.update(look_at=Now())
    audit.record("switch.restore", switch, OPERATOR, backup=found.at.isoformat())
