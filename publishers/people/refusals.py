"""Refusals that whoever asked may answer: ask again, and say so."""

import uuid

from cms.refusals import Refused


class PerhapsThere(Refused):
    """The article may be on the account already; who has looked there may ask again and say so."""


class Alike(Refused):
    """A text like it went to the account not long ago; who wants this one there, too, may say so.

    ``delivery_id`` is the earlier one's.
    """

    def __init__(self, sentence: str, *, delivery_id: uuid.UUID):
        super().__init__(sentence)
        self.delivery_id = delivery_id
