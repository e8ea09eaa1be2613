"""System checks of what the hub is run with; the most of them are ``manage.py check --deploy``'s."""

from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError

from publishers import registry
from publishers.accounts import credentials
from publishers.operations import built


@register()
def plugins_work(**kwargs: object) -> list[CheckMessage]:
    """Name each installed plugin that cannot be used; the hub works without it (publishers.W001)."""
    hint = "Its accounts wait, and go on by themselves when it works and the hub was restarted."
    return [Warning(each.sentence, hint=hint, id="publishers.W001") for each in registry.broken()]


@register(Tags.security, deploy=True)
def stored_secrets_can_be_decrypted(**kwargs: object) -> list[CheckMessage]:
    """The keys of credentials are those that encrypted what is stored (publishers.E001)."""
    try:
        names = credentials.unreadable()
    except ImproperlyConfigured as error:
        return [Error(str(error), id="publishers.E001")]
    except DatabaseError:
        return []  # away, or before the first migrate: manage.py doctor tells
    if not names:
        return []
    return [
        Error(
            f"Stored credentials cannot be decrypted ({', '.join(names)}).",
            hint="Set the keys that encrypted them: HUB_CREDENTIAL_KEYS, or credentials.key in HUB_KEY_DIR.",
            id="publishers.E001",
        )
    ]


@register(Tags.translation, Tags.staticfiles, deploy=True)
def what_is_built_is_there(**kwargs: object) -> list[CheckMessage]:
    """Catalogues are compiled (publishers.E002), static files collected (publishers.E003)."""
    problems: list[CheckMessage] = []
    if missing := built.not_compiled():
        sentence = f"The Chinese texts are not compiled ({', '.join(map(str, missing))})."
        problems.append(Error(sentence, hint=f"Run {built.COMPILE}.", id="publishers.E002"))
    if files := built.not_collected():
        sentence = f"{len(files)} static files are not in place."
        problems.append(Error(sentence, hint=f"Run {built.COLLECT}.", id="publishers.E003"))
    return problems
