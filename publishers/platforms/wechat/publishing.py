"""From the draft to readers, by freepublish or by hand: docs/platforms/wechat.md, sections 1 and 5."""

import datetime as dt
from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from publishers.interface import (
    ByHand,
    CapabilityMissing,
    Finding,
    Found,
    Item,
    Job,
    Json,
    Live,
    PermanentError,
    PublisherError,
    QuotaExceeded,
    Rejected,
    Undecided,
)
from publishers.platforms.wechat import callbacks, drafts, finding, listed, looking
from publishers.platforms.wechat.client import Client
from publishers.platforms.wechat.errors import ConsoleOnly, MediaUnknown

#: Between looks at a publish job: few enough for 100 a day over twenty articles (section 10).
POLL_S = (5, 20, 60, 180, 600, 1800, 7200, 86_400, 86_400, 86_400)
SUCCESS = 0
#: A person publishes a draft within this time.
BY_HAND_S = 24 * 3600


def submit(job: Job, client: Client, media_id: str, review_s: float) -> list[Live]:
    """Submit the draft, as it was signed, and return what is live when WeChat has confirmed it."""
    try:
        submitted = job.step(
            "submit",
            lambda: _submit(client, media_id),
            find=lambda: _find(job, client, media_id, job.unknown_since("submit"), review_s),
            given={"media_id": media_id},
            before=lambda: drafts.set_right(job, client, media_id),
        )
    except MediaUnknown:
        # A person may have published the draft in the console.
        return live(job.items, _published_by_hand(job, client), {})
    except CapabilityMissing as refusal:
        raise drafts.left(
            refusal, _("WeChat no longer lets the account publish over its interface."), media_id
        ) from None
    if "console_only" in submitted:
        return by_hand(job, client, media_id)
    if "article_id" in submitted:
        return live(job.items, submitted, {})
    published = job.poll("published", lambda: _outcome(job, client, submitted), delays=POLL_S)
    return live(job.items, published, submitted)


def by_hand(job: Job, client: Client, media_id: str) -> list[Live]:
    """Return what a person made of the draft, where WeChat lists it. Raises ByHand as long as it does not."""
    try:
        client.draft(media_id)
    except MediaUnknown:
        return live(job.items, _published_by_hand(job, client), {})
    raise ByHand(
        _("The draft is in the draft box: publish it at mp.weixin.qq.com by {time}, then try again here."),
        within=BY_HAND_S,
    )


def live(items: Sequence[Item], published: Mapping[str, Json], submitted: Mapping[str, Json]) -> list[Live]:
    """Return what is known of each article; ``index`` counts from 1, as deletion and statistics do."""
    urls = published["urls"]
    remote = {**submitted, "article_id": published["article_id"]}
    return [Live(urls[at] if at < len(urls) else "", {**remote, "index": at + 1}) for at in range(len(items))]


def _published_by_hand(job: Job, client: Client) -> Mapping[str, Json]:
    published = finding.published(job.account, client, job.items)
    if not published.found and not published.decides:
        raise ByHand(
            _(
                "The draft is no longer in the draft box, and the list of what WeChat has published could "
                "not be read to its end: look for “{title}” at mp.weixin.qq.com, and record the article's "
                "address here by {time} if somebody has published it, otherwise cancel."
            ).replace("{title}", job.items[0].rendition.title),
            within=BY_HAND_S,
        )
    if not published.found:
        raise ByHand(
            _(
                "The draft is no longer in the draft box, and WeChat does not list it as published: record "
                "the article's address here by {time} if somebody has published it, otherwise cancel."
            ),
            within=BY_HAND_S,
        )
    found: Mapping[str, Json] = published.found
    return found


def _submit(client: Client, media_id: str) -> dict[str, Json]:
    try:
        submitted = client.submit(media_id)
    except ConsoleOnly as refusal:
        # A result, not an error: from now on a person may publish the draft at any time.
        return {"console_only": refusal.code}
    return {"publish_id": submitted.publish_id, "msg_data_id": submitted.msg_data_id}


