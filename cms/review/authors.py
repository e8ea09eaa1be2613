"""Who wrote a text, and therefore may not approve it.

Authors are all who saved a revision of the page since its last Release (since ever, when it has none), and,
before the first Release, the page's owner. Somebody who reverts to an older version brings its authors back:
everybody counts who saved a revision from that one on. The log is asked beside the revisions, because
``purge_revisions`` deletes revisions and leaves the log.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from django.db.models import Max
from wagtail.models import Page, PageLogEntry, Revision

from cms.models import Release

WRITING = ("wagtail.edit", "wagtail.revert")


def authors_of(pages: Iterable[Page], *, signed: int = 0) -> Mapping[int, frozenset[int]]:
    """Return for each page the ids of its text's authors, in three queries for any number of pages.

    ``signed`` is a revision whose authors are meant although its Release is made already.
    """
    owners = {page.pk: page.owner_id for page in pages}
    earlier = Release.objects.filter(page_id__in=owners).exclude(revision_id=signed)
    releases = earlier.values_list("page_id")
    released = dict(releases.annotate(Max("revision_id")).order_by())
    saved, reverted = _saved(owners)
    found = {}
    for page_id, owner_id in owners.items():
        last = released.get(page_id, 0)
        since = min([last, *(older - 1 for by, older in reverted[page_id] if by > last)])
        users = {user_id for revision_id, user_id in saved[page_id] if revision_id > since}
        if page_id not in released:
            users.add(owner_id)
        found[page_id] = frozenset(user_id for user_id in users if user_id is not None)
    return found


def _saved(
    page_ids: Iterable[int],
) -> tuple[Mapping[int, set[tuple[int, int | None]]], Mapping[int, set[tuple[int, int]]]]:
    """Return pairs by page: (revision, user), and (revision, older revision that it brought back)."""
    saved: dict[int, set[tuple[int, int | None]]] = defaultdict(set)
    reverted: dict[int, set[tuple[int, int]]] = defaultdict(set)
    revisions = Revision.page_revisions.filter(object_id__in=[str(page_id) for page_id in page_ids])
    for page_id, revision_id, user_id in revisions.values_list("object_id", "pk", "user_id"):
        saved[int(page_id)].add((revision_id, user_id))
    entries = PageLogEntry.objects.filter(
        page_id__in=page_ids, action__in=WRITING, revision_id__isnull=False
    ).order_by()
    for page_id, revision_id, user_id, action, data in entries.values_list(
        "page_id", "revision_id", "user_id", "action", "data"
    ):
        saved[page_id].add((revision_id, user_id))
        if action == "wagtail.revert":
            reverted[page_id].add((revision_id, data["revision"]["id"]))
    return saved, reverted
