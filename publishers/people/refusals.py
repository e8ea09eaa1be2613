"""The errors of the room's services."""

import uuid


class Refused(Exception):
    """What was asked cannot be done now; the text is a sentence for the person who asked."""


class PerhapsThere(Refused):
    """The article may be on the account already; who has looked there may ask again and say so."""


class Alike(Refused):
    """A text like it went to the account not long ago; who wants this one there, too, may say so.

    ``delivery_id`` is the earlier one's.
    """

    def __init__(self, sentence: str, *, delivery_id: uuid.UUID):
        super().__init__(sentence)
        self.delivery_id = delivery_id
