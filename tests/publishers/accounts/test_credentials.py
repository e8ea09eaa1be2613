"""Accounts' secrets are stored encrypted, with keys that rotate, and are never shown."""

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured

from publishers import feeds
from publishers.accounts import consents, credentials, tokens
from publishers.interface import Grant
from publishers.models import Account
from tests.factories import make_office


def test_what_is_encrypted_can_be_decrypted_and_does_not_show_inside():
    encrypted = credentials.encrypt({"appid": "wx1", "secret": "hidden"})
    assert b"hidden" not in encrypted
    assert dict(credentials.decrypt(encrypted)) == {"appid": "wx1", "secret": "hidden"}


def test_credentials_show_their_names_only():
    shown = credentials.decrypt(credentials.encrypt({"secret": "hidden"}))
    assert repr(shown) == str(shown) == f"{shown}" == "Secrets(secret=***)"


def test_a_key_file_is_made_at_first_use_for_its_owner_only(settings, tmp_path):
    settings.CREDENTIAL_KEYS, settings.KEY_DIR = [], tmp_path / "keys"
    encrypted = credentials.encrypt({"secret": "hidden"})
    assert (tmp_path / "keys" / "credentials.key").stat().st_mode & 0o777 == 0o600
    assert credentials.decrypt(encrypted)["secret"] == "hidden"


def test_old_keys_still_read_and_the_newest_writes(settings):
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    settings.CREDENTIAL_KEYS = [old]
    by_old = credentials.encrypt_text("hidden")
    settings.CREDENTIAL_KEYS = [new, old]
    assert credentials.decrypt_text(by_old) == "hidden"
    by_new = credentials.encrypt_text("hidden")
    settings.CREDENTIAL_KEYS = [new]
    assert credentials.decrypt_text(by_new) == "hidden"
    with pytest.raises(credentials.Unreadable):
        credentials.decrypt_text(by_old)


@pytest.mark.django_db
def test_after_a_rotation_nothing_that_is_stored_needs_the_old_key(settings):
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    settings.CREDENTIAL_KEYS = [old]
    encrypted = credentials.encrypt({"secret": "hidden"})
    account = Account.objects.create(
        office=make_office(), platform="penguin", name="岭南女声", credentials=encrypted
    )
    tokens.put(account, "a-token", 7200)
    consents.replace(account, Grant("openid", "a-refresh-token"), by_name="周明")
    address = feeds.address_of(account)
    settings.CREDENTIAL_KEYS = [new, old]
    assert credentials.rotate() == len(credentials.ENCRYPTED)
    settings.CREDENTIAL_KEYS = [new]
    account.refresh_from_db()
    assert credentials.decrypt(account.credentials)["secret"] == "hidden"
    assert tokens.token(account, lambda: ("another", 1)) == "a-token"
    assert consents.grant_of(consents.of(account)).refresh_token == "a-refresh-token"
    assert feeds.address_of(account) == address


def test_a_wrong_key_is_said_without_showing_it(settings):
    settings.CREDENTIAL_KEYS = ["no-fernet-key"]
    with pytest.raises(ImproperlyConfigured) as error:
        credentials.encrypt_text("hidden")
    assert "no-fernet-key" not in str(error.value)
