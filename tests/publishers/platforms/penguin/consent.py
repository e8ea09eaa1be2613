"""An account of the sandbox that agreed to be spoken for by the application of another one."""

import secrets
from urllib.parse import parse_qsl, urlsplit

import requests

from publishers.platforms.penguin.plugin import Penguin
from publishers.testing.job import MemoryAccount

BACK = "https://hub.example/admin/accounts/connected/"


def agreed(address: str, holder: str) -> dict[str, str]:
    """Consent at ``address`` as the account ``holder``; return what the platform tells the hub."""
    answer = requests.post(address, data={"account": holder}, allow_redirects=False, timeout=10)
    assert answer.headers["Location"].startswith(urlsplit(address).scheme)
    return dict(parse_qsl(urlsplit(answer.headers["Location"]).query))


def connected(server) -> MemoryAccount:
    """Return ``server``'s account, connected through an application of its own."""
    application = f"app-{secrets.token_hex(6)}"
    server.sandbox.add_account("penguin", application, "app-s3cret", "女声中枢")
    account = MemoryAccount(
        "榕溪县女声",
        server.sandbox.base_url("penguin"),
        {"application": "third_party", "client_id": application, "client_secret": "app-s3cret"},
        frozenset({"publish"}),
    )
    plugin = Penguin()
    told = agreed(plugin.authorize_url(account, BACK, "the-state", "challenge"), server.account_id)
    assert told["state"] == "the-state"
    account.grant = plugin.connected(account, told["code"], BACK, "verifier")
    return account
