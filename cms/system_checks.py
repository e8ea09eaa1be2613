"""System checks: what must hold before the hub may be trusted.

``manage.py check --database default`` asks the database too, ``manage.py check --deploy`` about production.
"""

from collections.abc import Sequence
from typing import Any  # what Django may hand on some day

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import connections
from django.utils.translation import gettext as _

from cms import signing
from cms.releases import triggers


@register(Tags.database)
def frozen_tables_have_their_triggers(
    databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Look for the triggers that guard Releases (cms.W004).

    A warning, since an error would keep ``migrate`` from putting them back; ``/readyz`` and ``doctor`` are
    not well without them.
    """
    problems: list[CheckMessage] = []
    for using in databases or ():
        if triggers.FROZEN[0]._meta.db_table not in connections[using].introspection.table_names():
            continue  # before the first migrate
        if missing := triggers.missing(using):
            problems.append(
                Warning(
                    f"Releases can be changed: triggers are missing ({', '.join(sorted(missing))}).",
                    hint="Run manage.py migrate, which puts them back.",
                    id="cms.W004",
                )
            )
    return problems


@register()
def variables_are_settings(**kwargs: Any) -> list[CheckMessage]:
    """Name the variables that look like the hub's and are none (cms.W005): a misspelt one changes nothing."""
    sentence = _("The hub knows no variable {name}, so it changes nothing: .env.example names all of them.")
    return [Warning(sentence.format(name=name), id="cms.W005") for name in settings.UNKNOWN_VARIABLES]


@register(Tags.security)
def signing_key_is_private(**kwargs: Any) -> list[CheckMessage]:
    """Nobody but the hub's own user may read the key (cms.E002)."""
    file = signing.key_file()
    if file.exists() and file.stat().st_mode & 0o077:
        return [
            Error(f"Others can read the hub's signing key {file}.", hint=f"chmod 600 {file}", id="cms.E002")
        ]
    return []


@register(Tags.security, deploy=True)
def signing_key_is_there(**kwargs: Any) -> list[CheckMessage]:
    """Without a key nothing can be signed off (cms.E003)."""
    if signing.key_file().exists():
        return []
    hint = f"Put back the copy of {signing.key_file()}." if signing.is_lost() else "Run manage.py bootstrap."
    return [Error("The hub has no signing key.", hint=hint, id="cms.E003")]


@register(Tags.security, deploy=True)
def production_is_not_a_trial(**kwargs: Any) -> list[CheckMessage]:
    """Production keeps apart: a database server, a real mail server, no way to private hosts.

    cms.W001, W002 and W003.
    """
    problems: list[CheckMessage] = []
    if settings.PRODUCTION and connections["default"].vendor == "sqlite":
        problems.append(Warning("Production runs on SQLite.", hint="Set HUB_DATABASE_URL.", id="cms.W001"))
    if settings.PRODUCTION and settings.EMAIL_BACKEND.endswith("console.EmailBackend"):
        problems.append(
            Warning("Nobody gets mail: it goes to the console.", hint="Set HUB_EMAIL_URL.", id="cms.W002")
        )
    if settings.PRODUCTION and settings.PRIVATE_HOSTS_ALLOWED:
        hosts = ", ".join(settings.PRIVATE_HOSTS_ALLOWED)
        problems.append(
            Warning(
                f"Outgoing calls may reach private hosts ({hosts}).",
                hint="Leave HUB_PRIVATE_HOSTS_ALLOWED empty: it is for the sandbox.",
                id="cms.W003",
            )
        )
    return problems
