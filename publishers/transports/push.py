"""Our signed HTTP push: docs/platforms/partner-feed-contract.md, parts B and C.

The Idempotency-Key is the same however often an operation is tried, and the partner promises one effect for
one key: so a call whose outcome is unknown is made again.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cms.document.china import CHINA
from publishers.interface import (
    AccountSession,
    ByHand,
    CapabilityMissing,
    CredentialField,
    Figure,
    Finding,
    Found,
    Incoming,
    Item,
    Job,
    Json,
    Live,
    PermanentError,
    Received,
    Rejected,
    Retry,
    SameCall,
    Shown,
)
from publishers.transports import counted, results
from publishers.transports.article import article
from publishers.transports.base import OverTransport
from publishers.transports.partner import PUSHED, Partner, wrong_credentials
from publishers.transports.results import Result

MINUTE, HOUR = 60, 3600
DONE = {"publish": results.PUBLISHED, "update": results.PUBLISHED, "withdraw": results.WITHDRAWN}
#: Between looks at a task; a callback makes the next one come at once.
POLL_S = (5, 15, 30, 60, 300, 900, 1800, *(HOUR,) * 6, *(6 * HOUR,) * 4)
#: The hub's word for a withdrawal that met nothing, as long as that is not believed.
MISSING = "missing"
#: 5xx and timeouts, part B; then a person.
WAITS = (MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 6 * HOUR)
#: What is sent may arrive for as long as it would be sent again; until then "not there" proves nothing.
ARRIVES_S = sum(WAITS)
#: What a partner did not take down, a person takes down within this.
WITHIN_S = 2 * HOUR


class Pushed(OverTransport):
    abilities: dict[str, Any] = {  # as in OverTransport
        "credentials": (
            CredentialField("push_url", gettext_lazy("Address of the push"), secret=False),
            CredentialField("push_key", gettext_lazy("Key id of the push"), secret=False),
            CredentialField("push_secret", gettext_lazy("Secret of the push")),
            CredentialField("callback_secret", gettext_lazy("Secret of the callbacks"), required=False),
        ),
        "capabilities": ("publish", "statistics"),
        "can_correct": True,
        "can_withdraw": True,
        "can_look": True,
        "can_receive": True,
        "waits": WAITS,
        "figure_source": counted.SOURCE,
        "figure_days": counted.DAYS,
        "steps": {
            "publish": gettext_lazy("Push the article"),
            "update": gettext_lazy("Push the corrected text"),
            "withdraw": gettext_lazy("Push the withdrawal"),
            "poll:published": gettext_lazy("Ask whether it is published"),
            "poll:withdrawn": gettext_lazy("Ask whether it is taken down"),
        },
    }

    def wrong_credentials(self, credentials: Mapping[str, str]) -> Mapping[str, str]:
        return wrong_credentials(credentials, PUSHED)

    def check(self, account: AccountSession) -> frozenset[str]:
        """Ask for the figures of today: it changes nothing, and only a right signature is answered.

        Figures are not needed for publishing: where the partner answers otherwise, it is there all the same.
        """
        try:
            Partner(account).figures(dt.datetime.now(CHINA).date())
        except CapabilityMissing:
            return frozenset({"publish"})
        except (PermanentError, Retry) as error:
            if error.status in (None, 401, 403):
                raise
            return frozenset({"publish", *account.capabilities})
        return frozenset(self.platform.capabilities)

    def publish(self, job: Job) -> Sequence[Live]:
        [item] = job.items
        body = self._body(job, item, "publish")
        sent = _push(job, item, body)
        if "conflict" in sent and not job.withdrawing:
            sent = _take_over(job, item, body, sent)
        return [_arrived(job, sent)]

    def correct(self, job: Job) -> Sequence[Live]:
        [item] = job.items
        sent = _push(job, item, self._body(job, item, "update"))
        if "conflict" in sent and not job.withdrawing:
            raise _other_version(sent)
        live = _arrived(job, sent)
        # An update stays at its address, and a partner need not say it again.
        kept = {name: live.remote.get(name) or item.observed.get(name, "") for name in ("remote_id", "url")}
        return [Live(live.url or kept["url"], {**live.remote, **kept})]

    def withdraw(self, job: Job) -> None:
        for item in job.items:
            if not item.observed:
                raise CapabilityMissing("withdraw")
            named = {"id": item.observed["article_id"], "version": item.observed["version"]}
            body = {"operation": "withdraw", "article": named, "callback_url": job.account.callback_url}
            sent = _push(job, item, body)
            if sent["status"] == MISSING:
                again = partial(_taken_down, Partner(job.account), _key(job, body), body)
                job.poll("withdrawn", partial(_gone, job, item, sent, again), delays=POLL_S)
            elif sent["status"] != results.WITHDRAWN:
                job.poll("withdrawn", partial(_withdrawn, job, sent), delays=POLL_S)

    def look(self, job: Job) -> Sequence[Shown | None]:
        return [_shown(job, item) for item in job.items]

    def figures(self, account: AccountSession, published_on: dt.date) -> Sequence[Figure]:
        return counted.figures(Partner(account), published_on)

    def receive(self, account: AccountSession, incoming: Incoming) -> Received:
        return results.receive(account, incoming)

    def _body(self, job: Job, item: Item, operation: str) -> Mapping[str, Json]:
        if item.payload is not None:
            return item.payload
        body = {
            "operation": operation,
            "article": article(job, item, self.platform.pictures),
            "callback_url": job.account.callback_url,
        }
        return job.store_payload(item, body)

    def sent(self, payload: Mapping[str, Json]) -> tuple[str, str]:
        return payload["article"]["title"], payload["article"]["content_html"]


def _push(job: Job, item: Item, body: Mapping[str, Json]) -> Mapping[str, Json]:
    """Push ``body`` as the step that its operation names, and return what became of it."""
    operation = body["operation"]
    named = {"article_id": body["article"]["id"], "version": body["article"]["version"]}
    return job.step(
        operation,
        lambda: _sent(job, operation, named, body),
        find=lambda: _found(job, operation, named),
        item=item,
        given=body,
    )


def _key(job: Job, body: Mapping[str, Json]) -> str:
    """Return the Idempotency-Key of the call that sends ``body``."""
    target = str(job.account.number)
    if body["operation"] == "withdraw" and job.generation > 1:
        # What was put back is withdrawn anew: under the first key nothing would be done.
        target += f".{job.generation}"
    return f"{target}:{body['article']['id']}:{body['article']['version']}:{body['operation']}"


def _sent(job: Job, operation: str, named: Mapping[str, Json], body: Mapping[str, Json]) -> dict[str, Json]:
    """Push, and return the step's result: ``conflict`` in it is the version that is there, 0 if not known."""
    partner, key = Partner(job.account), _key(job, body)
    if operation == "withdraw":
        return {**_kept(_taken_down(partner, key, body)), **named, "since": job.now().timestamp()}
    answer = partner.send(key, body)
    if answer.missing:
        raise Rejected(_("The partner does not know the article, or its address of the push is wrong."))
    result = {**_kept(answer.result), **named}
    return {**result, "conflict": _version_there(partner, answer.result)} if answer.conflict else result


