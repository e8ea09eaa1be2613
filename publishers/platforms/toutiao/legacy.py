"""Toutiao's article call of 2017–18: docs/platforms/toutiao.md, section 2. Off without a contract.

It tells no address, knows no key by which a repeated call is told from a new one, and lists nothing: where
its answer is lost, a person looks.
"""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from publishers.http import call
from publishers.interface import AccountSession, ByHand, ConsentInvalid, Item, Job, Json, Live, Rejected
from publishers.platforms.toutiao.answers import posted
from publishers.platforms.toutiao.oauth import fetch_token, is_old
from publishers.rendering import fill

POST = "/open/new_article_post/"
TITLE_LENGTH_MIN = 5
#: ``save``: 0 makes a draft, 1 publishes.
PUBLISH = 1
#: A person records the address within this time; Toutiao reviews before it shows (section 3).
BY_HAND_S = 24 * 3600


def publish(job: Job) -> Sequence[Live]:
    """Post the article once, and leave it to a person to record where readers see it."""
    [item] = job.items
    fields = _fields(job, item)
    given = job.step("submit", lambda: _post(job.account, fields), item=item, given=fields)
    raise ByHand(
        _(
            "Toutiao has taken the article (number {number}) and tells no address: look it up in Toutiao's "
            "console and record it here by {{time}}."
        ).format(number=given["article_id"] or "–"),
        within=BY_HAND_S,
    )


def title_length(title: str) -> float:
    """Return the length as the call counts it: a Chinese character 1, two Latin letters 1."""
    return sum(0.5 if character.isascii() else 1 for character in title)


def _fields(job: Job, item: Item) -> dict[str, Json]:
    """Return what the call gets for ``item``, made once; Toutiao fetches the pictures itself."""
    if item.payload is not None:
        return dict(item.payload)
    rendition = item.rendition
    # The longest is held already: no title of 30 characters is longer by this count.
    if title_length(rendition.title) < TITLE_LENGTH_MIN:
        raise Rejected(
            _(
                "The title is too short for Toutiao's call: it asks for at least {limit} characters, and two "
                "Latin letters count as one."
            ).format(limit=TITLE_LENGTH_MIN)
        )
    fields = {
        "title": rendition.title,
        "content": fill(rendition.html, lambda sha256: job.picture(sha256).public_url),
        "abstract": rendition.digest,
        "save": PUBLISH,
    }
    return dict(job.store_payload(item, fields))


def _post(account: AccountSession, fields: dict[str, Json]) -> dict[str, Json]:
    token = account.token(lambda: fetch_token(account))
    try:
        return _sent(account, token, fields)
    except ConsentInvalid:
        if is_old(account.credentials):
            raise
        # Today's consent may give another token.
        return _sent(account, account.token(lambda: fetch_token(account), refused=token), fields)


def _sent(account: AccountSession, token: str, fields: dict[str, Json]) -> dict[str, Json]:
    url = account.base_url.rstrip("/") + POST
    access = {"access_token": token, "client_key": account.credentials["client_key"]}
    data = posted(call(account.http, "POST", url, changes=True, params=access, data=fields))
    return {"article_id": str(data.get("article_id", "")) if isinstance(data, dict) else ""}
