"""Why a file is not taken."""


class Refused(Exception):
    """The file is not imported. ``sentence`` tells its sender why and what to do; nothing was left behind."""

    def __init__(self, sentence: str):
        super().__init__(sentence)
        self.sentence = sentence
