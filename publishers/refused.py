"""The error of the room's services."""


class Refused(Exception):
    """What was asked cannot be done now; the text is a sentence for the person who asked."""
