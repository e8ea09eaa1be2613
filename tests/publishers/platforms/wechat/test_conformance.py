"""WeChat keeps what every publisher promises."""

import pytest

from publishers.interface import CapabilityMissing, CredentialsInvalid, Incoming, QuotaExceeded, Rejected
from publishers.platforms.wechat.plugin import WeChat
from publishers.testing import Conformance
from sandbox.wechat.events import sealed

DRAFT, SUBMIT = "/cgi-bin/draft/add", "/cgi-bin/freepublish/submit"
SPEED = "/cgi-bin/message/mass/speed/get"
AES_KEY = "q7wErTyUiOpAsDfGhJkLzXcVbNm1234567890ABCDEF"


class TestWeChat(Conformance):
    plugin = pytest.fixture(lambda self: WeChat())
    server = pytest.fixture(lambda self, make_server: make_server("wechat", "errcode"))
    changing = pytest.fixture(lambda self: [DRAFT, SUBMIT])
    optional = pytest.fixture(lambda self: [SPEED])
    undocumented = pytest.fixture(lambda self: (SUBMIT, 99999))
    refusals = pytest.fixture(
        lambda self: [
            (Rejected, DRAFT, 45166),
            (CredentialsInvalid, DRAFT, 40164),
            (QuotaExceeded, SUBMIT, 45009),
            (CapabilityMissing, SUBMIT, 48001),
        ]
    )

    @pytest.fixture
    def account(self, server):
        made = server.account("appid", "secret", {"draft", "publish", "mass"})
        made.credentials |= {"callback_token": "榕溪县的令牌", "aes_key": AES_KEY}
        return made

    @pytest.fixture
    def tell(self):
        """Write the end of a publish job as WeChat does, encrypted: section 5.3."""

        def write(account, about, *, at):
            given = account.credentials
            where = {"token": given["callback_token"], "aes_key": given["aes_key"]}
            where |= {"account": given["appid"], "mode": "safe", "format": "json"}
            told = {"publish_id": about["publish_id"], "publish_status": 0, "article_id": about["article_id"]}
            message = {"ToUserName": "gh_1", "MsgType": "event", "Event": "PUBLISHJOBFINISH"}
            message["PublishEventInfo"] = told
            query, body = sealed(where, message, int(at.timestamp()))
            headers = {"Content-Type": "application/json"}
            return Incoming("POST", query, headers, body if isinstance(body, bytes) else body.encode())

        return write
