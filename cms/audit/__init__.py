"""The audit trail: what people did, in Wagtail's own log. The door of the room."""

from cms.audit.office_log import name_of, record

__all__ = ["name_of", "record"]
