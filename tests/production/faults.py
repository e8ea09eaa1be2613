"""What a monitor and ``doctor`` tell of faults, each made in a hub that runs: so the page has it."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import psycopg

from sandbox.testing import Sandbox
from tests.production.page import PAGE
from tests.production.walk import ACCOUNTS, SECRET, Hub
from tests.services.wire import Wire

HEADING = "### What monitor and doctor tell of eight of them"
INTRODUCTION = (
    "Written by `python -m tests.production --faults --write`, from a hub that runs; "
    "the tests compare it with what is told today."
)


NO_FIGURE = "no figure tells it"


@dataclass(frozen=True)
class Scene:
    """A hub, and what it stands on; its processes reach database and broker over wires that can be cut."""

    hub: Hub
    sandbox: Sandbox
    database: str
    wires: dict[str, Wire]

    def sql(self, statement: str) -> None:
        with psycopg.connect(self.database, autocommit=True) as connection:
            connection.execute(statement)


@dataclass(frozen=True)
class Fault:
    """``shows`` holds as soon as the fault is told; ``figures`` are the series that tell it; empty: none."""

    name: str
    happen: Callable[[Scene], object]
    undo: Callable[[Scene], object]
    figures: str
    shows: Callable[[Hub], bool]


def not_ready(name: str) -> Callable[[Hub], bool]:
    return lambda hub: f'"{name}"' in hub.ready()[1]


def told(figure: str) -> Callable[[Hub], bool]:
    return lambda hub: hub.tells(figure)


def refuse_secret(scene: Scene) -> None:
    scene.sandbox.add_account(
        "wechat", ACCOUNTS[0], "another", ACCOUNTS[0], capabilities=["draft", "publish"]
    )
    scene.sandbox.expire_tokens(ACCOUNTS[0])
    scene.hub.send(ACCOUNTS[0])


def take_secret_again(scene: Scene) -> None:
    scene.sandbox.add_account("wechat", ACCOUNTS[0], SECRET, ACCOUNTS[0], capabilities=["draft", "publish"])
    scene.hub.first.follow(f".venv/bin/python manage.py account resume {ACCOUNTS[0]}")


def use_up_quota(scene: Scene) -> None:
    scene.sandbox.fault("quota_used_up", platform="wechat", account=ACCOUNTS[1], path="/cgi-bin/draft/add")
    scene.hub.send(ACCOUNTS[1])


KEY = ".data/keys/signing.pem"
DROP = "DROP TRIGGER cms_release_refuse_update ON cms_release"
FAULTS = (
    Fault(
        "The workers die",
        lambda scene: scene.hub.first.kill("hub-worker"),
        lambda scene: scene.hub.first.start("hub-worker"),
        "hub_worker_heartbeat_age_seconds",
        not_ready("worker"),
    ),
    Fault(
        "Beat dies",
        lambda scene: scene.hub.first.kill("hub-beat"),
        lambda scene: scene.hub.first.start("hub-beat"),
        "hub_worker_heartbeat_age_seconds",
        lambda hub: "✗  worker urgent" in hub.doctor(),
    ),
    Fault(
        "The broker is away",
        lambda scene: scene.wires["broker"].down(),
        lambda scene: scene.wires["broker"].up(),
        "hub_worker_heartbeat_age_seconds",
        not_ready("broker"),
    ),
    Fault(
        "The database is away",
        lambda scene: scene.wires["database"].down(),
        lambda scene: scene.wires["database"].up(),
        "hub_database_up",
        not_ready("database"),
    ),
    Fault(
        "A trigger is gone",
        lambda scene: scene.sql(DROP),
        lambda scene: scene.hub.first.follow(".venv/bin/python manage.py migrate"),
        "",
        not_ready("triggers"),
    ),
    Fault(
        "The signing key is gone",
        lambda scene: scene.hub.first.follow(f"mv {KEY} {KEY}.away"),
        lambda scene: scene.hub.first.follow(f"mv {KEY}.away {KEY}"),
        "",
        lambda hub: "✗  signing key" in hub.doctor(),
    ),
    Fault(
        "Credentials are refused",
        refuse_secret,
        take_secret_again,
        'hub_account_paused|hub_attention{cause="credentials"}',
        told("hub_account_paused{.*} 1"),
    ),
    Fault(
        "A quota is used up",
        use_up_quota,
        lambda scene: None,
        'hub_quota_left{.*path="/cgi-bin/draft/add".*} 0|hub_deliveries{phase="sending"}',
        told('hub_quota_left{.*path="/cgi-bin/draft/add".*} 0'),
    ),
)


def section(scene: Scene) -> str:
    """Make one fault after the other, and return what the page has to say of them."""
    parts = [HEADING, INTRODUCTION]
    for fault in FAULTS:
        print(f"production: {fault.name}", flush=True)
        fault.happen(scene)
        scene.hub.wait_until(fault.name, lambda fault=fault: fault.shows(scene.hub))
        parts.append(f"```text\n# {fault.name}\n{_told(scene.hub, fault)}\n```")
        fault.undo(scene)
        scene.hub.wait_until(f"well after: {fault.name}", scene.hub.is_ready)
    return "\n\n".join(parts) + "\n"


def _told(hub: Hub, fault: Fault) -> str:
    """Return the answers to a monitor, and what doctor finds wrong: the public half of each line."""
    status, body = hub.ready()
    figures = [line for line in sorted(hub.scrape().splitlines()) if re.match(fault.figures, line)]
    wrong = [line for line in hub.doctor().splitlines() if line.startswith("✗")]
    lines = [
        f"/readyz  {status} {body}",
        *(f"/metrics {line}" for line in (figures if fault.figures else [NO_FIGURE])),
        *(f"doctor   {line}" for line in wrong),
    ]
    return "\n".join(lines).replace(str(hub.first.folder), "")


def of_the_page() -> str:
    """Return the section as the page has it; empty when it has none."""
    found = re.search(rf"^{re.escape(HEADING)}$.*?(?=^##)", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    return found.group().rstrip() + "\n" if found else ""


def without_figures(text: str) -> str:
    """Return the text without what differs from run to run, and from broker to broker."""
    return re.sub(r"\d+(\.\d+)?(e-\d+)?", "0", re.sub(r"(OperationalError): .*", r"\1", text))
