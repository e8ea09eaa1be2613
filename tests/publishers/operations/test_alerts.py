"""Every alert of deploy/alerts.yml is silent in a healthy hub, and fires when what it is about happens."""

import datetime as dt
import operator
import re
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import yaml
from django.db import connection
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from publishers import registry
from publishers.accounts import quotas
from publishers.engine import switching
from publishers.models import Account, Callback, Cause, Delivery, Heartbeat, Phase, QuotaUse
from publishers.operations import heartbeat
from publishers.people.permissions import OPERATOR
from publishers.tasks import look_around, sweep, sweep_urgent
from tests.publishers.engine.cast import send
from tests.publishers.engine.clock import in_an_hour
from tests.publishers.engine.conftest import account, ground, office, release, server

__all__ = ["account", "ground", "office", "release", "server"]
pytestmark = pytest.mark.django_db(transaction=True)
DEPLOY = Path(__file__).resolve().parents[3] / "deploy"
[GROUP] = yaml.safe_load((DEPLOY / "alerts.yml").read_text())["groups"]
RULES: Mapping[str, str] = {rule["alert"]: rule["expr"] for rule in GROUP["rules"]}
FIGURE = r"\w+(?:\{[^}]*\})?"
RULE = re.compile(
    rf"(?:(?P<one>{FIGURE})|sum\((?P<sum>{FIGURE})\)(?: / sum\((?P<of>{FIGURE})\))?)"
    r" (?P<how>==|>|<=) (?P<limit>[\d.]+)"
)
COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    "==": operator.eq,
    ">": operator.gt,
    "<=": operator.le,
}


def fires(expression: str, scrape: str) -> bool:
    """Return whether Prometheus would find the expression true of any series of the scrape."""
    found = RULE.fullmatch(expression)
    assert found, f"This test cannot read {expression}"
    compare, limit = COMPARE[found["how"]], float(found["limit"])
    if found["one"]:
        return any(compare(value, limit) for value in series(found["one"], scrape))
    total = sum(series(found["sum"], scrape))
    if found["of"]:
        whole = sum(series(found["of"], scrape))
        return bool(whole) and compare(total / whole, limit)
    return compare(total, limit)


def series(figure: str, scrape: str) -> list[float]:
    name, _brace, selector = figure.partition("{")
    wanted = re.findall(r'(\w+)=(~?)"([^"]*)"', selector)
    return [
        sample.value
        for family in text_string_to_metric_families(scrape)
        for sample in family.samples
        if sample.name == name
        and all(
            re.fullmatch(value if is_pattern else re.escape(value), sample.labels.get(label, ""))
            for label, is_pattern, value in wanted
        )
    ]


