"""Sending a draft to all followers: docs/platforms/wechat.md, section 6.

It uses the draft up, as publishing does, so a delivery does one or the other. ``clientmsgid`` makes the call
safe to ask again: WeChat answers 45065 and names the message that it has sent.
"""

import datetime as dt
import hashlib
import re
from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from publishers.interface import (
    ByHand,
    CapabilityMissing,
    Finding,
    Item,
    Job,
    Json,
    Live,
    OutcomeUnknown,
    PermanentError,
    Rejected,
    Retry,
    SameCall,
    Undecided,
)
from publishers.platforms.wechat import drafts
from publishers.platforms.wechat.client import Client
from publishers.platforms.wechat.errors import AlreadySent, MediaUnknown

#: One client knows 32 bytes as the limit, the others 64.
KEY_CHARS = 32
#: The same clientmsgid may be tried again after a minute (45066) …
APART_S = 65
#: … and how long WeChat remembers it is not known [?]: after this a person looks.
TRUSTED = dt.timedelta(hours=12)
#: An account may want its administrator to confirm within half an hour.
POLL_S = (30, 60, 300, 900, 1800, 3600)
#: The addresses are told by the event alone; without it the articles stay without one.
TOLD_WITHIN = dt.timedelta(minutes=10)
TOLD_S = (20, 60, 180, 300, 300, 300)
BY_HAND_S = 24 * 3600
#: What ``err(n)`` of the event means.
REASONS = {
    "10001": gettext_lazy("advertising"),
    "20001": gettext_lazy("politics"),
    "20002": gettext_lazy("pornography"),
    "20004": gettext_lazy("social affairs"),
    "20006": gettext_lazy("crime"),
    "20008": gettext_lazy("fraud"),
    "20013": gettext_lazy("copyright"),
    "21000": gettext_lazy("another reason"),
    "22000": gettext_lazy("mutual promotion"),
}


def send(job: Job, client: Client, media_id: str) -> list[Live]:
    """Send the draft, as it was signed, to all followers; return what is live when WeChat has sent it."""
    again: list[bool] = []
    try:
        sent = job.step(
            "mass",
            lambda: _send(client, media_id, key_of(job.items)),
            find=lambda: _find(job.now() - job.unknown_since("mass"), again),
            given={"media_id": media_id},
            # What was perhaps sent has perhaps left the box.
            before=lambda: None if again else drafts.set_right(job, client, media_id),
        )
    except MediaUnknown:
        raise ByHand(
            _(
                "The draft is no longer in the draft box: it was sent or published, or deleted. Record the "
                "article's address here by {time} if it is live, otherwise cancel."
            ),
            within=BY_HAND_S,
        ) from None
    except CapabilityMissing as refusal:
        raise drafts.left(
            refusal, _("WeChat no longer lets the account send to followers over its interface."), media_id
        ) from None
    done = job.poll("sent", lambda: _outcome(job, client, sent["msg_id"]), delays=POLL_S)
    urls = job.poll("addresses", lambda: _addresses(job, sent["msg_id"], done["at"]), delays=TOLD_S)
    return [
        Live(urls.get(str(index), ""), {**sent, "index": index}) for index in range(1, len(job.items) + 1)
    ]


def key_of(items: Sequence[Item]) -> str:
    """Return the clientmsgid: the same for these very items, another for any other delivery."""
    return hashlib.sha256(" ".join(item.token for item in items).encode()).hexdigest()[:KEY_CHARS]


def _send(client: Client, media_id: str, key: str) -> dict[str, Json]:
    try:
        return client.send_to_all(media_id, key)
    except AlreadySent as sent:
        # Also reported for identifiers never used before: the poll asks what became of the message.
        return {"msg_id": sent.msg_id, "msg_data_id": sent.msg_data_id}
    except Retry as error:
        if error.code == "45066":
            raise OutcomeUnknown(
                str(error), after=error.after, status=error.status, code=error.code, body=error.body
            ) from error
        raise


def _find(passed: dt.timedelta, again: list[bool]) -> Finding:
    """Let the call be made again, in time: WeChat itself tells by the clientmsgid that it has sent it."""
    if passed > TRUSTED:
        return Undecided(
            _("It is not known whether WeChat sent the articles to the followers. Look at mp.weixin.qq.com.")
        )
    if passed.total_seconds() < APART_S:
        wait = APART_S - passed.total_seconds()
        return Undecided(_("WeChat may be asked about the sending again in a minute."), after=wait)
    again.append(True)
    return SameCall(
        _("It is not known whether WeChat sent the articles to the followers. Look at mp.weixin.qq.com.")
    )


def _outcome(job: Job, client: Client, msg_id: str) -> dict[str, Json] | None:
    """Return when it was seen that all is sent; None while WeChat is at it."""
    status = client.mass_status(msg_id)
    if status == "SENDING":
        return None
    if status == "SEND_SUCCESS":
        return {"at": job.now().isoformat()}
    if status == "DELETE":
        raise PermanentError(_("What was sent to the followers has been deleted."), code=status)
    raise Rejected(_why(job.heard(f"mass {msg_id}") or {}), code=status)


def _why(told: Mapping[str, Json]) -> str:
    code = re.search(r"\d+", str(told.get("status", "")))
    reason = REASONS.get(code[0]) if code else None
    if reason is None:
        return _("WeChat did not send the articles to the followers and gives no reason.")
    return _("WeChat did not send the articles to the followers: {reason}.").format(reason=reason)


def _addresses(job: Job, msg_id: str, sent_at: str) -> dict[str, Json] | None:
    """Return the addresses by their index from 1; none when WeChat does not tell them in time."""
    told = job.heard(f"mass {msg_id}") or {}
    if told.get("urls"):
        return dict(told["urls"])
    late = job.now() - dt.datetime.fromisoformat(sent_at) > TOLD_WITHIN
    return {} if late or told else None
