"""What production must not keep of a trial is named before it starts."""

import pytest
from django.db import connection

from cms import signing, system_checks


@pytest.fixture
def production(settings):
    settings.PRODUCTION, settings.PRIVATE_HOSTS_ALLOWED = True, []
    return settings


def told() -> set[str | None]:
    return {each.id for each in system_checks.production_is_not_a_trial()} - {"cms.W001"}


@pytest.mark.django_db
def test_production_on_sqlite_is_named(production):
    named = {each.id for each in system_checks.production_is_not_a_trial()}
    assert ("cms.W001" in named) == (connection.vendor == "sqlite")


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("EMAIL_BACKEND", "django.core.mail.backends.console.EmailBackend", "cms.W002"),
        ("PRIVATE_HOSTS_ALLOWED", ["127.0.0.1"], "cms.W003"),
    ],
)
def test_what_is_for_a_trial_only_is_named_in_production(production, name, value, problem):
    assert told() == set()
    setattr(production, name, value)
    assert told() == {problem}
    production.PRODUCTION = False
    assert told() == set()


def test_a_key_that_was_there_is_put_back_and_the_first_one_made(settings, tmp_path):
    settings.KEY_DIR = tmp_path
    [missing] = system_checks.signing_key_is_there()
    assert "bootstrap" in missing.hint
    signing.ensure_key()
    signing.key_file().unlink()
    [lost] = system_checks.signing_key_is_there()
    assert str(signing.key_file()) in lost.hint and "bootstrap" not in lost.hint