def prometheus_agrees(alert: str, told: str, folder: Path) -> None:
    """Let Prometheus itself read the scrape for a day and two hours; does nothing where it is missing."""
    if not shutil.which("promtool"):
        return
    lasting = [
        {"series": said, "values": f"{float(value):f}+0x156"}
        for said, value in (line.rsplit(" ", 1) for line in told.splitlines() if not line.startswith("#"))
    ]
    firing = f'count(ALERTS{{alertname="{alert}",alertstate="firing"}})'
    asked = {"expr": f"{firing} > bool 0", "eval_time": "26h", "exp_samples": [{"labels": "{}", "value": 1}]}
    tests = [{"interval": "10m", "input_series": lasting, "promql_expr_test": [asked]}]
    unit = folder / "alerts.test.yml"
    rules = {"rule_files": [str(DEPLOY / "alerts.yml")], "evaluation_interval": "10m"}
    unit.write_text(yaml.safe_dump(rules | {"tests": tests}))
    for arguments in (["check", "rules", DEPLOY / "alerts.yml"], ["test", "rules", unit]):
        ran = subprocess.run(["promtool", *arguments], capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.fixture
def scene(account, release):
    """A healthy hub: workers at work, an account, a delivery for later."""
    sweep()
    sweep_urgent()
    look_around()
    return send(release, account=account, at=in_an_hour())


def scrape(client) -> str:
    answer = client.get("/metrics")
    assert answer.status_code == 200
    return answer.content.decode()


def change(**values):
    return lambda delivery: Delivery.objects.filter(pk=delivery.pk).update(**values)


def ago(**span) -> dt.datetime:
    return timezone.now() - dt.timedelta(**span)


def use(calls: Callable[[int], int]):
    """Let so many calls of each daily quota of WeChat's be used as ``calls`` says of its limit."""

    def used(delivery) -> None:
        Account.objects.update(platform="wechat")
        since = quotas.window("day")[0]
        for quota in registry.get("wechat").platform.quotas:
            if quota.per_day:
                of_path = {"account": delivery.account, "path": quota.path, "span": "day"}
                QuotaUse.objects.create(**of_path, since=since, count=calls(quota.per_day))

    return used


def lose_an_answer(delivery) -> None:
    delivery.attempts.create(name="submit", generation=1, outcome="unknown", tries=1, begun_at=timezone.now())


def receive(delivery) -> None:
    Callback.objects.create(account=delivery.account, key="k", event={}, received_at=timezone.now())


def die(line: str):
    return lambda _delivery: Heartbeat.objects.filter(pk=line).update(at=ago(hours=1))


UNITS = {"m": "minute", "h": "hour", "d": "day"}
HAPPENS: Mapping[str, Callable[[Delivery], object]] = {
    "HubHasNoWorker": die(heartbeat.WORKER),
    "HubKeepsNobodyForWhatIsUrgent": die(heartbeat.URGENT),
    "HubLooksAfterNothing": die(heartbeat.ASIDE),
    "HubFallsBehind": change(next_at=ago(hours=1)),
    "HubIsLate": change(next_at=ago(minutes=1), due_at=ago(hours=1)),
    "HubNeedsAnAdministrator": change(phase=Phase.PAUSED, cause=Cause.CREDENTIALS, next_at=None),
    "HubWaitsForAPerson": change(phase=Phase.ATTENTION, cause=Cause.REJECTED, next_at=None),
    "HubAccountRests": lambda _delivery: Account.objects.update(failures=6, resting_until=in_an_hour()),
    "HubAccountIsPaused": lambda _delivery: Account.objects.update(
        paused_at=timezone.now(), paused_by="值班"
    ),
    "HubQuotaEnds": use(lambda limit: limit - 1),
    "HubLosesAnswers": lose_an_answer,
    "HubIsPaused": lambda _delivery: switching.pause_all("演练", by=OPERATOR),
    "HubLeavesCallbacks": receive,
}


def test_every_rule_is_fired_here():
    assert {*HAPPENS, "HubHasNoDatabase", "HubTellsNothing"} == set(RULES)


def test_a_healthy_hub_alarms_nobody(client, scene):
    told = 'up{job="hub"} 1\n' + scrape(client)
    assert [name for name, expression in RULES.items() if fires(expression, told)] == []


@pytest.mark.parametrize("alert", HAPPENS)
def test_each_alert_fires_when_it_happens(client, scene, alert, tmp_path):
    HAPPENS[alert](scene)
    told = scrape(client)
    assert fires(RULES[alert], told)
    prometheus_agrees(alert, told, tmp_path)


def test_the_alert_for_a_database_that_is_away_fires(client, scene, monkeypatch, tmp_path):
    connection.close()
    with monkeypatch.context() as away:
        away.setitem(connection.settings_dict, "NAME", "none/hub")
        told = scrape(client)
        connection.close()
    assert fires(RULES["HubHasNoDatabase"], told)
    prometheus_agrees("HubHasNoDatabase", told, tmp_path)


def test_the_alert_for_a_scrape_that_fails_fires(client, scene, tmp_path):
    told = 'up{job="hub"} 0\n'
    assert fires(RULES["HubTellsNothing"], told)
    prometheus_agrees("HubTellsNothing", told, tmp_path)


def test_what_is_used_as_on_any_day_alarms_nobody(client, scene):
    """WeChat lets an account take down ten articles a day: a few withdrawals are no end of a quota."""
    use(lambda limit: min(limit // 2, 20))(scene)
    told = scrape(client)
    assert series('hub_quota_left{path="/cgi-bin/freepublish/delete"}', told) == [5.0]
    assert not fires(RULES["HubQuotaEnds"], told)


def test_the_page_has_an_alert_for_each_rule_and_a_rule_for_each_alert():
    told = (DEPLOY.parent / "docs" / "operations.md").read_text()
    table = told.partition("| figure | meaning | alert when |")[2].partition("\n\n")[0]
    rows = [row.strip("| ").split(" | ") for row in table.strip().splitlines()[1:]]
    ruled = set()
    for rule in GROUP["rules"]:
        figure = re.search(r"\b(?:hub_\w+|up)\b", rule["expr"])[0]
        [alert] = [alert for figures, _meaning, alert in rows if re.search(rf"`{figure}\b", figures)]
        assert [said for said in said_of(rule) if said not in alert] == [], rule["alert"]
        ruled.add(alert)
    assert {alert for *_figure, alert in rows} - {"–"} == ruled


def said_of(rule) -> list[str]:
    """Return what the page's cell must hold of a rule: bound and duration, and each value it selects."""
    bound = RULE.fullmatch(rule["expr"])
    assert bound, rule
    lasting = re.sub(r"^(\d+)(\w)$", lambda each: f" for {each[1]} {UNITS[each[2]]}", rule.get("for", ""))
    chosen = [value for values in re.findall(r'"([^"]*)"', rule["expr"]) for value in values.split("|")]
    return [f"{bound['how']} {bound['limit']}{lasting}", *chosen]
