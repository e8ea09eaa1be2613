"""Yidian as a publisher. Its article call is not known: "api" refuses until Yidian supplies a document."""

from collections.abc import Sequence

from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cms.document.model import Document, VariantText
from publishers.interface import (
    API,
    FEED,
    MANUAL,
    PUSH,
    AccountSession,
    CapabilityMissing,
    Job,
    Live,
    PictureRules,
    Platform,
    Publisher,
    Rendition,
)
from publishers.platforms.yidian import render


class Yidian(Publisher):
    platform = Platform(
        slug="yidian",
        name=render.NAME,
        colour="#5a55b8",
        base_url="",
        limits=render.LIMITS,
        console="https://mp.yidianzixun.com/",
        credentials=(),
        # Section 4: a feed or a person; "api" is a stub.
        transports=(FEED, MANUAL, PUSH, API),
        contract=gettext_lazy("Yidian's document that gives path and fields of its article call."),
        # What its cover call of 2018 took (section 1); the shape of a cover is ours.
        pictures=PictureRules(mimes=("image/jpeg", "image/png"), covers=((900, 600),)),
    )

    def render(self, document: Document, variant: VariantText, theme: str = "") -> Rendition:
        return render.render_yidian(document, variant)

    def preview(self, rendition: Rendition, account_name: str) -> str:
        context = {"rendition": rendition, "account_name": account_name}
        return render_to_string("publishers/yidian/preview.html", context)

    def check(self, account: AccountSession) -> frozenset[str]:
        """Refuse: a token would open nothing, since no article call is known (section 1)."""
        raise _not_known()

    def publish(self, job: Job) -> Sequence[Live]:
        raise _not_known()


def _not_known() -> CapabilityMissing:
    return CapabilityMissing(
        "publish",
        _(
            "Yidian's article call is not public: path and fields are not known until Yidian supplies its "
            "document. Choose another way for this account."
        ),
    )
