"""榕溪日报 keeps what every publisher promises."""

import json

import pytest
from publishers.interface import (
    CapabilityMissing,
    CredentialsInvalid,
    Incoming,
    PermanentError,
    QuotaExceeded,
    Rejected,
)
from publishers.testing import ByHandConformance, Conformance, MemoryAccount, over

from rongxi_daily.callbacks import signature_of
from rongxi_daily.client import ARTICLES
from rongxi_daily.plugin import RongxiDaily
from stand_in import KEY


class TestRongxiDaily(Conformance):
    plugin = pytest.fixture(lambda self: RongxiDaily())
    server = pytest.fixture(lambda self, stand_in: stand_in)
    changing = pytest.fixture(lambda self: [ARTICLES])
    refusals = pytest.fixture(
        lambda self: [
            (Rejected, ARTICLES, 4001),
            (CredentialsInvalid, ARTICLES, 4010),
            (CapabilityMissing, ARTICLES, 4030),
            (PermanentError, ARTICLES, 4040),
            (QuotaExceeded, ARTICLES, 4290),
        ]
    )

    @pytest.fixture
    def account(self, stand_in):
        credentials = {"key": KEY, "callback_secret": "回调密钥"}
        return MemoryAccount("榕溪县女声", stand_in.url, credentials, frozenset({"publish"}))

    @pytest.fixture
    def tell(self):
        """Write what the newspaper POSTs when an article is published: CONTRACT.md, section 6."""

        def write(account, about, *, at):
            body = json.dumps({"id": about["id"], "state": "published", "url": "https://…"}).encode()
            time = str(int(at.timestamp()))
            proof = signature_of(account.credentials["callback_secret"], time, body)
            return Incoming("POST", {}, {"X-Rongxi-Time": time, "X-Rongxi-Signature": proof}, body)

        return write


class TestByHand(ByHandConformance):
    plugin = pytest.fixture(lambda self: over(RongxiDaily(), "manual"))
