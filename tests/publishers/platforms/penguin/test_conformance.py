"""Penguin keeps what every publisher promises, as both types of application."""

import dataclasses

import pytest

from publishers.interface import ConsentInvalid, CredentialsInvalid, Rejected
from publishers.platforms.penguin.plugin import Penguin
from publishers.testing import Conformance
from tests.publishers.platforms.penguin.consent import connected

SUBMIT, SUBMIT_FOR = "/article/clientpubpic", "/article/authpubpic"
GONE = {
    "9.2": "penguin.md, section 4: that the list drops what is taken down is not documented; the page tells"
}


class TestPenguin(Conformance):
    opt_outs = GONE
    plugin = pytest.fixture(lambda self: Penguin())
    server = pytest.fixture(lambda self, make_server: make_server("penguin", "code"))
    account = pytest.fixture(lambda self, server: server.account("client_id", "client_secret", {"publish"}))
    changing = pytest.fixture(lambda self: [SUBMIT])
    undocumented = pytest.fixture(lambda self: (SUBMIT, 77777))
    refusals = pytest.fixture(
        lambda self: [(Rejected, SUBMIT, 10005), (CredentialsInvalid, "/omoauth2/accesstoken", 10002)]
    )


class TestThirdParty(Conformance):
    opt_outs = GONE
    plugin = pytest.fixture(lambda self: Penguin())
    server = pytest.fixture(lambda self, make_server: make_server("penguin", "code"))
    account = pytest.fixture(lambda self, server: connected(server))
    changing = pytest.fixture(lambda self: [SUBMIT_FOR])
    undocumented = pytest.fixture(lambda self: (SUBMIT_FOR, 77777))
    refusals = pytest.fixture(
        lambda self: [(Rejected, SUBMIT_FOR, 10005), (ConsentInvalid, "/omoauth2/refreshtoken", 10003)]
    )

    def test_each_refresh_is_made_with_the_token_that_the_one_before_gave(self, plugin, account, server):
        given = [account.grant.refresh_token]
        for _refresh in range(3):
            account.forget_token()
            plugin.check(account)
            given.append(account.grant.refresh_token)
        assert len(set(given)) == 4

    def test_a_used_refresh_token_asks_for_a_new_consent(self, plugin, account):
        used = account.grant
        plugin.check(account)
        account.forget_token()
        account.grant = dataclasses.replace(used)
        with pytest.raises(ConsentInvalid):
            plugin.check(account)

    def test_who_never_consented_is_asked_to(self, plugin, account):
        account.grant = None
        with pytest.raises(ConsentInvalid):
            plugin.check(account)
