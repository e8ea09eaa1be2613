"""A partner's side, written from the contract's text: accounts of the sandbox, and messages that it signs."""

import hashlib
import hmac
import json
import secrets

import pytest

from cms.models import Office, Role
from cms.releases import withdrawals
from publishers import accounts
from publishers.interface import Incoming
from publishers.people.permissions import OPERATOR
from publishers.testing.job import MemoryAccount
from publishers.testing.stand_in import StandIn
from tests.factories import make_user

KEY, SECRET = "partner-pushing", "s3cret"
PATH, PAGE = "/callbacks/1", "https://partner.example/a/1"


@pytest.fixture
def reached(settings, live_server):
    """Let partners reach this hub: for its pictures, and to call back."""
    settings.PUBLIC_URL = live_server.url


@pytest.fixture
def partner(office, sandbox, reached):
    """Return an account over push at the sandbox; reviews take no time."""
    sandbox.settings(review_s=0)
    sandbox.add_account("partner", KEY, SECRET, "榕溪县女声")
    credentials = {
        "push_url": f"{sandbox.base_url('partner')}/push",
        "push_key": KEY,
        "push_secret": SECRET,
    }
    yield accounts.add(
        office=office, platform="partner", name="榕溪县女声", credentials=credentials, by=OPERATOR
    )
    sandbox.reset(accounts=True)


@pytest.fixture
def account(partner):
    return partner


def shown(sandbox):
    """Return the articles that the partner's readers see."""
    return [each for each in sandbox.articles("partner", KEY) if each["status"] == "live"]


def withdraw(page) -> None:
    """Withdraw the article as a duty editor of its office."""
    duty = make_user("duty", Office.of_page(page), Role.DUTY_EDITOR)
    withdrawals.withdraw(page, reason="事实有误", by=duty)


def push_account(server) -> MemoryAccount:
    account = server.account("push_key", "push_secret", {"publish", "statistics"})
    account.credentials["push_url"] = f"{server.sandbox.base_url(server.platform)}/push"
    return account


def signed(key, secret, method, path, body, at, nonce=None) -> dict[str, str]:
    """Return the headers of part B."""
    timestamp, nonce = str(int(at)), nonce or secrets.token_hex(12)
    text = f"{method}\n{path}\n{timestamp}\n{nonce}\n{hashlib.sha256(body).hexdigest()}"
    mac = hmac.new(secret.encode(), text.encode(), "sha256").hexdigest()
    return {
        "X-Hub-Key": key,
        "X-Hub-Timestamp": timestamp,
        "X-Hub-Nonce": nonce,
        "X-Hub-Signature": f"v1={mac}",
    }


def message(about, *, at, **changes) -> dict:
    """Return what part C says of an article: that it is published, or as ``changes`` have it."""
    told = {name: about[name] for name in ("article_id", "version")}
    told |= {"task_id": about.get("task_id", ""), "status": "published", "remote_id": "r1", "reason": ""}
    return {**told, "url": PAGE, "occurred_at": at.isoformat(), **changes}


def tell(account, about, *, at) -> Incoming:
    """Write a callback of the account's partner: part C."""
    body = json.dumps(message(about, at=at)).encode()
    given = account.credentials
    headers = signed(given["push_key"], given["push_secret"], "POST", PATH, body, at.timestamp())
    return Incoming("POST", {}, headers, body, PATH)


class Receiver(StandIn):
    """A partner that answers what a test says: (status, body as JSON or bytes, headers), the last for ever.

    ``heard`` holds each request as (method, path with query, headers, body).
    """

    def __init__(self):
        self.answers, self.heard = [(200, {"status": "published", "remote_id": "r1", "url": PAGE}, {})], []
        super().__init__()
        self.url += "/in/push"

    def answer(self, *answers):
        self.answers = list(answers)

    def respond(self, call):
        self.heard.append((call.method, call.target, dict(call.headers), call.body))
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
