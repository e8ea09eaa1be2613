"""Penguin's envelope and what a refusal asks for: docs/platforms/penguin.md, sections 3 and 7.

The table of codes is not public: only "not zero" and words about the token mean anything.
"""

from django.utils.translation import gettext as _

from publishers.interface import CredentialsInvalid, Json, PublisherError


class TokenRefused(CredentialsInvalid):
    """The access token is refused; a fresh one is tried once before the account stops."""


def opened(answer: dict[str, Json], refusal: type[PublisherError]) -> dict[str, Json]:
    """Return the envelope's data. Raises TokenRefused for a refused token, ``refusal`` for anything else."""
    # Seen as "0" and as 0.
    code, message = str(answer.get("code")), str(answer.get("msg", ""))
    if code == "0":
        return answer.get("data") or {}
    said = _("Penguin refuses: {message} (code {code})").format(message=message, code=code)
    kind = TokenRefused if "token" in message.lower() else refusal
    raise kind(said, status=200, code=code, body=message)
