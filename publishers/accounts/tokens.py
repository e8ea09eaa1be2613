"""One holder of an account's token across all processes: whoever gets the lease fetches, the others wait."""

import datetime as dt
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TypedDict

from django.db.models import Expression, F, Q
from django.db.models.functions import Now

from publishers.accounts.credentials import decrypt_text, encrypt_text
from publishers.interface import Retry
from publishers.models import Account, HeldToken
from publishers.models.clock import from_now
from publishers.models.leases import in_no_hand

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

FETCH_LEASE = dt.timedelta(seconds=90)
WAIT_S = 0.05
PATIENCE_S = 100
# A token is renewed this long before its end, or in the last fifth of a short life.
MARGIN_S = 300


class _Age(TypedDict):
    fresh: bool  # by the database's clock


def token(account: Account, fetch: Callable[[], tuple[str, int]], *, refused: str | None = None) -> str:
    """Return the account's token; one process at a time fetches. Raises what ``fetch`` raises, and Retry."""
    give_up = time.monotonic() + PATIENCE_S
    while time.monotonic() < give_up:
        held = _held(account)
        known = _usable(held)
        if known and known != refused:
            return known
        if _take(held):
            return _fetch(held, fetch)
        time.sleep(WAIT_S)
    raise Retry("Another process did not get a token in time.")


def drop(account: Account) -> None:
    """Forget the token, e.g. after the credentials were changed.

    A fetch under way holds nothing any more and keeps nobody: what it brings is the old credentials'.
    """
    HeldToken.objects.filter(account=account).update(
        token=b"", refresh_at=None, lease_until=None, fence=F("fence") + 1
    )


def put(account: Account, given: str, lives_s: int) -> None:
    """Hold the token that came with a consent; a fetch that was under way meanwhile changes nothing."""
    held = _held(account)
    HeldToken.objects.filter(pk=held.pk).update(
        token=encrypt_text(given), refresh_at=_renewed_at(lives_s), lease_until=None, fence=F("fence") + 1
    )


def _held(account: Account) -> "WithAnnotations[HeldToken, _Age]":
    try:
        return _of_account(account)
    except HeldToken.DoesNotExist:
        # Several processes may do this at once; the unique account leaves one row.
        HeldToken.objects.bulk_create([HeldToken(account=account)], ignore_conflicts=True)
    return _of_account(account)


def _of_account(account: Account) -> "WithAnnotations[HeldToken, _Age]":
    return HeldToken.objects.annotate(fresh=Q(refresh_at__gt=Now())).get(account=account.pk)


def _usable(held: "WithAnnotations[HeldToken, _Age]") -> str:
    return decrypt_text(held.token) if held.token and held.fresh else ""


def _take(held: HeldToken) -> bool:
    """Get the right to fetch, if nobody has it and nobody fetched since ``held`` was read."""
    taken = HeldToken.objects.filter(in_no_hand(), pk=held.pk, fence=held.fence).update(
        lease_until=from_now(FETCH_LEASE), fence=F("fence") + 1
    )
    return bool(taken)


def _fetch(held: HeldToken, fetch: Callable[[], tuple[str, int]]) -> str:
    mine = HeldToken.objects.filter(pk=held.pk, fence=held.fence + 1)
    try:
        fetched, lives_s = fetch()
    except BaseException:
        mine.update(lease_until=None)
        raise
    # The fence rises once more, so that who read the row before must read it again and finds the token.
    mine.update(
        token=encrypt_text(fetched), refresh_at=_renewed_at(lives_s), lease_until=None, fence=F("fence") + 1
    )
    return fetched


def _renewed_at(lives_s: int) -> Expression:
    return from_now(dt.timedelta(seconds=lives_s - min(MARGIN_S, lives_s / 5)))
