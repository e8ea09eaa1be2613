"""The small platform with calls that change an article at its address and take one down."""

import dataclasses

import pytest

from publishers.interface import Absent, Found, Live
from tests.publishers.engine.tiny import Tiny, TinyClient, TinyServer


class ChangingServer(TinyServer):
    """A place is an article's id and its position; ``changes`` and ``removals`` tell what was applied."""

    def __init__(self):
        self.removals: list[tuple[str, int]] = []
        self.changes: list[str] = []  # the marks of the texts, as often as they were applied
        super().__init__()

    def correct(self, body):
        self.articles[body["id"]]["articles"][body["position"]] = body["article"]
        self.changes.append(body["mark"])
        return {}

    def corrected(self, body):
        return {"done": body["mark"] in self.changes}

    def remove(self, body):
        self.removals.append((body["id"], body["position"]))
        return {}

    def removed(self, body):
        return {"done": (body["id"], body["position"]) in self.removals}

    def live(self) -> list[str]:
        """Return the titles that readers see, one for each article."""
        return [
            article["title"]
            for key, stored in self.articles.items()
            for position, article in enumerate(stored["articles"])
            if (key, position) not in self.removals
        ]


@pytest.fixture
def server():
    served = ChangingServer()
    yield served
    served.stop()


class Removing(Tiny):
    """It takes one article of an edition down."""

    platform = dataclasses.replace(Tiny.platform, can_withdraw=True)

    def withdraw(self, job):
        client = TinyClient(job.account)
        for item in job.items:
            place = {"id": item.observed["id"], "position": item.observed["position"]}
            _step(job, client, item, "withdraw", ("/remove", place), ("/removed", place))

    def publish(self, job):
        lives = super().publish(job)
        return [
            Live(live.url, {**live.remote, "position": item.position})
            for item, live in zip(job.items, lives, strict=True)
        ]


class Changing(Removing):
    """It changes one article of an edition at its address, too."""

    platform = dataclasses.replace(
        Removing.platform, can_correct=True, steps={"correct": "Change", "withdraw": "Remove"}
    )

    def correct(self, job):
        client = TinyClient(job.account)
        for item in job.items:
            place = {"id": item.observed["id"], "position": item.observed["position"]}
            article = job.store_payload(item, self._payload(job, client, item))
            body = {**place, "mark": item.token, "article": article}
            _step(job, client, item, "correct", ("/correct", body), ("/corrected", {"mark": item.token}))
        return [
            Live(f"{job.account.base_url}/{item.observed['id']}/{item.position}", item.observed)
            for item in job.items
        ]


def _step(job, client, item, name, call, look) -> None:
    def find():
        return Found({}) if client.call(*look)["done"] else Absent()

    job.step(name, lambda: client.call(*call), item=item, given=call[1], find=find)
