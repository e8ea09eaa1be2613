"""Making the stages and the three workflows."""

from django.db import transaction
from django.utils.translation import gettext, override
from wagtail.models import Workflow, WorkflowTask

from cms.models import STAGES_BY_COUNT, Stage
from cms.review.page import workflow_of
from cms.review.task import ReviewTask


@transaction.atomic
def ensure_workflows() -> None:
    """Make one task a stage and one workflow for two, three and four stages; again changes nothing."""
    with override("zh-hans"):  # the names stand in the database, which has one language
        tasks = {stage: _task(stage) for stage in Stage}
        for stages in STAGES_BY_COUNT.values():
            _ensure_workflow([tasks[stage] for stage in stages])


def _task(stage: Stage) -> ReviewTask:
    return ReviewTask.objects.update_or_create(stage=stage, defaults={"name": str(stage.label)})[0]


def _ensure_workflow(tasks: list[ReviewTask]) -> None:
    if workflow_of(len(tasks)):
        return
    workflow = Workflow.objects.create(name=gettext("Review in {count} stages").format(count=len(tasks)))
    for order, task in enumerate(tasks):
        WorkflowTask.objects.create(workflow=workflow, task=task, sort_order=order)
