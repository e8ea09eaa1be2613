"""From a file on her desk to readers, as the people of an office do it in their browsers."""

import pytest
from django.core.management import call_command
from django.utils.translation import gettext as _

from cms.demo.documents import write_policy
from cms.models import Release
from publishers import accounts
from publishers.people.permissions import OPERATOR
from tests.browser.conftest import wait_until_saved, wait_until_watched

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TITLE = "岭南省妇女联合会关于建设女性求职服务驿站的通知"


@pytest.fixture
def account(staff, sandbox):
    """One WeChat account of the office on the sandbox."""
    sandbox.add_account("wechat", "wx-browser", "s3cret", "岭南女声")
    return accounts.add(
        office=staff.office,
        platform="wechat",
        name="岭南女声",
        base_url=sandbox.base_url("wechat"),
        credentials={"appid": "wx-browser", "secret": "s3cret"},
        by=OPERATOR,
    )


def import_a_file(page, staff, tmp_path):
    file = tmp_path / "通知.docx"
    write_policy(file)
    page.get_by_role("link", name=_("Import a text")).click()
    page.set_input_files("[name=file]", file)
    page.locator("[name=kind][value=policy]").check()
    page.locator("[name=section]").select_option(str(staff.section.pk))
    page.get_by_role("button", name=_("Import"), exact=True).click()
    page.wait_for_url("**/edit/")


def write_what_is_missing(page):
    wait_until_watched(page)
    assert page.locator("[name=title]").input_value() == TITLE
    assert page.locator("[name=document_number]").input_value() == "岭南妇字〔2026〕18号"
    page.locator("[name=digest]").fill("驿站在哪里、能办什么、怎么去，一页看懂。")
    for name in ("alt", "credit"):
        for field in page.locator(f"input[name^=original-][name$=-{name}]").all():
            field.fill("岭南女声 绘" if name == "credit" else "社区里的求职服务驿站")
    wait_until_saved(page)


def approve(page, label):
    page.get_by_role("link", name=TITLE).first.click()
    page.wait_for_url("**/edit/")
    page.get_by_role("button", name=label, exact=True).click()
    dialog = page.locator(".modal-content")
    dialog.get_by_role("button", name=label).click()
    dialog.wait_for(state="detached")
    page.close()  # an editor left open asks after a text that is no longer hers to see


def test_from_a_word_file_to_readers_and_to_wechat(staff, account, enter, live_server, tmp_path):
    page = enter(staff.editor)
    import_a_file(page, staff, tmp_path)
    write_what_is_missing(page)
    page.get_by_role("button", name="更多动作").click()
    page.get_by_role("button", name=_("Submit for review")).click()
    page.locator(".messages").wait_for()

    labels = [_("Approve"), _("Approve"), _("Approve and sign off")]
    for reviewer, label in zip(staff.reviewers, labels, strict=True):
        approve(enter(reviewer), label)
    release = Release.objects.get()

    reader = enter(staff.duty, width=390)
    reader.goto(f"{live_server.url}/a/{release.page_id}/")
    assert reader.get_by_role("heading", level=1).inner_text() == TITLE
    assert reader.get_by_text("12338").first.is_visible()

    duty = enter(staff.duty)
    duty.goto(f"{live_server.url}/admin/texts/")
    duty.get_by_label(TITLE).check()
    duty.get_by_role("button", name=_("Distribute what is chosen")).click()
    duty.get_by_label("岭南女声").check()
    duty.locator("#w-editor-form").get_by_role("button", name=_("Distribute")).click()
    duty.wait_for_url("**/admin/deliveries/")
    call_command("deliver", until_settled=True, timeout=60)
    duty.reload()
    with duty.expect_popup() as opened:
        duty.get_by_role("link", name=_("Read it there")).click()
    assert TITLE in opened.value.content()
