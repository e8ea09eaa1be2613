"""What must work for the hub to keep its promises, looked at one by one.

``manage.py doctor`` shows all of it to people, ``/readyz`` tells monitors what is in ``READY``.
"""

import datetime as dt
import functools
import re
import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from pathlib import Path

import requests
from celery import current_app
from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.models.functions import Now
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext as _
from kombu import Producer, Queue

from cms import mailing, signing
from cms.models import Office
from cms.releases import triggers
from publishers import registry
from publishers.accounts import consents, credentials
from publishers.engine import space, switching
from publishers.http import outbound
from publishers.interface import PublisherError
from publishers.models import Account, Attempt
from publishers.operations import built, heartbeat, probe

CLOCKS = dt.timedelta(seconds=5)
PATIENCE_S = 5
BROKER_S = 3
SPACE_BYTES = 1024**3
UNREACHABLE = "unreachable"
ADDRESS = re.compile(r"\b(?:\d{1,3}\.){3}\d{1,3}\b")


@dataclass(frozen=True)
class Finding:
    """What was looked at, whether it is well, and a sentence: what is so, or what to do.

    ``told`` is the same for monitors, by name: a word or two, no address and no secret.
    """

    name: str
    well: bool
    sentence: str
    told: Mapping[str, str] = field(default_factory=dict)


def examine() -> Iterator[Finding]:
    """Look at everything; a look that fails is a finding, too, and the next one is taken."""
    is_away = False
    for name in LOOKS:
        # Each look at a database that is away takes as long as its driver waits.
        found = _unknown(name) if is_away and name not in WITHOUT_DATABASE else look_at(name)
        is_away |= tells_database_away(found)
        yield found
    if is_away:
        yield _unknown("accounts")
        return
    try:
        yield from _accounts()
    except DatabaseError as error:
        yield _failed("accounts", error)


def look_at(name: str) -> Finding:
    """Look at one thing; whatever it raises is a finding."""
    try:
        return Finding(name, True, LOOKS[name]())
    except Unwell as problem:
        return Finding(name, False, str(problem), problem.told or {name: "unwell"})
    except Exception as error:  # noqa: BLE001  (each client has errors of its own)
        return _failed(name, error)


def tells_database_away(found: Finding) -> bool:
    return found.told.get("database") == UNREACHABLE


def _unknown(name: str) -> Finding:
    return Finding(name, False, _("Not known: the database does not answer."), {name: UNREACHABLE})


def _failed(name: str, error: Exception) -> Finding:
    if space.is_full(error):
        sentence = _("The disk is full, or the database cannot be opened: make space. ({reason})")
        return Finding(name, False, sentence.format(reason=str(error).strip()), {name: UNREACHABLE})
    # A database that lacks a table has answered; SQLite gives that the same class as being away.
    has_answered = str(error).startswith("no such ")
    if isinstance(error, OperationalError | InterfaceError) and name != "database" and not has_answered:
        return _unknown(name)
    reason = " ".join(f"{type(error).__name__}: {error}".split())
    sentence = gettext(WHAT_TO_DO.get(name, NOT_LOOKED_AT)).format(reason=reason)
    return Finding(name, False, sentence, {name: UNREACHABLE})


#: What is done where the thing itself does not answer; what its client says stands behind it.
WHAT_TO_DO = {
    "database": gettext_noop(
        "The database does not answer: see that it runs and that HUB_DATABASE_URL is right. ({reason})"
    ),
    "broker": gettext_noop(
        "The broker takes no calls: see that it runs, is no replica and that HUB_BROKER_URL is right. "
        "({reason})"
    ),
    "public address": gettext_noop(
        "The hub does not answer at its public address: see that web and proxy run and that HUB_PUBLIC_URL "
        "is right. ({reason})"
    ),
    "media": gettext_noop(
        "The folder of pictures cannot be written: give it to the hub's user, or set HUB_MEDIA_ROOT. "
        "({reason})"
    ),
}
NOT_LOOKED_AT = gettext_noop("This could not be looked at: mend what stands in brackets. ({reason})")


class Unwell(Exception):
    """The message says what is wrong and what to do; ``told`` is for monitors."""

    def __init__(self, sentence: str, *, told: Mapping[str, str] | None = None, **values):
        super().__init__(sentence.format(**values))
        self.told = told


