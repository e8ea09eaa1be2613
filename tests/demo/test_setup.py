"""Whoever starts the hub for the first time is shown that something goes on."""

import io
import socket
import threading

import pytest
from django.core.management import CommandError

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


@pytest.mark.parametrize(("name", "setting"), [("HUB_BIND", "BIND"), ("HUB_SANDBOX_PORT", "SANDBOX_BIND")])
def test_whichever_address_is_taken_its_variable_is_named(settings, name, setting):
    settings.BIND = settings.SANDBOX_BIND = "127.0.0.1:0"
    setup._require_free()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        setattr(settings, setting, f"127.0.0.1:{taken.getsockname()[1]}")
        with pytest.raises(CommandError, match=name):
            setup._require_free()


def test_what_takes_long_is_said_before_and_followed_by_dots(monkeypatch):
    monkeypatch.setattr(setup, "SIGN_OF_LIFE_S", 0.01)
    terminal = Terminal()
    with setup.Command(stdout=terminal)._doing("Preparing …"):
        assert terminal.getvalue().startswith("Preparing …")
        assert terminal.dotted.wait(60)
    assert terminal.getvalue().endswith(".\n")
