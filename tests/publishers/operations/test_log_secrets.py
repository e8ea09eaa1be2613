"""Worker and web write everything they can, at level DEBUG, and no secret is in it."""

import json
import subprocess
import sys

import pytest
import requests
from django.conf import settings
from django.db import connection

from cms import signing
from publishers.accounts import credentials
from publishers.demo.services import free_port
from publishers.models import Delivery, HeldToken, Phase
from tests.chaos.conftest import hub, office, sandbox
from tests.chaos.journeys import make_journey
from tests.chaos.processes import environment
from tests.publishers.engine.clock import an_hour_ago
from tests.services.network import Network

__all__ = ["hub", "office", "sandbox"]
pytestmark = pytest.mark.django_db(transaction=True)
METRICS_TOKEN, PASSWORD = "the-token-of-the-metrics", "the-password-of-nobody"


@pytest.fixture
def env(hub, tmp_path):
    return environment(connection.settings_dict, tmp_path) | {
        "HUB_BROKER_URL": "filesystem://",
        "HUB_QUEUE": "hub",
        "HUB_LOG_LEVEL": "DEBUG",
        "HUB_LOG_FORMAT": "json",
        "HUB_METRICS_TOKEN": METRICS_TOKEN,
    }


@pytest.fixture
def web(env, tmp_path):
    """Return address and log of a web process."""
    bind, log = f"127.0.0.1:{free_port()}", tmp_path / "web.log"
    command = [sys.executable, "-m", "gunicorn", "config.wsgi", "--bind", bind, "--no-control-socket"]
    command += ["--log-level", "debug", "--access-logfile", "-"]
    with log.open("w") as output:
        process = subprocess.Popen(command, env=env, stdout=output, stderr=output)
    yield f"http://{bind}", log
    process.terminate()
    process.wait()


def tokens_now() -> set[str]:
    return {credentials.decrypt_text(held.token) for held in HeldToken.objects.exclude(token=b"")}


def test_no_credential_token_or_key_is_in_any_log(sandbox, office, env, web, tmp_path):
    journeys = [make_journey(sandbox, office, platform) for platform in ("wechat", "penguin")]
    tokens = set()

    def is_over():
        tokens.update(tokens_now())
        for journey in journeys:
            sandbox.finish_reviews(journey.account_id)
        Delivery.objects.filter(next_at__isnull=False, lease_until=None).update(next_at=an_hour_ago())
        return not Delivery.objects.exclude(phase__in=(Phase.SETTLED, Phase.ATTENTION)).exists()

    for journey in journeys:
        sandbox.fault("token_expired", platform=journey.platform, account=journey.account_id)
        sandbox.fault("http_500", platform=journey.platform, account=journey.account_id)
    with Network(env, tmp_path) as network:
        network.worker()
        network.beat()
        address, _log = web
        network.wait(lambda: is_up(address))
        visit(address)
        network.wait(is_over)
    logs = {file.name: file.read_text() for file in tmp_path.glob("*.log")}
    assert len(logs) == 3 and len(tokens) >= 2
    secrets = {"s3cret", METRICS_TOKEN, PASSWORD, settings.SECRET_KEY, *tokens}
    secrets |= set(signing.key_file().read_text().splitlines()[1:-1])
    assert [(name, secret) for name, log in logs.items() for secret in secrets if secret in log] == []
    assert_tells_of(journeys, logs["worker0.log"])


def is_up(address) -> bool:
    try:
        return requests.get(f"{address}/healthz", timeout=5).ok
    except (requests.ConnectionError, requests.Timeout):
        return False


def visit(address):
    asked = requests.get(
        f"{address}/metrics", headers={"Authorization": f"Bearer {METRICS_TOKEN}"}, timeout=30
    )
    assert asked.ok
    form = {"username": "nobody", "password": PASSWORD}
    requests.post(f"{address}/admin/login/", data=form, timeout=30)


def assert_tells_of(journeys, log):
    """Each step that was made is one JSON line with the ids of its delivery and its attempt."""
    events = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    steps = [event for event in events if event["logger"] == "publishers.engine.attempts"]
    assert {event["delivery"] for event in steps} == {str(journey.delivery.pk) for journey in journeys}
    known = {str(pk) for journey in journeys for pk in journey.delivery.attempts.values_list("pk", flat=True)}
    assert {event["attempt"] for event in steps} <= known and steps