def _database() -> str:
    if not probe.database_takes_writes():
        raise Unwell(
            _(
                "The database takes no writes: see that HUB_DATABASE_URL names the primary, no standby, and "
                "that its disk can be written."
            ),
            told={"database": "read only"},
        )
    missing = _migrations_of_the_code() - set(MigrationRecorder(connection).applied_migrations())
    if missing:
        raise Unwell(
            _("Migrations are missing: run manage.py migrate."),
            told={"migrations": f"{len(missing)} missing"},
        )
    return str(connection.vendor)


@functools.cache
def _migrations_of_the_code() -> frozenset[tuple[str, str]]:
    return frozenset(MigrationLoader(None).graph.nodes)


def _triggers() -> str:
    if missing := triggers.missing(connection.alias):
        raise Unwell(
            _("Releases can be changed, triggers are missing: run manage.py migrate. ({names})"),
            names="、".join(sorted(missing)),
            told={"triggers": f"{len(missing)} missing"},
        )
    return _("Releases are frozen.")


def _signing_key() -> str:
    if not signing.key_file().exists():
        if signing.is_lost():
            raise Unwell(
                _("The signing key is gone: put the copy that is kept elsewhere back to {file}."),
                file=signing.key_file(),
            )
        raise Unwell(_("There is no signing key: run manage.py bootstrap."))
    return signing.ensure_key()


def _credentials() -> str:
    if names := credentials.unreadable():
        raise Unwell(
            _("Credentials cannot be decrypted: set the key that encrypted them. ({names})"),
            names="、".join(names),
        )
    return _("All credentials can be decrypted.")


def _settings() -> str:
    if names := settings.UNKNOWN_VARIABLES:
        raise Unwell(
            _("The hub knows no variable {name}, so it changes nothing: .env.example names all of them."),
            name="、".join(names),
        )
    return _("All variables are known.")


def _broker() -> str:
    with current_app.connection_for_write(connect_timeout=BROKER_S) as broker:
        broker.ensure_connection(max_retries=1, timeout=BROKER_S)
        # A replica, or one without memory, answers and takes no calls: a queue that nobody knows gets one.
        name = f"{settings.QUEUE}.probe.{uuid.uuid4()}"
        queue = Queue(name, durable=False, auto_delete=True, expires=BROKER_S)(broker.default_channel)
        queue.queue_declare()
        Producer(broker.default_channel).publish("", exchange="", routing_key=name)
        queue.delete()
        return str(broker.transport_cls)


def _worker() -> str:
    age = heartbeat.age()
    if age is None:
        raise Unwell(_("No worker was ever at work: start a worker and beat."), told={"worker": "never seen"})
    seconds = int(age.total_seconds())
    if age > heartbeat.SILENT:
        raise Unwell(
            _("No worker has answered beat for {seconds} seconds."),
            seconds=seconds,
            told={"worker": f"silent for {seconds} s"},
        )
    return _("A worker answered {seconds} seconds ago.").format(seconds=seconds)


def _aside() -> str:
    age = heartbeat.age(heartbeat.ASIDE)
    if age is None or age > heartbeat.ASIDE_SILENT:
        raise Unwell(_("Nobody looks after what is live: start a worker with --queues aside."))
    return _("A worker answered {seconds} seconds ago.").format(seconds=int(age.total_seconds()))


def _urgent() -> str:
    age = heartbeat.age(heartbeat.URGENT)
    if age is None or age > heartbeat.SILENT:
        raise Unwell(_("What is urgent waits when platforms hang: start a worker with --queues urgent."))
    return _("A worker answered {seconds} seconds ago.").format(seconds=int(age.total_seconds()))


def _plugins() -> str:
    if broken := registry.broken():
        raise Unwell("{sentences}", sentences=" ".join(each.sentence for each in broken))
    return "、".join(publisher.platform.slug for publisher in registry.all_publishers())


def _mail() -> str:
    count, problem = mailing.waiting()
    if count and not problem:
        raise Unwell(
            _("{count} mails wait and nobody sends them: start a worker with --queues aside; read its log."),
            count=count,
        )
    if count:
        raise Unwell(
            _("{count} mails wait, the mail server does not take them: {problem} Look at HUB_EMAIL_URL."),
            count=count,
            problem=problem,
        )
    return _("No mail waits for the mail server.")


def _clock() -> str:
    office = Office.objects.annotate(now=Now()).values_list("now", flat=True).first()
    if office is None:
        raise Unwell(_("There is no office: run manage.py bootstrap."))
    apart = abs(timezone.now() - office)
    if apart > CLOCKS:
        raise Unwell(
            _("This machine's clock and the database's are {seconds} seconds apart."),
            seconds=int(apart.total_seconds()),
        )
    return _("The clocks agree.")


