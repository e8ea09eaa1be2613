"""A hub with real parts: its web server, the sandbox, and worker processes on the same database."""

import pytest
from django.db import connection

from cms import signing
from tests.chaos.processes import Workers, environment
from tests.factories import make_office
from tests.sandbox.conftest import sandbox

__all__ = ["sandbox"]


@pytest.fixture(autouse=True)
def hub(transactional_db, live_server, settings, tmp_path_factory):
    """The hub's keys, and its address: that of the web server which platforms fetch pictures from."""
    settings.KEY_DIR, settings.PUBLIC_URL = tmp_path_factory.getbasetemp() / "keys", live_server.url
    signing.ensure_key()


@pytest.fixture
def office(hub):
    return make_office("lingnan", name="岭南省妇女联合会")


@pytest.fixture(scope="session")
def workers(django_db_setup, django_db_blocker, tmp_path_factory):
    with django_db_blocker.unblock():
        database = connection.settings_dict
    folder = tmp_path_factory.mktemp("workers")
    with Workers(environment(database, folder), folder / "errors") as started:
        yield started
