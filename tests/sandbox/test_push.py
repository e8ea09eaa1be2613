"""The receiver of the signed push is as strict as the contract: docs/platforms/partner-feed-contract.md."""

import hashlib
import hmac
import json
import secrets
import time

import pytest
import requests

ACCOUNT, SECRET = "partnersandbox0001", "secret-partnersandbox0001"


class Hub:
    """A hub that signs as part B says."""

    def __init__(self, sandbox):
        self.sandbox = sandbox

    def call(self, method, path="", body=b"", *, secret=SECRET, ahead_s=0, nonce=None, query="", **headers):
        path = f"/partner/push{path}"
        at, nonce = str(int(time.time() + ahead_s)), nonce or secrets.token_hex(12)
        text = "\n".join([method, path, at, nonce, hashlib.sha256(body).hexdigest()])
        mac = hmac.new(secret.encode(), text.encode(), "sha256").hexdigest()
        signed = {"X-Hub-Key": ACCOUNT, "X-Hub-Timestamp": at, "X-Hub-Nonce": nonce}
        signed |= {"X-Hub-Signature": f"v1={mac}", **headers}
        return requests.request(
            method, self.sandbox.url + path + query, data=body, headers=signed, timeout=20
        )

    def push(self, operation="publish", key=None, changes=None, **options):
        article = dict(ARTICLE, **(changes or {}))
        if operation == "withdraw":
            article = {name: article[name] for name in ("id", "version")}
        body = {"operation": operation, "article": article, "callback_url": "http://127.0.0.1:9/callbacks/1"}
        key = key or f"1:{article['id']}:{article['version']}:{operation}"
        headers = {"Content-Type": "application/json; charset=utf-8", "Idempotency-Key": key}
        return self.call("POST", body=json.dumps(body).encode(), **{**headers, **options})

    def task(self, answer):
        return self.call("GET", f"/{answer.json()['task_id']}").json()

    def seen(self):
        articles = self.sandbox.articles("partner", ACCOUNT)
        return [each["title"] for each in articles if each["status"] == "live"]


ARTICLE = {
    "id": "7", "version": 1, "title": "山里的阅览室", "summary": "", "content_html": "<p>正文</p>",
    "cover_images": [], "images": [], "author": "林晓岚", "source": "南粤女声",
    "source_url": "https://hub.example/r/1", "category": "", "tags": [], "original": True,
    "published_at": "2026-03-01T09:00:00+08:00", "comments": False,
}  # fmt: skip


@pytest.fixture
def hub(sandbox):
    sandbox.reset(accounts=True)
    sandbox.settings(review_s=0)
    return Hub(sandbox)


def codes(*answers):
    return [answer.status_code for answer in answers]


def test_a_push_is_reviewed_and_then_before_readers(hub):
    answer = hub.push()
    assert answer.status_code == 202 and answer.json()["status"] == "accepted"
    hub.sandbox.finish_reviews()
    task = hub.task(answer)
    assert (task["status"], hub.seen()) == ("published", ["山里的阅览室"])
    assert requests.get(task["url"], timeout=20).status_code == 200


def test_the_same_key_has_one_answer_and_one_effect_whatever_comes_with_it(hub):
    first, again = hub.push(), hub.push()
    other = hub.push(changes={"title": "另一个标题"})
    assert first.json() == again.json() == other.json()
    hub.sandbox.finish_reviews()
    assert hub.seen() == ["山里的阅览室"]


def test_another_key_for_what_is_there_is_a_conflict_that_says_what_is_there(hub):
    hub.push()
    answer = hub.push(changes={"version": 2})
    assert answer.status_code == 409
    assert answer.json()["version"] == 1 and hub.task(answer)["article_id"] == "7"
    assert hub.push("update").status_code == 409
    assert hub.push("update", changes={"version": 2}).status_code == 202


def test_what_is_not_there_cannot_be_updated_or_withdrawn(hub):
    assert codes(hub.push("update"), hub.push("withdraw")) == [404, 404]
    hub.push()
    hub.sandbox.finish_reviews()
    answer = hub.push("withdraw")
    hub.sandbox.finish_reviews()
    assert hub.task(answer)["status"] == "withdrawn" and hub.seen() == []
    assert hub.push("update", changes={"version": 2}).status_code == 404


