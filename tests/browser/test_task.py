"""A delivery by hand on a phone: what is copied is what was signed, wherever it is pasted."""

import pytest
from django.urls import reverse

from publishers import accounts, engine
from publishers.manual import handing
from publishers.models import Phase
from publishers.people.permissions import OPERATOR
from publishers.testing.documents import specimen
from publishers.testing.server import text_of
from readers.snapshots import snapshots
from tests.publishers.engine.cast import send, signed_release
from tests.publishers.exports.test_package import pictures

__all__ = ["pictures"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def task(staff, pictures):
    account = accounts.add(
        office=staff.office,
        platform="netease",
        name="岭南女声",
        credentials={},
        transport="manual",
        by=OPERATOR,
    )
    release = signed_release(7, document=specimen(pictures))
    snapshots.make(release, staff.section.pk)  # its pictures are public
    delivery = send(release, account=account)
    assert engine.run(delivery.pk) == Phase.ATTENTION
    delivery.refresh_from_db()
    return delivery


def opened(enter, live_server, user, task):
    page = enter(user, width=390)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{live_server.url}{reverse('hub_delivery', args=[task.pk])}")
    return page


def button(page, name):
    return (
        page.locator(".hub-handed__field")
        .filter(has=page.get_by_text(name, exact=True))
        .get_by_role("button")
    )


CLIPBOARD = """async () => {
  const [item] = await navigator.clipboard.read();
  const read = async type => [type, await (await item.getType(type)).text()];
  return Object.fromEntries(await Promise.all(item.types.map(read)));
}"""


def test_one_tap_copies_each_text_and_the_body_with_its_markup(task, staff, enter, live_server):
    page = opened(enter, live_server, staff.duty, task)
    [each] = handing.handed(task)
    for name, value in (
        ("标题", "title"),
        ("摘要", "digest"),
        ("作者", "author"),
        ("原文链接", "source_url"),
    ):
        button(page, name).click()
        page.get_by_role("status").get_by_text(f"{name}：已复制").wait_for(state="attached")
        assert page.evaluate(CLIPBOARD)["text/plain"] == each.payload[value]
    button(page, "正文").click()
    page.get_by_role("status").get_by_text("正文：已复制").wait_for(state="attached")
    copied = page.evaluate(CLIPBOARD)
    assert text_of(copied["text/html"]) == text_of(each.payload["html"]) and "<table" in copied["text/html"]
    assert each.payload["pictures"][0]["url"] in copied["text/html"]
    assert "1. 带上户口本" in copied["text/plain"] and "<" not in copied["text/plain"]


def test_without_a_clipboard_the_text_is_copied_the_old_way(task, staff, enter, live_server):
    page = opened(enter, live_server, staff.duty, task)
    page.evaluate("() => Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    button(page, "标题").click()
    page.get_by_role("status").get_by_text("标题：已复制").wait_for(state="attached")
    assert page.evaluate("() => getSelection().toString()") == "家庭教育促进办法解读"
    button(page, "正文").click()
    page.get_by_role("status").get_by_text("正文：已复制").wait_for(state="attached")
    assert "带上户口本" in page.frame_locator(".hub-handed__body").locator("body").evaluate(
        "() => getSelection().toString()"
    )


def test_on_a_phone_nothing_is_cut_off_and_the_task_is_finished_there(task, staff, enter, live_server):
    page = opened(enter, live_server, staff.duty, task)
    body = page.frame_locator(".hub-handed__body").locator("body")
    body.locator("img").first.wait_for()
    assert body.evaluate("body => body.scrollWidth <= body.clientWidth")
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 390
    for each in page.locator(".hub-handed__field button").all():
        box = each.bounding_box()
        assert box["height"] >= 44 and box["x"] >= 0 and box["x"] + box["width"] <= 390
    with page.expect_download() as download:
        page.get_by_role("link", name="下载发布包").click()
    assert download.value.suggested_filename.startswith("家庭教育促进办法解读-")
    page.get_by_label("文章网址").fill("https://www.163.com/dy/article/1.html")
    page.get_by_role("button", name="文章已发布在这个网址").click()
    page.get_by_text("已以您的名义记录").first.wait_for()
    task.refresh_from_db()
    assert task.phase == Phase.SETTLED
