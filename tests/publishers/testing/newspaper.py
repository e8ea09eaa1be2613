"""The sample plugin and its platform in this process, as the plugin that the suite finds no fault with."""

import dataclasses
import datetime as dt
import json
import sys
import warnings
from html import escape
from importlib.util import module_from_spec, spec_from_file_location

import pytest
import time_machine

from publishers.interface import (
    CapabilityMissing,
    CredentialsInvalid,
    Incoming,
    Notifying,
    PermanentError,
    PublisherError,
    QuotaExceeded,
    Rejected,
)
from publishers.testing import MemoryAccount, StandIn
from publishers.testing.server import text_of
from tests.plugins.conftest import SAMPLE

sys.path.append(str(SAMPLE))
warnings.filterwarnings("ignore", "publishers.remote is", DeprecationWarning)  # the sample is of that time
from rongxi_daily.callbacks import _event as event_of  # noqa: E402
from rongxi_daily.callbacks import receive, signature_of  # noqa: E402
from rongxi_daily.client import ARTICLES, Client  # noqa: E402
from rongxi_daily.plugin import RongxiDaily  # noqa: E402

__all__ = ["ARTICLES", "Client", "event_of", "receive"]
_spec = spec_from_file_location("rongxi_stand_in", SAMPLE / "tests" / "stand_in.py")
rongxi = module_from_spec(_spec)
_spec.loader.exec_module(rongxi)
UNDOCUMENTED = 4999
REFUSALS = {
    4001: Rejected,
    4010: CredentialsInvalid,
    4030: CapabilityMissing,
    4040: PermanentError,
    4290: QuotaExceeded,
}


class Job:
    """The suite's job, of which a plugin gets something otherwise."""

    def __init__(self, job, **own):
        self.job = job
        vars(self).update(own)

    def __getattr__(self, name):
        return getattr(self.job, name)


class Faultless(RongxiDaily):
    """The sample plugin; beside what it does, it takes editions and tells followers."""

    platform = dataclasses.replace(
        RongxiDaily.platform,
        edition_size=2,
        limits=dataclasses.replace(RongxiDaily.platform.limits, title_chars_min=3, body_chars=2000),
        notifying=Notifying("publish", "announce", "submit", "关注者会收到提醒。"),
        steps={**RongxiDaily.platform.steps, "announce": "提交并提醒"},
        themes={"plain": "素", "festive": "节日"},
    )

    def render(self, document, variant, theme=""):
        made = super().render(document, variant)
        limits = self.platform.limits
        if len(made.title) < limits.title_chars_min:
            raise Rejected(f"标题至少{limits.title_chars_min}个字。")
        if len(text_of(made.html)) > limits.body_chars:
            raise Rejected(f"正文最多{limits.body_chars}个字。")
        dressed = f"<div>{made.html}</div>" if theme == "festive" else made.html
        return dataclasses.replace(made, html=dressed)

    def preview(self, rendition, account_name):
        return f"<h1>{escape(account_name)}：{escape(rendition.title)}</h1>{rendition.html}"

    def check(self, account):
        try:
            super().check(account)
        except CredentialsInvalid:
            raise
        except PublisherError:
            pass  # the look-up is for lost answers alone
        return frozenset(self.platform.capabilities)

    def publish(self, job):
        publish = super().publish
        return [live for item in job.items for live in publish(self._of_one(job, item))]

    def _of_one(self, job, item):
        def step(name, call, **options):
            return job.step("announce" if job.notifies and name == "submit" else name, call, **options)

        def poll(name, ask, **options):
            return job.poll(f"{name} {item.position}", ask, **options)

        return Job(job, items=[item], step=step, poll=poll)


class Newspaper(StandIn):
    """Its server, which can ask to wait, too."""

    def __init__(self, clock):
        rongxi.STATUS.setdefault(UNDOCUMENTED, 400)
        self.paper = rongxi.StandIn(clock)
        super().__init__()

    def __getattr__(self, name):
        return getattr(self.paper, name)

    def respond(self, call):
        return self.paper.answer(
            call.method, call.path, call.query, call.headers["Authorization"], call.json()
        )

    def stop(self):
        self.paper.stop()
        super().stop()


class AtTheNewspaper:
    """The fixtures that a plugin's tests give."""

    changing = pytest.fixture(lambda self: [ARTICLES])
    refusals = pytest.fixture(lambda self: [(error, ARTICLES, code) for code, error in REFUSALS.items()])
    optional = pytest.fixture(lambda self: ["/v1/lookup"])
    undocumented = pytest.fixture(lambda self: (ARTICLES, UNDOCUMENTED))

    @pytest.fixture
    def server(self):
        with time_machine.travel(dt.datetime.now(dt.UTC), tick=True) as clock, Newspaper(clock) as served:
            yield served

    @pytest.fixture
    def account(self, server):
        credentials = {"key": rongxi.KEY, "callback_secret": "回调密钥"}
        return MemoryAccount("榕溪县女声", server.url, credentials, frozenset({"publish"}))

    @pytest.fixture
    def tell(self):
        def write(account, about, *, at):
            body = json.dumps({"id": about["id"], "state": "published", "url": "https://…"}).encode()
            time = str(int(at.timestamp()))
            proof = signature_of(account.credentials["callback_secret"], time, body)
            return Incoming("POST", {}, {"X-Rongxi-Time": time, "X-Rongxi-Signature": proof}, body)

        return write
