"""Penguin keeps what every publisher promises."""

import pytest

from publishers.interface import CredentialsInvalid, Rejected
from publishers.penguin.plugin import Penguin
from publishers.testing import Conformance

SUBMIT = "/article/clientpubpic"


class TestPenguin(Conformance):
    plugin = pytest.fixture(lambda self: Penguin())
    server = pytest.fixture(lambda self, make_server: make_server("penguin", "code"))
    account = pytest.fixture(lambda self, server: server.account("client_id", "client_secret", {"publish"}))
    changing = pytest.fixture(lambda self: [SUBMIT])
    refusals = pytest.fixture(
        lambda self: [(Rejected, SUBMIT, 10005), (CredentialsInvalid, "/omoauth2/accesstoken", 10002)]
    )
