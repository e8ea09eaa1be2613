"""What WeChat tells: verified, decrypted, read. docs/platforms/wechat.md, sections 5.3, 6 and 7.

Only the ends of publish and mass-send jobs are read. What readers write to the account is not kept.
"""

import datetime as dt
import hashlib
import hmac
from collections.abc import Mapping

from django.utils.translation import gettext as _
from lxml import etree

from publishers.http import decoded
from publishers.interface import Event, Incoming, Json, NotGenuine, Received
from publishers.platforms.wechat import encryption

#: Our own rule: what is older or further ahead may be a repetition by somebody who listened.
WINDOW_S = 600
ANSWER = "success"
SUCCEEDED, RUNNING = "0", "1"
#: How WeChat sends, as its console has it (section 7).
PLAIN, COMPATIBLE, SAFE = "plain", "compatible", "safe"
KEYS = ("aes_key", "previous_aes_key")


def receive(credentials: Mapping[str, str], incoming: Incoming, now: dt.datetime) -> Received:
    """Return the answer, and what is told. Raises NotGenuine."""
    token = credentials.get("callback_token", "")
    if not token:
        raise NotGenuine("The account has no callback token.")
    _check(incoming.query.get("signature", ""), token, incoming.query)
    _check_time(incoming.query.get("timestamp", ""), now)
    if incoming.method == "GET":
        return Received(incoming.query.get("echostr", ""))
    is_sealed = incoming.query.get("encrypt_type") == "aes"
    return Received(ANSWER, tuple(_events(_message(credentials, token, incoming), is_sealed)))


def key_of(publish_id: str, status: Json) -> str:
    """Return what the end of a publish job is kept under. Its status changes later, so it belongs to it."""
    return f"publish {publish_id} {status}"


def wrong_credentials(credentials: Mapping[str, str]) -> dict[str, str]:
    """Return what no message could be read with, a sentence by the name of the credential."""
    wrong = {
        name: _("An EncodingAESKey has 43 letters and digits: copy it from WeChat's console.")
        for name in KEYS
        if credentials.get(name) and not encryption.is_key(credentials[name])
    }
    mode = credentials.get("callback_mode", "")
    if mode in (COMPATIBLE, SAFE) and not credentials.get("aes_key"):
        wrong["aes_key"] = _(
            "In this mode WeChat encrypts its messages: they are read with the EncodingAESKey."
        )
    if (mode or credentials.get("aes_key")) and not credentials.get("callback_token"):
        wrong["callback_token"] = _("WeChat's messages are proved by the token that stands in its console.")
    return wrong


def signature(*parts: str) -> str:
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()  # noqa: S324  (WeChat's contract)


def _check(given: str, token: str, query: Mapping[str, str], *more: str) -> None:
    wanted = signature(token, query.get("timestamp", ""), query.get("nonce", ""), *more)
    if not hmac.compare_digest(given.encode(), wanted.encode()):
        raise NotGenuine("The signature is not WeChat's.")


def _check_time(written: str, now: dt.datetime) -> None:
    if not written.isdecimal() or abs(float(written) - now.timestamp()) > WINDOW_S:
        raise NotGenuine("The time of the message is not the present.")


def _message(credentials: Mapping[str, str], token: str, incoming: Incoming) -> Mapping[str, Json]:
    """Return the message; with an EncodingAESKey none is taken that is not encrypted, but in plain mode."""
    outer = _read(incoming.body)
    keys = [credentials[name] for name in KEYS if credentials.get(name)]
    if incoming.query.get("encrypt_type") != "aes":
        if keys and credentials.get("callback_mode") != PLAIN:
            raise NotGenuine("The message is not encrypted.")
        return outer
    encrypted = str(outer.get("Encrypt") or "")
    _check(incoming.query.get("msg_signature", ""), token, incoming.query, encrypted)
    return _read(encryption.decrypted(encrypted, keys, credentials["appid"]))


def _read(body: bytes) -> Mapping[str, Json]:
    """Return XML or JSON as nested dicts; elements that are repeated become a list."""
    try:
        content = decoded(body) if body.lstrip()[:1] == b"{" else _as_dict(_root(body))
    except (ValueError, etree.XMLSyntaxError):
        raise NotGenuine("The message cannot be read.") from None
    if not isinstance(content, dict):
        raise NotGenuine("The message is not an object.")
    return content


def _root(body: bytes) -> etree._Element:
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    root = etree.fromstring(body, parser)
    if root.getroottree().docinfo.doctype:  # type: ignore[union-attr]  # the stubs of lxml forgot it
        raise NotGenuine("The message declares a document type.")
    return root


def _as_dict(element: etree._Element) -> Json:
    if not len(element):
        return (element.text or "").strip()
    read: dict[str, Json] = {}
    for child in element:
        name, value = str(child.tag), _as_dict(child)
        read[name] = [*_many(read[name]), value] if name in read else value
    return read


def _many(value: Json) -> list[Json]:
    """Return what may stand once, several times or not at all as a list."""
    if value in (None, ""):
        return []
    return value if isinstance(value, list) else [value]


def _part(value: Json, *names: str) -> Json:
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _events(message: Mapping[str, Json], is_sealed: bool) -> list[Event]:
    match message.get("Event"):
        case "PUBLISHJOBFINISH":
            return [_published(message, is_sealed)]
        case "MASSSENDJOBFINISH":
            return [_sent(message)]
    return []


def _published(message: Mapping[str, Json], is_sealed: bool) -> Event:
    """Return the end of a publish job. A signature alone does not cover what it says (section 7)."""
    told = message.get("PublishEventInfo") or {}
    publish_id, status = _word(told, "publish_id"), _word(told, "publish_status")
    items = _many(_part(told, "article_detail", "item"))
    return Event(
        key=key_of(publish_id, status),
        about={"publish_id": publish_id},
        facts={
            "status": status,
            "sealed": is_sealed,
            "article_id": _word(told, "article_id"),
            "urls": [_word(item, "article_url") for item in items],
            "failed": [str(idx) for idx in _many(_part(told, "fail_idx"))],
        },
        changed=status not in (SUCCEEDED, RUNNING),
    )


def _sent(message: Mapping[str, Json]) -> Event:
    """Return the end of a mass send; it is the only place where the addresses of what was sent are told."""
    msg_id = _word(message, "MsgID")
    items = _many(_part(message, "ArticleUrlResult", "ResultList", "item"))
    counts = ("TotalCount", "FilterCount", "SentCount", "ErrorCount")
    return Event(
        key=f"mass {msg_id}",
        about={"msg_id": msg_id},
        facts={
            "status": _word(message, "Status"),
            "urls": {_word(item, "ArticleIdx"): _word(item, "ArticleUrl") for item in items},
            **{name: _word(message, name) for name in counts},
        },
    )


def _word(told: Json, name: str) -> str:
    """Return a value as text without white space around it: the vendor's own sample has a line break."""
    value = _part(told, name)
    if value in (None, "") and name in ("publish_id", "MsgID"):
        raise NotGenuine(f"The message lacks {name}.")
    return "" if value is None else str(value).strip()
