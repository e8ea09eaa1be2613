"""Withdrawal: taking an article from its readers, everywhere at once, by one signed decision.

A mistake at nine in the evening cannot wait for three reviewers, so one duty editor decides, with a reason
that stays. What is shown again afterwards is another text, and goes through review.
"""

import datetime as dt

from django.contrib.auth.models import AbstractUser
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.dispatch import Signal
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.actions.unpublish_page import UnpublishPageAction
from wagtail.log_actions import log
from wagtail.models import Page

from cms import signing
from cms.document.model import canonical
from cms.models import Membership, Office, Release, Role, Withdrawal, name_of
from cms.refusals import Refused
from cms.review.decisions import lock_page

# Sent inside the transaction, kwargs ``withdrawal`` and ``user``: what receivers write belongs to it.
release_withdrawn = Signal()
PLAIN = ("page_id", "number", "title", "office_code", "office_name", "by_id", "by_name", "reason", "notice")


def may_withdraw(user: AbstractUser, page: Page) -> bool:
    """Return whether the person is a duty editor of the page's office or of one above it."""
    try:
        chain = Office.of_page(page).chain()
    except Office.DoesNotExist:
        chain = [Office.get_first_root_node()]
    duties = Membership.objects.filter(user_id=user.pk, role=Role.DUTY_EDITOR, office__in=chain)
    return user.is_active and duties.exists()


@transaction.atomic
def withdraw(page: Page, *, reason: str, notice: str = "", by: AbstractUser) -> Withdrawal:
    """Take the page's article down: readers see a notice at once, receivers see to the platforms.

    ``reason`` is for the desk, ``notice`` for readers. Raises PermissionDenied; Refused without a reason, or
    when nothing of the page is signed off that is not withdrawn already.
    """
    if not may_withdraw(by, page):
        raise PermissionDenied(_("Only a duty editor of the article's office withdraws it."))
    if not reason.strip():
        raise Refused(_("Say why the article is withdrawn."))
    page = lock_page(page.pk)
    release = Release.objects.filter(page_id=page.pk).order_by("-number").first()
    if release is None or of_release(release) is not None:
        raise Refused(_("There is nothing to withdraw: no text of this page is public or on its way."))
    withdrawal = _signed(_withdrawal(release, reason.strip(), notice.strip(), by))
    withdrawal.save(force_insert=True)
    release_withdrawn.send(sender=Withdrawal, withdrawal=withdrawal, user=by)
    log(page.specific, "hub.withdraw", user=by, title=release.title, data={"reason": withdrawal.reason})
    if page.live:
        UnpublishPageAction(page.specific, user=by).execute(skip_permission_checks=True)
    return withdrawal


def of_release(release: Release) -> Withdrawal | None:
    """Return the withdrawal that took the Release down; None when it stands."""
    return Withdrawal.objects.filter(page_id=release.page_id, number__gte=release.number).first()


def takes_down(release: str) -> Exists:
    """Return the condition that a withdrawal took down the Release that is called ``release`` in a query."""
    return Exists(
        Withdrawal.objects.filter(
            page_id=OuterRef(f"{release}__page_id"), number__gte=OuterRef(f"{release}__number")
        )
    )


def of_page(page_id: int) -> Withdrawal | None:
    """Return the genuine withdrawal that readers of the page's address are told about; None when none.

    They are told until a text that was signed off after it is public, or was.
    """
    found = Withdrawal.objects.filter(page_id=page_id).order_by("-number").first()
    if found is None or not is_genuine(found):
        return None
    later = Release.objects.filter(page_id=page_id, number__gt=found.number)
    return None if later.filter(public_from__lte=timezone.now()).exists() else found


def is_genuine(withdrawal: Withdrawal) -> bool:
    """Return whether the hub signed this withdrawal."""
    return signing.verify(withdrawal.key_id, statement(withdrawal), bytes(withdrawal.signature))


def statement(withdrawal: Withdrawal) -> bytes:
    """Return the bytes that the hub signs."""
    facts = {name: getattr(withdrawal, name) for name in PLAIN}
    at = withdrawal.at.astimezone(dt.UTC).isoformat()
    return canonical({"type": "withdrawal", "id": str(withdrawal.pk), "at": at, **facts})


def _withdrawal(release: Release, reason: str, notice: str, by: AbstractUser) -> Withdrawal:
    return Withdrawal(
        page_id=release.page_id,
        number=release.number,
        title=release.title,
        office_code=release.office_code,
        office_name=release.office_name,
        at=timezone.now(),
        by_id=by.pk,
        by_name=name_of(by),
        reason=reason,
        notice=notice,
    )


def _signed(withdrawal: Withdrawal) -> Withdrawal:
    withdrawal.key_id, withdrawal.signature = signing.sign(statement(withdrawal))
    return withdrawal
