"""The workflow's end. Apart from ``cms.signoff``, because Wagtail imports it before any model exists."""


def finish_workflow(workflow_state, user=None) -> None:
    """Sign off the text whose review has ended (setting WAGTAIL_FINISH_WORKFLOW_ACTION)."""
    from cms.signoff import sign_off

    sign_off(workflow_state, user)