def _find(job: Job, client: Client, media_id: str, begun_at: dt.datetime, review_s: float) -> Finding:
    """Look for a submit whose answer was lost. It is never Absent.

    A draft leaves the box only when its review has succeeded, so one that is still there proves nothing,
    and a second submit could make a second article (section 5.1).
    """
    needs_texts = finding.has_no_link(job.items)
    look = finding.published(job.account, client, job.items, begun_at) if needs_texts else None
    published = look or listed.searched(job, client)
    if published.found:
        return Found(published.found)
    wait_s = finding.wait_s((job.now() - begun_at).total_seconds(), review_s)
    if wait_s is not None:
        return Undecided(_("WeChat does not list the article yet."), after=wait_s)
    # Whichever it is, a person looks: it only tells her where.
    is_in_box = _is_in_draft_box(client, media_id)
    if not published.decides:
        return Undecided(_unread(job.items[0].rendition.title, is_in_box))
    if is_in_box is None:
        return Undecided(
            _(
                "It is not known whether WeChat took the article: it is not published after the time of "
                "a normal review. Look at mp.weixin.qq.com, also in the draft box."
            )
        )
    if is_in_box:
        return Undecided(
            _(
                "It is not known whether WeChat took the article: it is not published after the time of "
                "a normal review, and its draft is still in the draft box. Look at mp.weixin.qq.com."
            )
        )
    return Undecided(
        _(
            "It is not known whether WeChat published the article: its draft is no longer in the draft "
            "box, and WeChat does not list it as published. Look at mp.weixin.qq.com."
        )
    )


def _unread(title: str, is_in_box: bool | None) -> str:
    """Return what a person reads where the hub could not read what is published."""
    sentence = _(
        "It is not known whether WeChat published the article: the list of what is published could not be "
        "read far enough, because it is too long or today's calls for it are used up. Look for “{title}” at "
        "mp.weixin.qq.com, among what is published and in the draft box."
    ).format(title=title)
    boxes = {True: _("Its draft is still in the draft box."), False: _("Its draft is no longer there.")}
    return sentence if is_in_box is None else f"{sentence} {boxes[is_in_box]}"


def _is_in_draft_box(client: Client, media_id: str) -> bool | None:
    """Return whether the draft is still there, None when WeChat does not tell it now."""
    try:
        client.draft(media_id)
    except MediaUnknown:
        return False
    except PublisherError:
        return None
    return True


def _outcome(job: Job, client: Client, submitted: Mapping[str, Json]) -> dict[str, Json] | None:
    """Return {"article_id", "urls"} when the job has succeeded, None while it runs (section 5.2).

    What WeChat has told, proved, needs no question. When the day's questions about single jobs are used up,
    one list answers for all.
    """
    told = _told(job, submitted["publish_id"])
    if told is not None:
        return told
    try:
        publication = client.publication(submitted["publish_id"])
    except QuotaExceeded as error:
        if error.status is not None:
            job.account.note_used_up()
        return listed.published(job, client)
    if publication.status == 0:
        return {"article_id": publication.article_id, "urls": list(publication.urls)}
    if publication.status == 1:
        return None
    which = "、".join(str(index) for index in publication.failed)
    code = f"publish_status {publication.status}"
    if publication.status == 2:
        raise Rejected(
            _("WeChat's check of originality failed (articles: {which}).").format(which=which), code=code
        )
    if publication.status == 4:
        raise Rejected(
            _("WeChat's review refused the text (articles: {which}).").format(which=which), code=code
        )
    sentences = {
        3: _("WeChat could not publish the article and gives no reason; trying once more is reasonable."),
        5: _("The article was published and then deleted in WeChat's console."),
        6: _("The article was published and then taken down by WeChat."),
    }
    unknown = _("WeChat answers with a publish status that is not known.")
    raise PermanentError(sentences.get(publication.status, unknown), code=code)


def _told(job: Job, publish_id: str) -> dict[str, Json] | None:
    """Return what an event that nobody could change on its way says of a success that still stands."""
    told = job.heard(callbacks.key_of(publish_id, SUCCESS)) or {}
    urls = list(told.get("urls") or ())
    if not told.get("sealed") or not told.get("article_id") or len(urls) != len(job.items):
        return None
    if any(job.heard(callbacks.key_of(publish_id, later)) for later in (looking.DELETED, looking.BANNED)):
        return None
    return {"article_id": told["article_id"], "urls": urls}
