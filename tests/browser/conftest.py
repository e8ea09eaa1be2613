"""A real browser against a real server, in Chinese. Skips with a reason where there is no browser."""

import os
from types import SimpleNamespace

import pytest

from cms import signing
from cms.models import Role
from cms.models.offices import Stage
from cms.review.setup import ensure_workflows
from tests.factories import make_office, make_section, make_user
from tests.publishers.engine.conftest import roots_survive_the_flush

__all__ = ["roots_survive_the_flush"]

# Playwright keeps an event loop in this thread, where Django would refuse the database.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
PASSWORD = "she-walks-at-dawn-42"
PATIENCE_MS = 60_000


@pytest.fixture
def staff(transactional_db, live_server, settings, tmp_path):
    """The people of one office, who can log in; the hub's addresses are the live server's."""
    settings.KEY_DIR, settings.PUBLIC_URL = tmp_path / "keys", live_server.url
    signing.ensure_key()
    ensure_workflows()
    office = make_office("lingnan", name="岭南省妇女联合会")

    def person(username, name, role, stage=None):
        user = make_user(username, office, role, stage, first_name=name)
        user.set_password(PASSWORD)
        user.save()
        return user

    return SimpleNamespace(
        office=office,
        section=make_section(office, title="政策解读"),
        editor=person("editor", "编辑小林", Role.AUTHOR),
        reviewers=[
            person("first", "初审老陈", Role.REVIEWER, Stage.FIRST),
            person("second", "复审老何", Role.REVIEWER, Stage.SECOND),
            person("final", "终审老罗", Role.REVIEWER, Stage.FINAL),
        ],
        duty=person("duty", "值班小周", Role.DUTY_EDITOR),
    )


@pytest.fixture
def enter(browser, live_server):
    """Return a function that logs a person in and gives her page; complaints in any console fail the test."""
    complaints: list[str] = []
    contexts = []

    def log_in(user, width=1280):
        context = browser.new_context(viewport={"width": width, "height": 900}, locale="zh-CN")
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.on(
            "response", lambda got: complaints.append(f"{got.status} {got.url}") if got.status > 399 else 0
        )
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"{live_server.url}/admin/login/")
        page.fill("[name=username]", user.username)
        page.fill("[name=password]", PASSWORD)
        page.get_by_role("button", name="登录").click()
        page.wait_for_url("**/admin/")
        return page

    yield log_in
    for context in contexts:
        context.close()
    assert not complaints, "\n".join(complaints)


@pytest.fixture
def open_editor(live_server):
    """Return a function that opens a page's editor and returns once Wagtail would see what is typed.

    Wagtail connects its form twice, and each connection takes a copy two seconds later of what it holds to be
    unchanged. What is typed before the last copy is no change to it.
    """

    def open_for(page, pk):
        page.add_init_script(
            """
            window.connected = 0;
            window.watching = 0;
            document.addEventListener("w-unsaved:ready", () => { window.connected += 1; });
            document.addEventListener("w-unsaved:watch-edits", () => { window.watching += 1; });
            """
        )
        page.goto(f"{live_server.url}/admin/pages/{pk}/edit/")
        page.wait_for_function("window.watching && window.watching === window.connected")
        return page

    return open_for
