"""What the newspaper tells of its own accord: CONTRACT.md, section 6."""

import datetime as dt
import hmac
import json
from collections.abc import Mapping

from publishers.interface import Event, Incoming, Malformed, NotGenuine, Received

#: Our own rule: what is older or further ahead may be a repetition by somebody who listened.
WINDOW_S = 300
ANSWER = "ok"


def receive(credentials: Mapping[str, str], incoming: Incoming, now: dt.datetime) -> Received:
    """Return the answer, and what is told. Raises NotGenuine, Malformed."""
    secret = credentials.get("callback_secret", "")
    headers = {name.lower(): value for name, value in incoming.headers.items()}
    time, signature = headers.get("x-rongxi-time", ""), headers.get("x-rongxi-signature", "")
    wanted = signature_of(secret, time, incoming.body)
    if not secret or not hmac.compare_digest(signature.encode(), wanted.encode()):
        raise NotGenuine("The signature is not the newspaper's.")
    if not time.isdecimal() or abs(int(time) - now.timestamp()) > WINDOW_S:
        raise NotGenuine("The time of the message is not the present.")
    return Received(ANSWER, (_event(incoming.body),))


def signature_of(secret: str, time: str, body: bytes) -> str:
    return hmac.digest(secret.encode(), time.encode() + b"." + body, "sha256").hex()


def _event(body: bytes) -> Event:
    try:
        told = json.loads(body)
        article_id, state = str(told["id"]), str(told["state"])
    except (ValueError, KeyError, TypeError):
        raise Malformed("The message has no id and state.") from None
    return Event(
        key=f"article {article_id} {state}",
        about={"id": article_id},
        facts={"state": state},
        changed=state == "removed",
    )
