"""An approval: a statement in canonical JSON of who approved which text when, signed by the hub."""

import base64
import dataclasses
import datetime as dt
import json
from dataclasses import dataclass
from typing import Protocol

from cms import signing
from cms.document.model import canonical
from cms.models import Stage


class Stated(Protocol):
    """The state of a stage (``cms.review.state.ReviewState``), which imports this module."""

    pk: int
    workflow_state_id: int
    revision_id: int
    stage: int
    sha256: str
    statement: bytes
    key_id: str
    signature: bytes


@dataclass(frozen=True)
class Approval:
    """Names are copied in, so that it can be read when the people and offices are gone."""

    workflow_state: int
    task_state: int
    page_id: int
    revision_id: int
    stage: int
    user_id: int
    username: str
    name: str
    office_code: str  # whose reviewer the person is
    office_name: str
    stand_in: bool  # the page's own office had nobody left, one above it stood in
    at: str  # ISO 8601, UTC
    sha256: str  # of Document and variants (cms.releases.verification.text_sha256)

    @property
    def stage_label(self) -> str:
        return str(Stage(self.stage).label)

    @property
    def moment(self) -> dt.datetime:
        return dt.datetime.fromisoformat(self.at)

    def statement(self) -> bytes:
        """Return the bytes that the hub signs."""
        return canonical({"type": "approval", **dataclasses.asdict(self)})


def read_approval(state: Stated) -> Approval | None:
    """Return the approval that the state holds; None when it holds none that the hub signed for it."""
    statement = bytes(state.statement)
    if not statement or not signing.verify(state.key_id, statement, bytes(state.signature)):
        return None
    stated = json.loads(statement)
    if stated.pop("type") != "approval":
        return None
    approval = Approval(**stated)
    stated_of = (approval.workflow_state, approval.task_state, approval.revision_id, approval.stage)
    if stated_of != (state.workflow_state_id, state.pk, state.revision_id, state.stage):
        return None
    return approval if approval.sha256 == state.sha256 else None


def record(state: Stated) -> dict[str, object]:
    """Return the state's statement with its signature, as a Release keeps it."""
    return {
        **json.loads(bytes(state.statement)),
        "key_id": state.key_id,
        "signature": base64.b64encode(bytes(state.signature)).decode(),
    }
