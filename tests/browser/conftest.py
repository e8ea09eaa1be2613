"""A real browser against a real server, in Chinese. Skips with a reason where there is no browser."""

from types import SimpleNamespace

import pytest

from cms import signing
from cms.models import Role, Stage
from cms.review.setup import ensure_workflows
from tests.factories import make_office, make_section, make_user

PASSWORD = "she-walks-at-dawn-42"
PATIENCE_MS = 60_000
# What Wagtail's editor says of its form: connected, watched (anew after each saving), changed, saved.
NOTE_EDITS = """
window.connected = window.watching = 0;
document.addEventListener("w-unsaved:ready", () => { window.connected += 1; });
document.addEventListener("w-unsaved:watch-edits", () => { window.watching += 1; });
document.addEventListener("w-unsaved:add", () => { window.unsaved = true; });
document.addEventListener("w-unsaved:clear", () => { window.unsaved = false; });
"""


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

    def log_in(user, width=1280, scripts=True):
        context = browser.new_context(
            viewport={"width": width, "height": 900}, locale="zh-CN", java_script_enabled=scripts
        )
        contexts.append(context)
        context.add_init_script(NOTE_EDITS)
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
    """Return a function that opens a page's editor and returns once Wagtail would see what is typed."""

    def open_for(page, pk):
        page.goto(f"{live_server.url}/admin/pages/{pk}/edit/")
        wait_until_watched(page)
        return page

    return open_for


def wait_until_watched(page):
    """Return once Wagtail has taken its last copy of what it holds to be unchanged.

    It connects its form twice, and each connection takes its copy two seconds later. What is typed before
    is no change to it.
    """
    page.wait_for_function("window.watching && window.watching === window.connected")


def wait_until_saved(page):
    """Return once what was typed is saved by itself: a saving that comes after a submission is refused."""
    page.wait_for_function("window.watching > window.connected && !window.unsaved")