def _taken_down(partner: Partner, key: str, body: Mapping[str, Json]) -> Result:
    """Push the withdrawal and return what the partner says, MISSING where it knows no such article."""
    try:
        answer = partner.send(key, body)
    except Rejected as refusal:
        raise _to_be_taken_down(refusal.reason) from refusal
    if answer.conflict:
        raise _to_be_taken_down(_("it has another version"))
    return Result(MISSING) if answer.missing else answer.result


def _version_there(partner: Partner, result: Result) -> int:
    """Return the version that the partner has: as it says with its refusal, or of the task that it names."""
    if not result.version and result.task_id:
        result = partner.task(result.task_id) or result
    return int(result.version) if result.version.isdecimal() else 0


def _found(job: Job, operation: str, named: Mapping[str, Json]) -> Finding:
    """Return what a call did whose answer was lost, or that the same call tells it."""
    told = results.heard(job, **named)
    if told is not None and told.status == DONE[operation]:
        return Found({**_kept(told), **named})
    if job.withdrawing and operation != "withdraw":
        # It is withdrawn by the hub's own name for it, whether or not it arrived.
        return Found({**named, "status": results.PENDING})
    return SameCall(_("It is not known whether {account} took the article.").format(account=job.account.name))


def _take_over(
    job: Job, item: Item, body: Mapping[str, Json], sent: Mapping[str, Json]
) -> Mapping[str, Json]:
    """Bring what is there already up to date, unless it is as new as ours ("Exactly", 409)."""
    there = sent["conflict"]
    if there > sent["version"]:
        raise _other_version(sent)
    if there == sent["version"] and sent["status"] not in results.ENDED:
        return sent
    updated = _push(job, item, {**body, "operation": "update"})
    if "conflict" in updated:
        raise _other_version(updated)
    return updated


