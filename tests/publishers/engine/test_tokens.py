"""One holder of a token per account, however many workers need it."""

import datetime as dt
import time

import pytest

from publishers.accounts import changing, connecting, tokens
from publishers.interface import CredentialsInvalid
from publishers.models import HeldToken
from publishers.people.permissions import OPERATOR
from tests.publishers.engine.clock import an_hour_ago, is_ahead, just_now
from tests.publishers.engine.test_leases import in_threads

pytestmark = pytest.mark.django_db(transaction=True)


class Source:
    """Gives a new token at each fetch, slowly enough that others come meanwhile."""

    def __init__(self, lives_s=7200, slow_s=0.0):
        self.fetched, self.lives_s, self.slow_s = 0, lives_s, slow_s

    def __call__(self):
        self.fetched += 1
        number = self.fetched
        time.sleep(self.slow_s)
        return f"token-{number}", self.lives_s


def test_twenty_workers_make_one_call(account):
    source = Source(slow_s=0.2)
    results = in_threads(20, lambda: tokens.token(account, source))
    assert results == ["token-1"] * 20 and source.fetched == 1


def test_twenty_workers_whose_token_was_refused_make_one_call(account):
    source = Source(slow_s=0.2)
    tokens.token(account, source)
    results = in_threads(20, lambda: tokens.token(account, source, refused="token-1"))
    assert results == ["token-2"] * 20 and source.fetched == 2


def test_a_refused_token_that_is_not_the_one_held_costs_no_call(account):
    source = Source()
    tokens.token(account, source)
    assert tokens.token(account, source, refused="an-older-one") == "token-1" and source.fetched == 1


def test_a_token_is_renewed_before_it_expires(account):
    source, since = Source(lives_s=7200), just_now()
    tokens.token(account, source)
    before_its_end = dt.timedelta(seconds=7200 - tokens.MARGIN_S)
    assert is_ahead(HeldToken.objects.get().refresh_at, before_its_end, since=since)
    HeldToken.objects.update(refresh_at=an_hour_ago())
    assert tokens.token(account, source) == "token-2"


def test_a_token_with_a_short_life_is_still_used(account):
    source = Source(lives_s=100)
    assert tokens.token(account, source) == tokens.token(account, source) == "token-1"


def test_a_fetch_that_fails_lets_the_next_one_try(account):
    def refused():
        raise CredentialsInvalid("no")

    with pytest.raises(CredentialsInvalid):
        tokens.token(account, refused)
    assert tokens.token(account, Source()) == "token-1"


def test_a_fetcher_that_died_is_replaced_when_its_lease_is_over(account):
    HeldToken.objects.create(account=account, lease_until=an_hour_ago())
    assert tokens.token(account, Source()) == "token-1"


def test_the_token_is_encrypted_where_it_is_stored(account):
    tokens.token(account, Source())
    assert b"token-1" not in bytes(HeldToken.objects.get().token)


def test_new_credentials_drop_the_token(account):
    source = Source()
    tokens.token(account, source)
    changing.renew_credentials(account, {"secret": "another"}, by=OPERATOR)
    assert tokens.token(account, source) == "token-2"


@pytest.mark.parametrize("change", ["the secret", "the transport", "the connection"])
def test_what_was_fetched_before_a_change_of_the_account_is_held_no_more(account, change):
    """The fetch was under way: what it brings is the old credentials'."""
    changes = {
        "the secret": lambda: changing.renew_credentials(account, {"secret": "another"}, by=OPERATOR),
        "the transport": lambda: changing.change(account, transport="manual", by=OPERATOR),
        "the connection": lambda: connecting.disconnect(account, by=OPERATOR),
    }

    def fetch():
        changes[change]()
        assert not tokens.HeldToken.objects.filter(lease_until__isnull=False), "nobody waits for this fetch"
        return "an-old-token", 7200

    tokens.token(account, fetch)
    assert not bytes(HeldToken.objects.get().token)
    assert tokens.token(account, Source()) == "token-1"
