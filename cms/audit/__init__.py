"""The audit trail: what people did, in Wagtail's own log. The door of the room."""

from cms.audit.office_log import record

__all__ = ["record"]
