"""What an editor sees of the platforms while she writes."""

import pytest

from tests.factories import make_image, make_story

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def editing(staff, enter, open_editor):
    cover = {"cover": make_image(), "cover_alt": "夜校的窗", "cover_credit": "岭南女声 绘"}
    story = make_story(staff.section, author=staff.editor, title="夜校的灯亮到九点半", **cover)
    return open_editor(enter(staff.editor), story.pk)


def test_a_title_that_is_too_long_for_wechat_says_by_how_much_while_it_is_typed(editing):
    editing.get_by_role("tab", name="渠道稿").click()
    editing.locator("#id_variants-ADD").click()
    editing.locator("[name=variants-0-channel]").select_option("wechat")
    editing.locator("[name=variants-0-title]").fill("题" * 35)
    editing.get_by_text("标题超出 3 个字（微信公众号上限 32 字）").wait_for()
    editing.locator("[name=variants-0-title]").fill("夜校的灯")
    editing.get_by_text("4/32 字").wait_for()


def test_a_title_longer_than_advised_is_said_and_still_accepted(editing):
    editing.get_by_role("tab", name="渠道稿").click()
    editing.locator("#id_variants-ADD").click()
    editing.locator("[name=variants-0-channel]").select_option("nanfang")
    title = editing.locator("[name=variants-0-title]")
    title.fill("题" * 31)
    editing.get_by_text("标题超过南方号的建议长度（30字），仍可使用。").wait_for()
    assert title.get_attribute("aria-invalid") is None
    title.fill("题" * 30)
    editing.get_by_text("30 字", exact=True).wait_for()


def test_the_phone_preview_shows_the_article_as_wechat_will_and_follows_each_change(editing):
    editing.get_by_role("button", name="预览开关").click()
    frame = editing.frame_locator("#w-preview-iframe")
    frame.get_by_text("夜校的灯亮到九点半").first.wait_for()
    editing.locator("select#id_preview_mode").select_option("wechat")
    frame.get_by_text("微信公众号", exact=True).wait_for()
    editing.locator("[name=title]").press_sequentially("今晚，")
    frame.get_by_text("今晚，夜校的灯亮到九点半").first.wait_for()


@pytest.mark.parametrize("width", [1280, 390])
def test_a_title_that_is_too_long_gets_shorter_forms_and_one_tap_takes_one(staff, enter, live_server, width):
    story = make_story(staff.section, author=staff.editor, title="夜校的灯亮到九点半")
    page = enter(staff.editor, width=width)
    page.goto(f"{live_server.url}/admin/pages/{story.pk}/edit/")
    page.get_by_role("tab", name="渠道稿").click()
    page.locator("#id_variants-ADD").click()
    page.locator("[name=variants-0-channel]").select_option("wechat")
    title = page.locator("[name=variants-0-title]")
    long = "夜校的灯亮到九点半：一间教室、四十位女工和她们每周三个晚上的账本与笑声（附报名表）"
    title.fill(long)
    offered = page.get_by_role("button", name="夜校的灯亮到九点半", exact=True)
    offered.wait_for()
    assert title.input_value() == long
    offered.click()
    assert title.input_value() == "夜校的灯亮到九点半"
    offered.wait_for(state="detached")


def test_the_length_of_what_is_sent_stands_beside_the_counters_and_follows_the_text(editing):
    length = editing.locator(".hub-lengths")
    length.get_by_text("/ 19,999 字符").wait_for()
    before = length.inner_text()
    editing.locator("[name=byline]").fill("编辑小林和她的四位同事")
    editing.locator("[name=source_name]").fill("岭南女声编辑部与夜校联合采写")
    editing.wait_for_function(
        "(said) => document.querySelector('.hub-lengths').innerText !== said", arg=before
    )
