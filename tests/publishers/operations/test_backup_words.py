"""Whoever makes a backup is told what is not in it."""

import pytest
from cryptography.fernet import Fernet
from django.core.management import call_command

from tests.publishers.engine.conftest import ground, office

__all__ = ["ground", "office"]
pytestmark = pytest.mark.django_db(transaction=True)


def test_the_keys_are_to_be_kept_elsewhere_whatever_holds_them(office, settings, tmp_path, capsys):
    settings.CREDENTIAL_KEYS = []
    call_command("backup", str(tmp_path / "first"))
    assert "--keys" in (said := capsys.readouterr().out) and "HUB_CREDENTIAL_KEYS" not in said
    settings.CREDENTIAL_KEYS = [Fernet.generate_key().decode()]
    call_command("backup", str(tmp_path / "second"), keys=tmp_path / "keys")
    assert "--keys" not in (said := capsys.readouterr().out) and "HUB_CREDENTIAL_KEYS" in said