def _platforms_clock() -> str:
    """Compare with the Date that the first platform that can be reached sends with its answer."""
    for address in sorted({_address(account) for account in Account.objects.all()} - {""}):
        try:
            told = outbound.session().head(address, timeout=PATIENCE_S).headers.get("Date")
        except (requests.RequestException, PublisherError):
            continue
        if told and abs(timezone.now() - parsedate_to_datetime(told)) > CLOCKS:
            raise Unwell(
                _("This machine's clock and that of {address} are apart: {time} there."),
                address=address,
                time=told,
            )
        if told:
            return _("The clock agrees with that of {address}.").format(address=address)
    return _("No platform tells the time.")


def _address(account: Account) -> str:
    publisher = registry.find(account.platform, account.transport)
    return account.base_url or (publisher.platform.base_url if publisher else "")


def _space() -> str:
    left = {
        str(folder): shutil.disk_usage(folder).free for folder in (settings.DATA_DIR, settings.MEDIA_ROOT)
    }
    folder, free = min(left.items(), key=lambda each: each[1])
    if free < SPACE_BYTES:
        raise Unwell(
            _("Only {free} are left in {folder}: make space."), free=filesizeformat(free), folder=folder
        )
    return filesizeformat(free)


def _switch() -> str:
    switch = switching.state()
    if switch.paused_at is not None:
        raise Unwell(
            _("Everything is paused by {name}: {reason}"), name=switch.paused_by, reason=switch.paused_reason
        )
    return _("Sending is on.")


def _outgoing_address() -> str:
    """Tell what whitelists must hold, as a platform named it when it refused it (WeChat: 40164)."""
    refused = Attempt.objects.filter(error="CredentialsInvalid").order_by("-pk")[:50]
    said = [
        *Account.objects.values_list("problem", flat=True),
        *(row.evidence.get("body", "") for row in refused),
    ]
    for address in ADDRESS.findall(" ".join(said)):
        if all(int(part) < 256 for part in address.split(".")) and outbound.is_public(address):
            return _("{address}: platforms' whitelists must hold it.").format(address=address)
    return _("Not known: no platform has named it yet.")


def _media() -> str:
    root = Path(settings.MEDIA_ROOT)
    root.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=root) as file:
        file.write(b"hub")
        file.flush()
    return str(root)


def _public_address() -> str:
    answer = requests.get(f"{settings.PUBLIC_URL}/healthz", timeout=PATIENCE_S)
    if not answer.ok:
        raise Unwell(
            _("{url} answers with HTTP {status}."), url=settings.PUBLIC_URL, status=answer.status_code
        )
    return settings.PUBLIC_URL


def _texts() -> str:
    if missing := built.not_compiled():
        raise Unwell(
            _("The Chinese texts are not compiled: run {command} and start web and workers again. ({names})"),
            command=built.COMPILE,
            names="、".join(map(str, missing)),
            told={"texts": "not compiled"},
        )
    return _("The Chinese texts are compiled.")


def _static_files() -> str:
    if missing := built.not_collected():
        raise Unwell(
            _("{count} static files are not in place: run {command} and start web again."),
            count=len(missing),
            command=built.COLLECT,
            told={"static files": f"{len(missing)} not collected"},
        )
    return _("The static files are in place.")


LOOKS: dict[str, Callable[[], str]] = {
    "settings": _settings,
    "database": _database,
    "triggers": _triggers,
    "signing key": _signing_key,
    "credentials": _credentials,
    "texts": _texts,
    "static files": _static_files,
    "broker": _broker,
    "worker": _worker,
    "worker urgent": _urgent,
    "worker aside": _aside,
    "plugins": _plugins,
    "mail": _mail,
    "clock": _clock,
    "platforms' clock": _platforms_clock,
    "media": _media,
    "space": _space,
    "main switch": _switch,
    "public address": _public_address,
    "outgoing address": _outgoing_address,
}


#: What must be well before a load balancer sends work here.
READY = ("database", "triggers", "texts", "static files", "broker", "worker")
#: What can be looked at without the database.
WITHOUT_DATABASE = (
    *("settings", "signing key", "texts", "static files", "broker"),
    *("plugins", "media", "space", "public address"),
)


def _accounts() -> Iterator[Finding]:
    for account in Account.objects.select_related("consent").order_by("platform", "name"):
        missing = registry.why_missing(account.platform)
        problem = missing or account.paused_reason or account.problem or consents.warning(account)
        checked = account.checked_at and timezone.localtime(account.checked_at).isoformat(" ", "minutes")
        yield Finding(
            f"{account.platform} {account.name}", not problem, problem or checked or _("Not checked yet")
        )
