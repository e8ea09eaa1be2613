"""From the draft to readers, by freepublish or by hand: docs/platforms/wechat.md, sections 1 and 5."""

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
            find=lambda: _find(client, job, review_s),
            given={"media_id": media_id},
            before=lambda: drafts.set_right(job, client, media_id),
        )
    except MediaUnknown:
        # A person may have published the draft in the console.
        return live(job.items, _published_by_hand(client, job.items), {})
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
        return live(job.items, _published_by_hand(client, job.items), {})
    raise ByHand(
        _("The draft is in the draft box: publish it at mp.weixin.qq.com by {time}, then try again here."),
        within=BY_HAND_S,
    )


def live(items: Sequence[Item], published: Mapping[str, Json], submitted: Mapping[str, Json]) -> list[Live]:
    """Return what is known of each article; ``index`` counts from 1, as deletion and statistics do."""
    urls = published["urls"]
    remote = {**submitted, "article_id": published["article_id"]}
    return [Live(urls[at] if at < len(urls) else "", {**remote, "index": at + 1}) for at in range(len(items))]


def _published_by_hand(client: Client, items: Sequence[Item]) -> Mapping[str, Json]:
    published = finding.published(client, items)
    if published is None:
        raise ByHand(
            _(
                "The draft is no longer in the draft box, and WeChat does not list it as published: record "
                "the article's address here by {time} if somebody has published it, otherwise cancel."
            ),
            within=BY_HAND_S,
        )
    return published


def _submit(client: Client, media_id: str) -> dict[str, Json]:
    try:
        submitted = client.submit(media_id)
    except ConsoleOnly as refusal:
        # A result, not an error: from now on a person may publish the draft at any time.
        return {"console_only": refusal.code}
    return {"publish_id": submitted.publish_id, "msg_data_id": submitted.msg_data_id}


def _find(client: Client, job: Job, review_s: float) -> Finding:
    """Look for a submit whose answer was lost. It is never Absent.

    A draft leaves the box only when its review has succeeded, so one that is still there proves nothing,
    and a second submit could make a second article (section 5.1).
    """
    published = finding.published(client, job.items)
    if published:
        return Found(published)
    passed = (job.now() - job.unknown_since("submit")).total_seconds()
    if passed < review_s:
        # Twice the time that has passed: eight looks in half an hour, out of 100 a day. Of a call that was
        # begun by a clock that is ahead, that time is not known.
        wait = min(max(5, 2 * passed) if passed >= 0 else review_s, review_s - passed)
        return Undecided(_("WeChat does not list the article yet."), after=wait)
    # Whichever it is, a person looks: it only tells her where.
    is_in_box = _is_in_draft_box(client, job.items)
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


def _is_in_draft_box(client: Client, items: Sequence[Item]) -> bool | None:
    """Return whether the draft is still there, None when WeChat does not tell it now."""
    try:
        return finding.in_draft_box(client, items) is not None
    except PublisherError:
        return None


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
