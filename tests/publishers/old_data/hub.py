"""Run as a process of the old data's hub: says what it finds, does what its people do, and prints JSON."""

import json
import sys

import django

django.setup()

from django.contrib.auth import get_user_model  # noqa: E402
from django.db.models import Q  # noqa: E402
from django.utils import timezone  # noqa: E402
from wagtail.models import TaskState  # noqa: E402

from cms import releases, signing  # noqa: E402
from cms.articles import Article  # noqa: E402
from cms.models import Release, Withdrawal  # noqa: E402
from cms.releases import withdrawals  # noqa: E402
from cms.review import approval  # noqa: E402
from cms.review.state import ReviewState  # noqa: E402
from publishers import distribution, engine, registry  # noqa: E402
from publishers.accounts import credentials  # noqa: E402
from publishers.models import Account, Delivery, DeliveryItem, Phase, StoredRendition, Transport  # noqa: E402
from publishers.models.statements import rendition_statement, stored_payload_statement  # noqa: E402
from readers.models import Reading  # noqa: E402
from readers.snapshots import snapshots  # noqa: E402


def verified() -> dict:
    """Return [how many are genuine, how many there are] of everything that the hub signed."""
    approved = list(ReviewState.objects.filter(status=TaskState.STATUS_APPROVED))
    items = list(DeliveryItem.objects.filter(payload__isnull=False).prefetch_related("links"))
    stored = list(StoredRendition.objects.select_related("release"))
    return {
        "releases": _genuine(Release.objects.all(), releases.genuine),
        "readings": _genuine(Reading.objects.select_related("release"), snapshots.is_genuine),
        "withdrawals": _genuine(Withdrawal.objects.all(), withdrawals.is_genuine),
        "approvals": _genuine(approved, approval.read_approval),
        "payloads": _genuine(items, _is_payload),
        "renditions": _genuine(stored, _is_rendition),
        "credentials": _genuine(_with_credentials(), lambda row: credentials.readable(row.credentials)),
    }


def _genuine(rows, is_genuine) -> list[int]:
    rows = list(rows)
    return [sum(bool(is_genuine(row)) for row in rows), len(rows)]


def _with_credentials() -> list[Account]:
    """Return the accounts of which the platform asks any: what a person publishes needs none."""
    rows = Account.objects.exclude(transport=Transport.MANUAL)
    return [row for row in rows if registry.get(row.platform, row.transport).platform.credentials]


def _is_payload(row: DeliveryItem) -> bool:
    return signing.verify(row.payload_key_id, stored_payload_statement(row), bytes(row.payload_signature))


def _is_rendition(row: StoredRendition) -> bool:
    return signing.verify(row.key_id, rendition_statement(row.release, row), bytes(row.signature))


def articles() -> dict:
    """Return the pages that readers see, and those that were withdrawn."""
    withdrawn = set(Withdrawal.objects.values_list("page_id", flat=True))
    signed = set(Release.objects.values_list("page_id", flat=True))
    return {"public": sorted(signed - withdrawn), "withdrawn": sorted(withdrawn)}


def move_sandbox(url: str) -> None:
    """The platforms answer at another port now."""
    for account in Account.objects.all():
        account.base_url = f"{url}/{account.platform}"
        account.save(update_fields=["base_url"])


def finish_review() -> dict:
    """Let the stages approve that had not when the old hub ended; return the new Release."""
    state = ReviewState.objects.get(status=TaskState.STATUS_IN_PROGRESS)
    page = Article.__subclasses__()
    page = next(kind.objects.get(pk=state.page_id) for kind in page if kind.objects.filter(pk=state.page_id))
    for username in ("reviewer2", "reviewer3"):
        page.refresh_from_db()
        state = page.current_workflow_task_state.specific
        state.approve(user=get_user_model().objects.get(username=username))
    made = Release.objects.filter(page_id=page.pk).latest("number")
    return {"genuine": releases.genuine(made), "approvals": len(json.loads(bytes(made.approvals)))}


def under_way() -> dict:
    """Return, by id, what the old hub had begun or planned and not ended."""
    open_ones = Delivery.objects.filter(Q(phase=Phase.SENDING) | Q(phase=Phase.SCHEDULED))
    return {str(row.pk): row.phase for row in open_ones}


def go_on(ids: list[str]) -> dict:
    """Send what is planned now, run these deliveries to their ends; return their phases and addresses."""
    duty = get_user_model().objects.get(username="duty")
    for row in Delivery.objects.filter(pk__in=ids):
        if row.phase == Phase.SCHEDULED:
            distribution.reschedule(row, timezone.now(), by=duty)
    for _try in range(40):
        for delivery_id in ids:
            Delivery.objects.filter(pk=delivery_id, next_at__isnull=False).update(next_at=timezone.now())
            engine.run(Delivery.objects.get(pk=delivery_id).pk)
        if not Delivery.objects.filter(pk__in=ids, phase__in=Delivery.OPEN).exists():
            break
    rows = Delivery.objects.filter(pk__in=ids)
    return {str(row.pk): [row.phase, row.reason, row.items.get().url] for row in rows}


WORK = {work.__name__: work for work in (verified, articles, move_sandbox, finish_review, under_way, go_on)}
name, given = sys.argv[1], [json.loads(argument) for argument in sys.argv[2:]]
print(json.dumps(WORK[name](*given), ensure_ascii=False))
