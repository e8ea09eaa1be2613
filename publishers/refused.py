"""The error of the room's services."""


class Refused(Exception):
    """What was asked cannot be done now; the text is a sentence for the person who asked."""


class PerhapsThere(Refused):
    """The article may be on the account already; who has looked there may ask again and say so."""
