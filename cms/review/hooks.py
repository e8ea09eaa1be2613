"""What the review adds to Wagtail's editor: its buttons, and refusals in plain words."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail import hooks
from wagtail.admin import messages
from wagtail.admin.action_menu import (
    ActionMenuItem,
    CancelWorkflowMenuItem,
    SubmitForModerationMenuItem,
)
from wagtail.admin.ui.components import Component
from wagtail.log_actions import LogActionRegistry
from wagtail.models import Page

from cms.models import Release, Stage, name_of
from cms.review.delete_protection import refusal_to_delete
from cms.review.home import AwaitingPanel, SubmittedPanel
from cms.review.page import Reviewed

# A template's context, which holds anything.
Context = Mapping[str, Any]


class DecideMenuItem(ActionMenuItem):
    """Approve or send back, in the editor of a text that is locked for everybody."""

    template_name = "cms/review/decide_menu_item.html"

    def __init__(self, name: str, label: str, order: int):
        super().__init__(order)
        self.name, self.label = name, label
        self.icon_name = "success" if name == "approve" else "cross"

    def get_url(self, context: Context) -> str:
        page = context["page"]
        state = page.current_workflow_task_state
        return reverse("wagtailadmin_pages:workflow_action", args=[page.pk, self.name, state.pk])

    def get_context_data(self, parent_context: Context) -> Context:
        # Wagtail's editor opens dialogs that save the form first; these are the dashboard's, which do not.
        return {**super().get_context_data(parent_context), "first": self.order == 0}


class SubmitMenuItem(SubmitForModerationMenuItem):
    label = gettext_lazy("Submit for review")

    def get_context_data(self, parent_context: Context) -> Context:
        # Wagtail names the stage that sent the text back; it begins at the first one here.
        return {**super().get_context_data(parent_context), "label": self.label}


class TakeBackMenuItem(CancelWorkflowMenuItem):
    label = gettext_lazy("Take back")


REPLACED = {SubmitForModerationMenuItem: SubmitMenuItem, CancelWorkflowMenuItem: TakeBackMenuItem}


@hooks.register("construct_page_action_menu")
def offer_the_review(menu_items: list[ActionMenuItem], request: HttpRequest, context: Context) -> None:
    """Put the reviewer's decisions first; leave out what the review does not do."""
    page = context.get("page")
    if not isinstance(page, Reviewed):
        return
    task = page.current_workflow_task
    decisions = task.get_actions(page, request.user) if task else []
    unwanted = {"action-publish", "action-restart-workflow"}
    if decisions:
        unwanted.add("action-page-locked")
    kept = [item for item in menu_items if item.name not in unwanted]
    menu_items[:] = [
        *(DecideMenuItem(name, label, order) for order, (name, label, _modal) in enumerate(decisions)),
        *(REPLACED[type(item)](item.order) if type(item) in REPLACED else item for item in kept),
    ]


@hooks.register("construct_homepage_panels")
def show_reviews(request: HttpRequest, panels: list[Component]) -> None:
    """Put our two panels in the places of Wagtail's."""
    ours: list[Component] = [AwaitingPanel(), SubmittedPanel()]
    replaced = {panel.name for panel in ours}
    panels[:] = [*ours, *(panel for panel in panels if getattr(panel, "name", None) not in replaced)]


@hooks.register("insert_global_admin_css")
def add_styles() -> SafeString:
    return format_html('<link rel="stylesheet" href="{}">', static("cms/review.css"))


@hooks.register("before_edit_page")
def say_why_it_was_sent_back(request: HttpRequest, page: Page) -> None:
    """Above the editor, where its author begins; Wagtail has it in a panel that is closed."""
    run = page.current_workflow_state if isinstance(page, Reviewed) and request.method == "GET" else None
    if run and run.status == run.STATUS_NEEDS_CHANGES:
        state = run.current_task_state.specific
        by = name_of(state.finished_by) if state.finished_by else _("somebody who has left")
        said = {"stage": Stage(state.stage).label, "by": by, "reason": state.comment}
        messages.warning(request, _("Sent back at the stage “{stage}” by {by}: {reason}").format(**said))


@hooks.register("before_publish_page")
def refuse_publishing(request: HttpRequest, page: Page) -> HttpResponse | None:
    """Creating and publishing in one go: the page is made, as a draft."""
    if not isinstance(page, Reviewed):
        return None
    if not Release.objects.filter(page_id=page.pk).exists():
        # Wagtail has saved it as live already, since that comes next.
        Page.objects.filter(pk=page.pk).update(live=False)
    messages.warning(request, _("Saved as a draft. An article is published by its last reviewer's sign-off."))
    return redirect("wagtailadmin_pages:edit", page.pk)


@hooks.register("before_delete_page")
def refuse_deleting(request: HttpRequest, page: Page) -> HttpResponse | None:
    if refusal := refusal_to_delete(page):
        messages.error(request, refusal)
        return redirect("wagtailadmin_explore", page.get_parent().pk)
    return None


@hooks.register("register_log_actions")
def name_withdrawal(actions: LogActionRegistry) -> None:
    actions.register_action(
        "hub.withdraw", gettext_lazy("Withdraw an article"), gettext_lazy("Article withdrawn")
    )