def test_an_update_stays_at_its_address(hub):
    hub.push()
    hub.sandbox.finish_reviews()
    answer = hub.push("update", changes={"version": 2, "title": "山里的阅览室（更正）"})
    hub.sandbox.finish_reviews()
    assert hub.seen() == ["山里的阅览室（更正）"]
    assert len(hub.sandbox.articles("partner", ACCOUNT)) == 1
    assert hub.task(answer)["url"] == hub.sandbox.articles("partner", ACCOUNT)[0]["url"]


UNPROVED = {
    "another secret": {"secret": "guessed"},
    "an old time": {"ahead_s": -400},
    "a time to come": {"ahead_s": 400},
    "a short nonce": {"nonce": "short"},
    "an unknown key": {"X-Hub-Key": "nobody"},
    "another nonce than was signed": {"X-Hub-Nonce": "n" * 20},
}


@pytest.mark.parametrize("wrong", UNPROVED.values(), ids=list(UNPROVED))
def test_what_is_not_proved_is_refused(hub, wrong):
    assert hub.push(**wrong).status_code == 401


def test_a_nonce_is_taken_once(hub):
    assert codes(*(hub.push(nonce="n" * 20) for _time in range(2))) == [202, 401]


def test_an_account_that_may_not_publish_is_refused(hub):
    hub.sandbox.add_account("partner", ACCOUNT, SECRET, "岭南女声", capabilities=[])
    assert hub.push().status_code == 403


WRONG = {
    "article.title": {"title": " "},
    "article.version": {"version": 0},
    "article.original": {"original": "yes"},
    "article.published_at": {"published_at": "2026-03-01"},
    "article.source_url": {"source_url": "hub"},
    "article.extra": {"extra": 1},
    "article.images": {"content_html": '<img src="https://hub.example/b/1">'},
    "article.images[0].sha256": {
        "images": [
            {"url": "https://h.example/1", "sha256": "1", "bytes": 1, "mime": "i", "width": 1, "height": 1}
        ]
    },
}


@pytest.mark.parametrize(("field", "changes"), WRONG.items(), ids=list(WRONG))
def test_a_wrong_field_is_named(hub, field, changes):
    answer = hub.push(changes=changes)
    assert (answer.status_code, answer.json()["field"]) == (422, field)
    assert hub.push().status_code == 202, "a refusal is not kept under the key"


def test_a_field_that_is_missing_is_named(hub, monkeypatch):
    monkeypatch.delitem(ARTICLE, "tags")
    assert hub.push().json()["field"] == "article.tags"


def test_a_key_that_names_something_else_is_refused(hub):
    assert codes(hub.push(key="1:8:1:publish"), hub.push(**{"Idempotency-Key": ""})) == [422, 400]


def test_a_picture_that_cannot_be_fetched_fails_the_article(hub):
    picture = {"url": "http://127.0.0.1:9/1.png", "sha256": "0" * 64, "mime": "image/png"}
    answer = hub.push(changes={"images": [{**picture, "bytes": 1, "width": 1, "height": 1}]})
    hub.sandbox.finish_reviews()
    task = hub.task(answer)
    assert task["status"] == "failed" and task["reason"]


def test_faults_refuse_and_ask_to_wait(hub):
    hub.sandbox.fault("error", platform="partner", path="/push", code=429, seconds=7)
    answer = hub.push()
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "7")
    assert hub.push().status_code == 202


def test_figures_are_of_the_day_of_publication(hub):
    hub.push()
    hub.sandbox.finish_reviews()
    today = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 8 * 3600))
    [row] = hub.call("GET", "/stats", query=f"?date={today}").json()
    assert set(row) == {"remote_id", "reads", "likes", "shares", "comments", "as_of"}
    assert hub.call("GET", "/stats", query="?date=2020-01-01").json() == []
    assert hub.call("GET", "/stats", query="?date=yesterday").status_code == 422


def test_every_platform_has_a_receiver(hub):
    for slug in ("wechat", "toutiao", "penguin", "netease", "nanfang", "yidian", "partner"):
        answer = requests.post(f"{hub.sandbox.url}/{slug}/push", data=b"{}", timeout=20)
        assert answer.status_code == 401, slug
