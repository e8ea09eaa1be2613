"""The editor sees how every channel cuts a cover, and moves the point that all of them keep."""

import pytest

from cms.articles import Story
from cms.document.model import Focus
from cms.media.crops import crop
from tests.browser.fingers import drag_with_a_finger
from tests.factories import make_image, make_story

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SIZE = (1600, 900)


@pytest.fixture
def story(staff):
    cover = make_image(size=SIZE, collection=staff.office.collection)
    words = {"cover_alt": "夜校的窗", "cover_credit": "岭南女声 绘"}
    return make_story(staff.section, author=staff.editor, title="夜校的灯亮到九点半", cover=cover, **words)


@pytest.fixture
def editing(staff, story, enter, open_editor):
    return lambda width: open_editor(enter(staff.editor, width=width), story.pk)


def part_of(page, caption):
    """Return what the cut with this caption shows, in parts of the picture: left, top, right, bottom."""
    return page.evaluate(
        """(caption) => {
            const item = [...document.querySelectorAll('.hub-focus__crops li')]
                .find((each) => each.offsetParent && each.textContent.includes(caption));
            const frame = item.firstChild.getBoundingClientRect();
            const image = item.querySelector('img').getBoundingClientRect();
            return [
                (frame.left - image.left) / image.width, (frame.top - image.top) / image.height,
                (frame.right - image.left) / image.width, (frame.bottom - image.top) / image.height,
            ];
        }""",
        caption,
    )


def is_cut(page, shape, caption, x, y):
    box = crop(*SIZE, Focus(x=x, y=y), shape)
    wanted = (box.left, box.top, box.right, box.bottom)
    assert part_of(page, caption) == pytest.approx(wanted, abs=0.01)


@pytest.mark.parametrize("width", [1280, 390])
def test_pointer_keys_and_finger_move_the_point_and_every_cut_follows(editing, width):
    page = editing(width)
    point = page.get_by_role("button", name="焦点：拖动它").first
    point.scroll_into_view_if_needed()
    page.get_by_text("焦点在距左 50%、距上 50% 处").wait_for()
    is_cut(page, (940, 400), "2.35∶1", 500, 500)

    stage = page.locator(".hub-focus__stage").first
    box = stage.bounding_box()
    point.drag_to(stage, target_position={"x": box["width"] * 0.9, "y": box["height"] * 0.25})
    page.get_by_text("焦点在距左 90%、距上 25% 处").wait_for()
    is_cut(page, (940, 400), "2.35∶1", 900, 250)
    is_cut(page, (400, 400), "1∶1", 900, 250)

    point.focus()
    for _press in range(5):
        page.keyboard.press("ArrowLeft")
    page.get_by_text("焦点在距左 80%、距上 25% 处").wait_for()
    stage.click(position={"x": 1, "y": 1})
    page.get_by_text("焦点在距左 0%、距上").wait_for()

    box = stage.bounding_box()
    drag_with_a_finger(page, point, x=box["x"] + box["width"] / 2, y=box["y"] + box["height"] / 2)
    page.get_by_text("焦点在距左 50%、距上 50% 处").wait_for()
    page.get_by_role("button", name="恢复").first.click()
    assert page.locator("[name=cover_focus]").input_value() == ""


def test_a_channel_shows_another_part_of_the_same_cover(editing, story):
    page = editing(1280)
    page.get_by_role("tab", name="渠道稿").click()
    page.locator("#id_variants-ADD").click()
    page.locator("[name=variants-0-channel]").select_option("wechat")
    panel = page.locator("[data-inline-panel-child]").first
    panel.get_by_role("button", name="焦点：拖动它").focus()
    for _press in range(25):
        page.keyboard.press("ArrowRight")
    panel.get_by_text("焦点在距左 100%、距上 50% 处").wait_for()
    assert panel.locator(".hub-focus__crops li").all_inner_texts() == [
        "微信公众号 2.35∶1",
        "微信公众号 1∶1",
    ]
    page.get_by_text("已保存", exact=True).wait_for()
    variant = Story.objects.get().latest_revision.as_object().variants.get()
    assert variant.cover_focus == "1000,500"
