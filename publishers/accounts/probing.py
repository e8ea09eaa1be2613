"""What an account may do: asked of the platform, and kept on the account."""

from django.utils import timezone

from publishers import registry
from publishers.accounts.sessions import EngineAccount
from publishers.asking import ask
from publishers.interface import Publisher
from publishers.models import Account


def probe(session: EngineAccount) -> None:
    """Ask the platform what the account may do and keep the answer. Changes nothing there.

    Raises what ``Publisher.check`` raises, and PluginFails.
    """
    with session.hurried():
        found = ask(registry.get(session.row.platform, session.transport), Publisher.check, session)
    values = {"capabilities": sorted(found), "checked_at": timezone.now(), "problem": ""}
    Account.objects.filter(pk=session.row.pk).update(**values)
    session.capabilities = frozenset(found)
