"""What a plugin implements."""

import datetime as dt
from collections.abc import Mapping, Sequence

from cms.document.model import Document, VariantText
from publishers.interface.declared import Json, Platform, Rendition
from publishers.interface.handed import AccountSession, Figure, Grant, Incoming, Job, Live, Received, Shown

#: Of what a plugin is promised. It rises when something is added that a plugin may need.
VERSION = 1


class Publisher:
    """A platform. Subclass it, set ``platform``, and implement what the platform can do.

    ``interface`` is the VERSION that the plugin needs; a hub that has an earlier one does without it.
    """

    platform: Platform
    interface: int = 1

    def count(self, text: str) -> int:
        """Return the length of ``text`` as the platform counts it. Default: characters."""
        return len(text)

    def render(self, document: Document, variant: VariantText, theme: str = "") -> Rendition:
        """Return the article as the platform accepts it. Pure: no network, clock or database.

        ``theme`` is one of ``platform.themes``; empty: the first one.

        Raises Rejected when the article cannot be expressed there (a title over the limit is never cut).
        """
        raise NotImplementedError

    def body_length(self, document: Document, variant: VariantText, theme: str = "") -> int | None:
        """Return what counts against ``limits.body_chars`` when that is not the text; None: it is. Pure.

        ``theme`` as in ``render``.
        """
        return None

    def preview(self, rendition: Rendition, account_name: str) -> str:
        """Return a whole HTML page that shows ``rendition`` soberly as the platform's reading page would.

        Placeholders stay as they are; the caller fills them.
        """
        raise NotImplementedError

    def wrong_credentials(self, credentials: Mapping[str, str]) -> Mapping[str, str]:
        """Return what is wrong with an account's credentials, a sentence by the name of each. Pure.

        Asked when they are given: what does not fit each other is said then, not at the first message.
        """
        return {}

    def check(self, account: AccountSession) -> frozenset[str]:
        """Probe the account and return its capabilities; changes nothing on the platform.

        Raises CredentialsInvalid, Retry, QuotaExceeded, PermanentError.
        """
        raise NotImplementedError

    def publish(self, job: Job) -> Sequence[Live]:
        """Bring all items live and return one Live per item, in order.

        Runs from the top each time, as straight code; finished steps cost nothing. May be killed anywhere.
        """
        raise NotImplementedError

    def correct(self, job: Job) -> Sequence[Live]:
        """Bring what is live up to date. Called only when ``platform.can_correct``."""
        raise NotImplementedError

    def withdraw(self, job: Job) -> None:
        """Take every item down. Called only when ``platform.can_withdraw``."""
        raise NotImplementedError

    def look(self, job: Job) -> Sequence[Shown | None]:
        """Ask what has become of each item, in order; changes nothing. Called only when ``can_look``.

        None where the platform cannot tell. Of ``job`` there are account, items, generation, ``heard`` and
        ``withdrawing``: whether they were taken down; then ``heard`` tells only what was said since.

        Raises QuotaExceeded, Retry, CredentialsInvalid, CapabilityMissing, PermanentError.
        """
        raise NotImplementedError

    def figures(self, account: AccountSession, published_on: dt.date) -> Sequence[Figure]:
        """Return what the platform knows of the articles published on that day; only when ``figure_days``.

        Raises Retry when they are not ready yet, QuotaExceeded, CapabilityMissing, CredentialsInvalid.
        """
        raise NotImplementedError

    def receive(self, account: AccountSession, incoming: Incoming) -> Received:
        """Verify what came in at the account's callback address, and read it; only when ``can_receive``.

        Makes no call and takes milliseconds: the platform waits. Raises NotGenuine, Malformed.
        """
        raise NotImplementedError

    def needs_consent(self, credentials: Mapping[str, str]) -> bool:
        """Return whether an account with these credentials is one that a person connects; if ``can_connect``.

        For platforms that have accounts of both kinds. Pure.
        """
        return True

    def authorize_url(self, account: AccountSession, redirect_url: str, state: str, challenge: str) -> str:
        """Return where a person consents; only when ``can_connect``.

        ``challenge`` is PKCE's (RFC 7636, S256), for platforms that know it.
        """
        raise NotImplementedError

    def connected(self, account: AccountSession, code: str, redirect_url: str, verifier: str) -> Grant:
        """Exchange the code of the consent for a grant. Raises CredentialsInvalid, Retry, PermanentError."""
        raise NotImplementedError

    def sent(self, payload: Mapping[str, Json]) -> tuple[str, str]:
        """Return title and HTML as they went out in ``payload``, to compare with what ``look`` shows."""
        return str(payload.get("title", "")), str(payload.get("content", ""))
