"""Whoever starts the hub for the first time is shown that something goes on."""

import io
import threading

from publishers.management.commands import setup


class Terminal(io.StringIO):
    """What was said, and an event for the first dot."""

    def __init__(self):
        super().__init__()
        self.dotted = threading.Event()

    def write(self, text):
        if text == ".":
            self.dotted.set()
        return super().write(text)


def test_what_takes_long_is_said_before_and_followed_by_dots(monkeypatch):
    monkeypatch.setattr(setup, "SIGN_OF_LIFE_S", 0.01)
    terminal = Terminal()
    with setup.Command(stdout=terminal)._doing("Preparing …"):
        assert terminal.getvalue().startswith("Preparing …")
        assert terminal.dotted.wait(60)
    assert terminal.getvalue().endswith(".\n")
