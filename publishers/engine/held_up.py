"""A withdrawal never waits as a publication does: what holds it up is a person's task at once.

The one place that decides so: each run of the engine ends here, and whatever stops an account lets its
withdrawals come to a run. The hub goes on trying beside her; whichever is first closes the task.
"""

import datetime as dt
from dataclasses import replace

from django.utils.translation import gettext as _

from publishers.engine.outcomes import SOON, RunOutcome
from publishers.models import Cause, Delivery, Phase, clock

#: What is over within this is not worth a person's way to a console.
PATIENCE = dt.timedelta(seconds=30)
#: How often it is tried where nobody says when: while the account is paused that costs no call; what was
#: refused costs one of few (WeChat: ten a day).
PAUSED, REFUSED = dt.timedelta(hours=1), dt.timedelta(days=1)
#: Here the sentence says already what a person does, and no call of the hub's can do it.
ASKED = (Cause.BY_HAND, Cause.UNCONFIRMED)


def instead(run_outcome: RunOutcome, delivery: Delivery) -> RunOutcome:
    """Return the outcome of a run that was to take something down: a person's task unless it is over soon.

    ``delivery`` is as the run found it: a task that is there already stays until the article is down.
    """
    if run_outcome.phase in (Phase.SETTLED, Phase.CANCELLED) or run_outcome.cause == Cause.WITHDRAWN:
        return run_outcome
    if delivery.phase != Phase.ATTENTION and _is_over_soon(run_outcome, delivery):
        return run_outcome
    task = replace(
        run_outcome,
        phase=Phase.ATTENTION,
        cause=run_outcome.cause or Cause.BY_HAND,
        after=_again(run_outcome),
        deadline_at=run_outcome.deadline_at or delivery.deadline_at or clock.now(delivery) + SOON,
    )
    return task if run_outcome.cause in ASKED else replace(task, reason=_reason(task, delivery))


def _is_over_soon(run_outcome: RunOutcome, delivery: Delivery) -> bool:
    if run_outcome.phase not in Delivery.OPEN:
        return False
    wait = run_outcome.after
    if run_outcome.at is not None:
        wait = run_outcome.at - clock.now(delivery)
    # Who asks again and again to wait a little is not over soon.
    return wait is not None and max(wait, dt.timedelta(seconds=run_outcome.put_off_s)) <= PATIENCE


def _again(run_outcome: RunOutcome) -> dt.timedelta | None:
    """Return after what time the hub tries once more; None where ``at`` says it, and where it does not."""
    if run_outcome.after is not None or run_outcome.at is not None:
        return run_outcome.after
    if run_outcome.phase == Phase.PAUSED:
        return PAUSED
    return None if run_outcome.cause in (*ASKED, Cause.FORGED) else REFUSED


def _reason(task: RunOutcome, delivery: Delivery) -> str:
    sentence = _("It is not down yet: delete it in the console of {account}, then confirm it here.")
    if task.after is not None or task.at is not None:
        sentence = _(
            "It is not down yet: delete it in the console of {account}, then confirm it here; the hub goes "
            "on trying meanwhile."
        )
    # The instruction first: the platform's words may be long.
    return f"{sentence.format(account=delivery.account)} {task.reason}".strip()
