"""One list for all that wait to be confirmed: docs/platforms/wechat.md, sections 5.4, 10 and 13.

freepublish/get answers for one job, 100 times a day; a page of freepublish/batchget names twenty articles.
What is read is kept for everybody on the account. What it shows is published; of what it does not show
nothing is known.
"""

from collections.abc import Sequence

from publishers.http import lists
from publishers.interface import CapabilityMissing, Item, Job, Json, QuotaExceeded
from publishers.platforms.wechat.client import PAGE, Client, Entry
from publishers.platforms.wechat.finding import PAGES, PAGES_IN_ORDER, Sought, used_up

#: How long a page that was read serves: 57 of the day's 100 calls …
PAGE_SERVES_S = 1500
#: … and where the answer of a submit was lost, as long as the day has more than are kept for the others.
SEARCHED_SERVES_S = 60
KEPT = 300


def published(job: Job, client: Client) -> dict[str, Json] | None:
    """Return {"article_id", "urls"} of the job's items; None where the list does not show them (yet)."""
    kept = job.account.shared("listed", lambda known: _read(client, known, PAGE_SERVES_S))
    return _ours(kept, job.items)


def searched(job: Job, client: Client) -> Sought:
    """Return as ``published`` does, sooner after they were published; ``decides``: its newest were read."""
    try:
        with job.account.sparing():
            kept = job.account.shared("searched", lambda known: _read(client, known, SEARCHED_SERVES_S))
        return Sought(_ours(kept, job.items), kept["tells_newest"])
    except CapabilityMissing:
        return Sought()
    except QuotaExceeded as error:
        nothing = used_up(job.account, error)
    try:
        return Sought(published(job, client), decides=False)
    except QuotaExceeded:
        return nothing


def _read(client: Client, before: Json, page_serves_s: float) -> tuple[Json, float]:
    """Return what is listed now before what was listed earlier, and how long it serves."""
    known = before["entries"] if before else []
    reading = lists.read(
        client.page_of_publications,
        size=PAGE,
        most=PAGES,
        most_in_order=PAGES_IN_ORDER,
        identity=lambda entry: entry.id,
        moment=lambda entry: entry.moment,
        known={entry["article_id"] for entry in known},
    )
    listed = [_kept(entry) for entry in reading.entries if _is_whole(entry)]
    now = {entry["article_id"] for entry in listed}
    kept = [*listed, *(entry for entry in known if entry["article_id"] not in now)]
    answer = {"entries": kept[:KEPT], "tells_newest": reading.is_complete or reading.in_order}
    return answer, page_serves_s * reading.pages


def _ours(kept: Json, items: Sequence[Item]) -> dict[str, Json] | None:
    found = (entry for entry in kept["entries"] if _is_ours(entry["links"], items))
    return next(({"article_id": entry["article_id"], "urls": entry["urls"]} for entry in found), None)


def _is_whole(entry: Entry) -> bool:
    """Return whether nothing of the publication was taken down, as far as the list says."""
    return not any(article.get("is_deleted") for article in entry.articles)


def _kept(entry: Entry) -> dict[str, Json]:
    links = [str(article.get("content_source_url") or "") for article in entry.articles]
    return {"article_id": entry.id, "links": links, "urls": [a.get("url") or "" for a in entry.articles]}


def _is_ours(links: Sequence[str], items: Sequence[Item]) -> bool:
    marked = zip(links, items, strict=False)
    return len(links) == len(items) and all(item.token in link for link, item in marked)
