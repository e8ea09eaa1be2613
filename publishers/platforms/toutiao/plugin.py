"""Toutiao as a publisher: what it is, and its old article call for accounts with a contract."""

from collections.abc import Sequence

from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy

from cms.document.model import Document, VariantText
from publishers.interface import (
    API,
    FEED,
    MANUAL,
    PUSH,
    AccountSession,
    CredentialField,
    Grant,
    Job,
    Live,
    PictureRules,
    Platform,
    Publisher,
    Rendition,
)
from publishers.platforms.toutiao import legacy, oauth, render


class Toutiao(Publisher):
    platform = Platform(
        slug="toutiao",
        name=render.NAME,
        colour="#d43d3d",
        base_url=oauth.API_URL,
        limits=render.LIMITS,
        console="https://mp.toutiao.com/",
        credentials=(
            CredentialField("client_key", "client_key", secret=False),
            CredentialField("client_secret", "client_secret"),
            CredentialField("scope", gettext_lazy("Scopes that were granted"), secret=False, required=False),
            CredentialField(
                "consent",
                gettext_lazy("Kind of consent"),
                secret=False,
                required=False,
                choices=(
                    (oauth.OF_2017, gettext_lazy("Of 2017–18: ends, and is given again")),
                    (oauth.TODAY, gettext_lazy("Today's: renewed by the hub")),
                ),
            ),
        ),
        can_connect=True,
        # Section 5: a feed and a person first; the old call only with a paper.
        transports=(FEED, PUSH, MANUAL, API),
        contract=gettext_lazy(
            "Toutiao's written confirmation that its article call of 2017–18 still answers for this account."
        ),
        # The sheet names no shape of a cover; 3:2 is ours.
        pictures=PictureRules(covers=((900, 600),)),
        steps={"submit": gettext_lazy("Submit for publication")},
    )

    def render(self, document: Document, variant: VariantText, theme: str = "") -> Rendition:
        return render.render_toutiao(document, variant)

    def preview(self, rendition: Rendition, account_name: str) -> str:
        context = {"rendition": rendition, "account_name": account_name}
        return render_to_string("publishers/toutiao/preview.html", context)

    def check(self, account: AccountSession) -> frozenset[str]:
        oauth.check(account)
        return frozenset(self.platform.capabilities)

    def publish(self, job: Job) -> Sequence[Live]:
        return legacy.publish(job)

    def authorize_url(self, account: AccountSession, redirect_url: str, state: str, challenge: str) -> str:
        return oauth.authorize_url(account, redirect_url, state)

    def connected(self, account: AccountSession, code: str, redirect_url: str, verifier: str) -> Grant:
        return oauth.granted(account, code)
