"""A database that answers and takes no writes is told as such, by whoever meets it."""

import os

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.urls import reverse

from publishers.operations import doctor
from tests.factories import make_office

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def read_only(monkeypatch, django_user_model):
    """A database that refuses each write, as a standby does; a person knows her password."""
    make_office("lingnan", name="岭南")
    django_user_model.objects.create_superuser("lin", "lin@example.org", "s3cret-enough")
    with monkeypatch.context() as patch:
        options = connection.settings_dict["OPTIONS"]
        if connection.vendor == "sqlite":
            patch.setitem(options, "init_command", f"{options['init_command']} PRAGMA query_only=ON;")
        else:
            said = f"{options.get('options', '')} -c default_transaction_read_only=on"
            patch.setitem(options, "options", said)
        connection.close()
        yield
    connection.close()


def test_a_page_that_writes_asks_to_come_again(client, read_only):
    client.raise_request_exception = False
    answer = client.post(
        reverse("wagtailadmin_login"), {"username": "lin", "password": "s3cret-enough", "next": "/admin/"}
    )
    assert answer.status_code == 503 and answer["Retry-After"]
    assert "暂时不能写入" in answer.content.decode()


def test_a_command_says_in_one_sentence_what_to_do(read_only):
    add = ["account", "add", "--office", "lingnan", "--platform", "wechat", "--name", "清溪女声"]
    add += ["--transport", "manual"]
    with pytest.raises(CommandError, match="HUB_DATABASE_URL") as refused:
        call_command(*add)
    assert "不能写入" in str(refused.value)


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="of SQLite the file is asked")
def test_a_standby_is_told_to_monitors_and_by_the_doctor(client, read_only):
    assert client.get("/readyz").json()["problems"]["database"] == "read only"
    assert "hub_database_up 0.0" in client.get("/metrics").content.decode()
    found = doctor.look_at("database")
    assert not found.well and "HUB_DATABASE_URL" in found.sentence


@pytest.mark.skipif("connection.vendor != 'sqlite' or os.geteuid() == 0", reason="root writes to each file")
def test_a_file_that_cannot_be_written_is_told(client):
    name = connection.settings_dict["NAME"]
    os.chmod(name, 0o444)
    try:
        assert doctor.look_at("database").told == {"database": "read only"}
    finally:
        os.chmod(name, 0o644)
