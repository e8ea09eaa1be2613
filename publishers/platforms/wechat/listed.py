"""One list for all that wait to be confirmed: docs/platforms/wechat.md, sections 5.4 and 10.

freepublish/get answers for one job, 100 times a day; a page of freepublish/batchget names twenty articles.
What is read is kept for everybody on the account. What it shows is published; of what it does not show
nothing is known.
"""

from collections.abc import Iterator, Sequence

from publishers.interface import Item, Job, Json
from publishers.platforms.wechat.client import PAGE, Client, Entry

#: How long a page that was read serves: 72 of the day's 100 calls, the others are for what was lost.
PAGE_SERVES_S = 1200
#: Its order is not promised (section 12). Where the times of a page show one, the newest are read first, and
#: on to what was known already; where they show none, all are read. So many pages at most.
PAGES_IN_ORDER, PAGES = 3, 10
KEPT = 300


def published(job: Job, client: Client) -> dict[str, Json] | None:
    """Return {"article_id", "urls"} of the job's items; None where the list does not show them (yet)."""
    entries = job.account.shared("published", lambda known: _read(client, known or []))
    found = (entry for entry in entries if _is_ours(entry["links"], job.items))
    return next(({"article_id": entry["article_id"], "urls": entry["urls"]} for entry in found), None)


def _read(client: Client, known: list[dict[str, Json]]) -> tuple[Json, float]:
    """Return what is listed now before what was listed earlier, and how long it serves."""
    before = {entry["article_id"] for entry in known}
    pages = list(_pages(client, before))
    listed = [_kept(entry) for page in pages for entry in page if _is_whole(entry)]
    now = {entry["article_id"] for entry in listed}
    kept = [*listed, *(entry for entry in known if entry["article_id"] not in now)]
    return kept[:KEPT], PAGE_SERVES_S * len(pages)


def _pages(client: Client, before: set[Json]) -> Iterator[list[Entry]]:
    page, total = client.page_of_publications(0)
    yield page
    times = [entry.updated for entry in page]
    offsets = list(range(PAGE, total, PAGE))
    if times == sorted(times, reverse=True) != sorted(times):
        offsets, is_in_order = offsets[: PAGES_IN_ORDER - 1], True
    elif times == sorted(times) != sorted(times, reverse=True):
        newest, is_in_order = range(max(total - PAGE, PAGE), PAGE - 1, -PAGE), True
        offsets, page = list(newest)[:PAGES_IN_ORDER], []
    else:
        offsets, is_in_order = offsets[: PAGES - 1], False
    for offset in offsets:
        if is_in_order and before & {entry.id for entry in page}:
            return
        page, _total = client.page_of_publications(offset)
        yield page


def _is_whole(entry: Entry) -> bool:
    """Return whether nothing of the publication was taken down, as far as the list says."""
    return not any(article.get("is_deleted") for article in entry.articles)


def _kept(entry: Entry) -> dict[str, Json]:
    links = [str(article.get("content_source_url") or "") for article in entry.articles]
    return {"article_id": entry.id, "links": links, "urls": [a.get("url") or "" for a in entry.articles]}


def _is_ours(links: Sequence[str], items: Sequence[Item]) -> bool:
    marked = zip(links, items, strict=False)
    return len(links) == len(items) and all(item.token in link for link, item in marked)
