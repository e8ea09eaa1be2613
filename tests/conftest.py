"""Fixtures for every room."""

import os
import shutil
from types import SimpleNamespace

import pytest
from django.core.cache import cache
from django.test import Client, override_settings
from playwright.sync_api import Error, sync_playwright

from cms.models import Role, Stage
from config.celery import app
from sandbox.testing import start_sandbox
from tests.databases import (
    django_db_keepdb,
    django_db_modify_db_settings,
    django_db_setup,
    migrated,
    migrated_file,
)
from tests.factories import make_office, make_section, make_user

__all__ = [
    "django_db_keepdb",
    "django_db_modify_db_settings",
    "django_db_setup",
    "migrated",
    "migrated_file",
]
pytest_plugins = ["publishers.testing.report", "tests.elsewhere"]
# A distribution of its own, with tests of its own: tests/plugins installs it.
collect_ignore = ["sample_publisher"]
# Playwright keeps an event loop in this thread, where Django would refuse the database.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@pytest.fixture(scope="session")
def browser():
    """The one browser of this process: Playwright cannot be started twice in it."""
    with sync_playwright() as playwright:
        try:
            started = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        except Error as error:
            pytest.skip(f"no browser can be started: {error.message.splitlines()[0]}")
        yield started
        started.close()


@pytest.fixture(scope="session")
def sandbox_process():
    """The one sandbox of this process; whoever uses it empties it first."""
    with start_sandbox() as started:
        yield started


@pytest.fixture
def sandbox(sandbox_process):
    """The sandbox as it starts: no account but the shipped ones, no fault, and its clock is right."""
    sandbox_process.reset(accounts=True)
    return sandbox_process


@pytest.fixture(autouse=True, scope="session")
def nobody_listens():
    """Keep wake-up calls of this process in memory: tests run the engine, or start a worker, themselves."""
    app.conf.update(broker_url="memory://", broker_transport_options={})


@pytest.fixture(autouse=True, scope="session")
def quick_passwords():
    """Hash passwords in no time: a million rounds for each person who logs in show nothing."""
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


@pytest.fixture(autouse=True)
def media(tmp_path, settings):
    """Give each test its own place for uploads; Wagtail remembers thumbnails by a number that comes again."""
    cache.clear()
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


@pytest.fixture
def cast(db):
    """One office with a section and everybody who works on a text, and a stranger."""
    office = make_office("province", name="广东省妇联")

    def person(username, role, stage=None):
        return make_user(username, office, role, stage)

    return SimpleNamespace(
        office=office,
        section=make_section(office, title="女性故事"),
        editor=person("editor", Role.AUTHOR),
        reviewer1=person("reviewer1", Role.REVIEWER, Stage.FIRST),
        reviewer2=person("reviewer2", Role.REVIEWER, Stage.SECOND),
        reviewer3=person("reviewer3", Role.REVIEWER, Stage.FINAL),
        duty=person("duty", Role.DUTY_EDITOR),
        liaison=person("liaison", Role.LIAISON),
        admin=make_user("admin", is_superuser=True, is_staff=True),
        stranger=make_user("stranger"),
    )


@pytest.fixture
def admin(cast) -> Client:
    """The superuser at the desk."""
    client = Client()
    client.force_login(cast.admin)
    return client
