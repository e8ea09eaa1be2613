"""Toutiao's old article call keeps what every publisher promises, with the person who records the address."""

import pytest

from publishers.interface import ByHand, Live, Rejected
from publishers.platforms.toutiao.legacy import POST
from publishers.platforms.toutiao.plugin import Toutiao
from publishers.testing import Conformance, MemoryAccount, settle
from publishers.testing.server import pictures_of, text_of
from tests.publishers.platforms.penguin.consent import BACK, agreed

NO_FIND = "toutiao.md, section 2: no list and no idempotency key, so a lost call goes to a person"


class WithAPerson(Toutiao):
    """Toutiao, and the person who looks up the address that it does not tell, and records it."""

    def __init__(self, server):
        self._server = server

    def publish(self, job):
        try:
            return super().publish(job)
        except ByHand:
            [item] = job.items
            self._server.pass_time(1)
            title = item.rendition.title
            return [Live(seen.url, {}) for seen in self._server.seen() if seen.title == title][-1:]


class Consenting(MemoryAccount):
    """An account whose holder consents anew as soon as its token is gone: nothing else gives another."""

    def forget_token(self):
        super().forget_token()
        holder = self.credentials["client_key"]
        told = agreed(Toutiao().authorize_url(self, BACK, "the-state", "challenge"), holder)
        grant = Toutiao().connected(self, told["code"], BACK, "verifier")
        self.token(lambda: grant.access)


class TestToutiao(Conformance):
    opt_outs = {
        "4.1": "toutiao.md, section 2: the call has no field for a cover or for the link to the original",
        "4.4": NO_FIND,
        "5.1": NO_FIND,
        "6.1": NO_FIND,
        "11.2": "toutiao.md, section 2: no refresh token, so an expired one asks for a new consent",
    }
    server = pytest.fixture(lambda self, make_server: make_server("toutiao", "code"))
    plugin = pytest.fixture(lambda self, server: WithAPerson(server))
    changing = pytest.fixture(lambda self: [POST])
    undocumented = pytest.fixture(lambda self: (POST, 77777))
    refusals = pytest.fixture(lambda self: [(Rejected, POST, 10002)])

    @pytest.fixture
    def account(self, server):
        given = server.account("client_key", "client_secret", {"publish"})
        credentials = {**given.credentials, "consent": "2017"}
        account = Consenting(given.name, given.base_url, credentials, given.capabilities)
        account.forget_token()
        return account

    def test_what_the_call_has_fields_for_arrives(self, plugin, job, server):
        [live] = plugin.publish(job)
        [seen], [item] = server.seen(), job.items
        assert (seen.url, seen.title, seen.digest) == (live.url, item.rendition.title, item.rendition.digest)
        assert text_of(item.rendition.html) in text_of(seen.html)
        shown = pictures_of(seen.html)
        assert len(shown) == len(item.rendition.assets)
        assert all("/toutiao/image/" in address for address in shown)

    def test_a_lost_answer_goes_to_a_person_and_readers_get_the_article_once(self, plugin, job, server):
        server.lose_answer(POST)
        assert settle(plugin, job, server) is None
        server.pass_time(1)
        assert server.calls().count(POST) == len(server.seen()) == 1
