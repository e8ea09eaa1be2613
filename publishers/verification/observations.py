"""What a look means: the platform's own word and the public page, against what was sent."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from publishers.interface import Shown
from publishers.models import Account, DeliveryItem, Desired, Seen
from publishers.verification.pages import Page, plain


@dataclass(frozen=True)
class Sent:
    """What went out of one item, and the marks by which its page is known. ``html`` is empty if unknown."""

    title: str
    html: str
    tokens: frozenset[str]


@dataclass(frozen=True)
class Observation:
    """What one source says of one item."""

    found: str
    words: str = ""


def contradicts(row: DeliveryItem, found: str) -> bool:
    """Return whether ``found`` is not as the item is desired. What is not clear contradicts nothing."""
    contrary = Seen.GONE if row.desired == Desired.LIVE else Seen.LIVE
    return found in (contrary, Seen.ALTERED)


def believed(row: DeliveryItem, seen: Sequence[Observation]) -> Observation:
    """Return what counts, in the words of all that say it: the worst news, then what is clear."""
    best = min(seen, key=lambda each: (not contradicts(row, each.found), each.found == Seen.UNCLEAR))
    return Observation(best.found, " ".join(each.words for each in seen if each.found == best.found))


def said(shown: Shown, sent: Sent) -> Observation:
    """Return what the platform's own word means."""
    if not shown.is_live:
        reason = shown.reason or _("not there")
        return Observation(Seen.GONE, _("The platform says: {reason}.").format(reason=reason))
    if shown.title is not None and plain(shown.title) != plain(sent.title):
        return Observation(
            Seen.ALTERED, _("The platform shows the title “{title}”.").format(title=shown.title)
        )
    if shown.html is None or not sent.html:
        return Observation(Seen.LIVE, _("The platform says that it is live."))
    if plain(shown.html) != plain(sent.html):
        return Observation(Seen.ALTERED, _("The platform shows another text than was sent."))
    return Observation(Seen.LIVE, _("The platform shows the text that was sent."))


def observe(page: Page, sent: Sent, row: DeliveryItem, *, is_new: bool) -> Observation:
    """Return what the answer of the public address means. ``is_new``: it may not be there yet."""
    if page.status in (404, 410):
        found = Seen.UNCLEAR if is_new and row.desired == Desired.LIVE else Seen.GONE
        return Observation(found, _("The page answers {status}.").format(status=page.status))
    if page.status != 200:
        answer = _("The page answers {status}.").format(status=page.status)
        return Observation(Seen.UNCLEAR, page.problem or answer)
    html, text = plain(sent.html), plain(page.html)
    if html and html in text:
        return Observation(Seen.LIVE, _("The page shows the text that was sent."))
    if plain(sent.title) in text or any(token in page.html for token in sent.tokens):
        words = _("The page shows the article, though not word for word as it was sent.")
        return Observation(Seen.UNCLEAR if row.desired == Desired.LIVE else Seen.LIVE, words)
    return Observation(Seen.UNCLEAR, _("The page answers, and the article is not on it."))


def sentence(account: Account, row: DeliveryItem, observed: Observation) -> str:
    """Return what a person reads about an observation that contradicts the item."""
    if row.desired == Desired.GONE:
        known = _("“{title}” is withdrawn, and {account} still shows it: {url} {words}")
    elif observed.found == Seen.GONE:
        known = _("“{title}” is no longer on {account}, though the hub did not take it down. {words}")
    else:
        known = _("“{title}” on {account} is no longer what was signed off. {words}")
    return known.format(title=row.release.title, account=account, words=observed.words, url=row.url).strip()


def unproved(account: Account, row: DeliveryItem, observed: Observation) -> str:
    """Return what a person reads when nothing proves that a withdrawn article is gone."""
    known = _(
        "“{title}” is withdrawn, and the hub cannot see whether {account} still shows it: look at {url}, "
        "have it taken down if it is there, then confirm it here. {words}"
    )
    return known.format(title=row.release.title, account=account, words=observed.words, url=row.url).strip()
