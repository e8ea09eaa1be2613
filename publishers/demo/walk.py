"""One document's whole way, each step by another person: from a file to its readers, and back from them."""

import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import requests
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from django.urls import reverse

from cms.articles import PolicyInterpretation
from cms.models import Office, Release, SectionPage
from publishers import callbacks, feeds, registry
from publishers.demo import network, writing
from publishers.demo.console import Operator
from publishers.demo.desk import Person
from publishers.demo.logins import Logins
from publishers.models import Account, Delivery, Phase, Transport

# Patience with a slow machine; on a quiet one it takes ten.
SETTLE_S = 120
EDIT_PAGE = re.compile(r"/pages/(\d+)/edit/")


class Failed(Exception):
    """A step did not end as it should; the sentence says what was seen."""


@dataclass
class Walk:
    """The walk so far: what each step took, and where the article can be read."""

    file: Path
    say: Callable[[str], None]
    logins: Logins
    steps: list[dict] = field(default_factory=list)
    addresses: dict[str, str] = field(default_factory=dict)
    published: dict[str, str] = field(default_factory=dict)
    withdrawn: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    def run(self) -> None:
        """Go all the way. Raises Failed, or what the desk or an address raised."""
        page = self._import()
        self._write(page)
        stages = Office.of_page(page).stages
        for username, stage in zip(writing.REVIEWERS, stages, strict=True):
            self._approve(page, username, stage, last=stage == stages[-1])
        release = Release.objects.get(page_id=page.pk)
        with self.step(f"签发：{release.title}（第 {release.number} 号，{release.sha256[:12]}）"):
            self._see_the_key(release)
        self._follow_feeds()
        self._distribute(release)
        self._settle(release)
        self._read(release)

    def withdraw(self) -> None:
        """Take the article from its readers everywhere. Raises as ``run``."""
        release = Release.objects.latest("signed_at")
        with self.step("全网撤稿（duty）"):
            self._person("duty").post(
                reverse("hub_page_distribution", args=[release.page_id]),
                {"action": "withdraw", "reason": "演示：撤下全部渠道", "notice": "本文已由主办单位撤下。"},
            )
        deliveries = _of(release)
        self._wait(deliveries.filter(phase__in=Delivery.OPEN))
        self._read_feeds()
        # Whoever reads the feed tells that the article is down, and nobody has to look.
        self._wait(deliveries.filter(transport=Transport.FEED).exclude(phase=Phase.SETTLED))
        for delivery in deliveries.filter(phase=Phase.ATTENTION, next_at=None):
            with self.step(f"人工下线：{_name(delivery)}（duty）"):
                self._operator().take_down(delivery)
        self._wait(deliveries.exclude(phase=Phase.SETTLED))
        self._see_nothing()

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        begun = time.monotonic()
        yield
        seconds = round(time.monotonic() - begun, 2)
        self.steps.append({"step": title, "seconds": seconds})
        self.say(f"{seconds:6.2f} 秒  {title}")

    def _person(self, username: str) -> Person:
        return Person(settings.PUBLIC_URL, username, self.logins.password(username))

    def _import(self) -> PolicyInterpretation:
        section = SectionPage.objects.get(slug="policies")
        with self.step(f"导入（editor）：{self.file.name}"), self.file.open("rb") as content:
            answer = self._person("editor").post(
                reverse("hub_import"),
                {"kind": "policy", "section": section.pk},
                files={"file": (self.file.name, content)},
            )
        made = EDIT_PAGE.search(answer.url)
        if made is None:
            raise Failed(f"导入以后没有打开文稿：{answer.url}")
        return PolicyInterpretation.objects.get(pk=made[1])

    def _write(self, page: PolicyInterpretation) -> None:
        editor = get_user_model().objects.get(username="editor")
        with self.step("补写解读、配图说明与渠道稿（editor）"):
            draft = page.get_latest_revision_as_object()
            writing.finish(draft, editor, writing.EXPLANATION)
        with self.step("送审（editor）"):
            page.refresh_from_db()
            writing.submit(page, editor)

    def _approve(self, page: PolicyInterpretation, username: str, stage, *, last: bool) -> None:
        with self.step(f"{stage.label}通过（{username}）{'，随即签发' if last else ''}"):
            state = page.current_workflow_task_state
            address = reverse("wagtailadmin_pages:workflow_action", args=[page.pk, "approve", state.pk])
            self._person(username).decide(address, {"comment": "同意。"})
            page.refresh_from_db()

    def _see_the_key(self, release: Release) -> None:
        keys = requests.get(f"{settings.PUBLIC_URL}/.well-known/nusheng-hub-keys.json", timeout=10).json()
        if release.key_id not in json.dumps(keys):
            raise Failed("公钥页上没有这份签发稿所用的公钥。")

    def _distribute(self, release: Release) -> None:
        chosen = list(Account.objects.order_by("pk"))
        with self.step(f"投放到 {len(chosen)} 个账号（duty）"):
            self._person("duty").post(
                f"{reverse('hub_send')}?release={release.pk}",
                {"accounts": [account.pk for account in chosen], "when": "now"},
            )

    def _settle(self, release: Release) -> None:
        """Wait for the worker and the partners; do by hand what waits for a person."""
        deliveries = _of(release)
        with self.step("投放（worker）"):
            under_way = deliveries.filter(phase__in=Delivery.OPEN)
            self._wait(under_way.exclude(transport=Transport.FEED, phase=Phase.CONFIRMING))
        self._read_feeds()
        for delivery in deliveries.filter(phase=Phase.ATTENTION, transport=Transport.MANUAL):
            with self.step(f"下载稿件包并人工发布：{_name(delivery)}（duty）"):
                self._operator().publish(delivery)
        with self.step("各平台确认（worker）"):
            self._wait(under_way)
        for delivery in deliveries:
            if delivery.phase == Phase.SETTLED:
                self.addresses[_name(delivery)] = delivery.items.get().url
            else:
                self.failed.append(f"{_name(delivery)}：{delivery.get_phase_display()} {delivery.reason}")

    def _read(self, release: Release) -> None:
        self.addresses["微网站"] = f"{settings.PUBLIC_URL}/a/{release.page_id}/"
        self.addresses["内容接口"] = f"{settings.PUBLIC_URL}/api/v1/articles/{release.page_id}/"
        for name, address in self.addresses.items():
            with self.step(f"读者可读：{name}  {address}"):
                answer = requests.get(address, timeout=20)
            if answer.ok and release.title in answer.text:
                self.published[name] = address
            else:
                self.failed.append(f"{name}：HTTP {answer.status_code}")

    def _see_nothing(self) -> None:
        """Open every address again: whoever follows an old link is told that the article is gone."""
        for name, address in self.published.items():
            with self.step(f"读者不再可读：{name}"):
                answer = requests.get(address, timeout=20)
            if answer.status_code in (404, 410):
                self.withdrawn.append(name)
            else:
                self.failed.append(f"撤稿后仍可读：{name}：HTTP {answer.status_code}")

    def _operator(self) -> Operator:
        return Operator(self._person("duty"), settings.SANDBOX_URL, network.sandbox_ids())

    def _follow_feeds(self) -> None:
        """Tell the partners that read a feed where theirs is, as an administrator does by letter."""
        for account in Account.objects.filter(transport=Transport.FEED):
            with self.step(f"告知供稿地址：{registry.get(account.platform).platform.name}（admin）"):
                self._control(
                    "feeds",
                    {
                        "platform": account.platform,
                        "account": network.sandbox_ids()[account.pk],
                        "url": feeds.address_of(account),
                        "callback_url": callbacks.address_of(account),
                    },
                )

    def _read_feeds(self) -> None:
        with self.step("对方读取供稿（合作平台）"):
            self._control("feeds/read", {})

    def _control(self, path: str, told: dict) -> None:
        requests.post(f"{settings.SANDBOX_URL}/_control/{path}", json=told, timeout=60).raise_for_status()

    def _wait(self, deliveries: QuerySet[Delivery]) -> None:
        """Wait until there are none of these any more, or patience ends."""
        end = time.monotonic() + SETTLE_S
        while deliveries.exists() and time.monotonic() < end:
            time.sleep(0.2)


def _of(release: Release) -> QuerySet[Delivery]:
    return Delivery.objects.filter(items__release=release).select_related("account").order_by("account")


def _name(delivery: Delivery) -> str:
    return f"{registry.get(delivery.account.platform).platform.name}·{delivery.account.name}"