def _other_version(sent: Mapping[str, Json]) -> Rejected:
    return Rejected(
        _(
            "The partner has another version of the article and did not take version {version}; look there."
        ).format(version=sent["version"])
    )


def _arrived(job: Job, sent: Mapping[str, Json]) -> Live:
    """Return where the article is live, once the partner says that it is; while withdrawing, what it is."""
    named = _named(sent)
    if job.withdrawing or sent["status"] == results.PUBLISHED:
        outcome = {}
    else:
        outcome = job.poll("published", lambda: _published(job, sent), delays=POLL_S)
    known = {name: outcome.get(name) or sent.get(name, "") for name in ("task_id", "remote_id", "url")}
    return Live(known["url"], {**named, **{name: text for name, text in known.items() if text}})


def _published(job: Job, sent: Mapping[str, Json]) -> Json | None:
    """Return what is published, None while it is decided. Raises Rejected with the partner's reason."""
    result = _decided(job, sent, (results.PUBLISHED, *results.ENDED))
    if result is None or result.status == results.PUBLISHED:
        return result and _kept(result)
    sentences = {
        results.REJECTED: _("The partner refuses the article: {reason}"),
        results.FAILED: _("The partner could not publish the article: {reason}"),
        results.WITHDRAWN: _("The partner took the article down: {reason}"),
    }
    raise Rejected(sentences[result.status].format(reason=result.reason or _("it gives no reason")))


def _gone(job: Job, item: Item, sent: Mapping[str, Json], again: Callable[[], Result]) -> Json | None:
    """Return what ended a withdrawal that met nothing, None while the article may still be there or come.

    It is withdrawn ``again`` by the same call, which takes down what has arrived meanwhile. Still missing, it
    is gone by the partner's word of how it ended, or when it has been missing for as long as it may arrive.
    """
    result = again()
    if result.status != MISSING:
        return _withdrawn(job, {**_kept(result), **_named(sent)})
    # Also what it said before: what has ended, and is not there now, comes no more.
    ended = _decided(job, {**item.observed, **_named(sent)}, results.ENDED, ever=True)
    if ended is None and job.now().timestamp() - sent["since"] < ARRIVES_S:
        return None
    return _kept(ended or result)


def _named(sent: Mapping[str, Json]) -> dict[str, Json]:
    return {name: sent[name] for name in ("article_id", "version")}


def _withdrawn(job: Job, sent: Mapping[str, Json]) -> Json | None:
    result = _decided(job, sent, results.ENDED)
    if result is None or result.status == results.WITHDRAWN:
        return result and _kept(result)
    raise _to_be_taken_down(result.reason or _("it gives no reason"))


def _decided(job: Job, sent: Mapping[str, Json], ends: Sequence[str], *, ever: bool = False) -> Result | None:
    """Return how it ended, as the partner told it, said it when it was pushed or tells it now."""
    told = results.heard(job, sent["article_id"], sent["version"], ever=ever)
    if told is not None and told.status in ends:
        return told
    if sent.get("status") in ends:
        return results.result_of(sent)
    task_id = sent.get("task_id")
    result = Partner(job.account).task(task_id) if task_id else None
    return result if result is not None and result.status in ends else None


def _to_be_taken_down(reason: str) -> ByHand:
    sentence = _(
        "The partner did not take the article down ({reason}). Take it down in its console by {time}, then "
        "confirm it here."
    )
    return ByHand(sentence.format(reason=reason, time="{time}"), within=WITHIN_S)


def _shown(job: Job, item: Item) -> Shown | None:
    """Return that it is no longer there, or again, where the partner says so.

    That a task succeeded once says nothing of today: that is for the public page to tell.
    """
    if not item.observed:
        return None
    told = results.heard(job, item.observed["article_id"], item.observed["version"])
    if job.withdrawing:
        return results.shown(told, withdrawing=True)
    return results.shown(_decided(job, item.observed, results.ENDED), withdrawing=False)


def _kept(result: Result) -> dict[str, str]:
    """Return what is written down of a result: what the partner said."""
    return {name: text for name, text in vars(result).items() if text or name == "status"}
