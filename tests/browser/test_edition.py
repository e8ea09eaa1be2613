"""An edition is put together by hand: added, dragged into its order, sent."""

import pytest
from django.core.management import call_command
from django.urls import reverse

from publishers import accounts
from publishers.people.permissions import OPERATOR
from tests.browser.fingers import drag_with_a_finger
from tests.publishers.engine.cast import signed_release

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
FIRST, SECOND, THIRD = "山里的阅览室", "夜校的灯亮到九点半", "把门开到她身边"


@pytest.fixture
def sandbox(sandbox_process):
    sandbox_process.reset(accounts=True)
    sandbox_process.add_account("wechat", "wx-edition", "s3cret", "岭南女声")
    return sandbox_process


@pytest.fixture
def account(staff, sandbox):
    credentials = {"appid": "wx-edition", "secret": "s3cret"}
    address = sandbox.base_url("wechat")
    return accounts.add(
        office=staff.office,
        platform="wechat",
        name="岭南女声",
        base_url=address,
        credentials=credentials,
        by=OPERATOR,
    )


def compose(page, live_server, account):
    """Add three texts in the order of FIRST, SECOND, THIRD."""
    for number, title in enumerate((FIRST, SECOND, THIRD), start=7):
        signed_release(number, title=title)
    page.goto(f"{live_server.url}{reverse('hub_edition', args=[account.pk])}")
    for title in (FIRST, SECOND, THIRD):
        page.get_by_role("button", name=f"加入“{title}”").click()
        page.locator("#hub-edition h3").get_by_text(title).wait_for()
    assert order(page) == [FIRST, SECOND, THIRD]


def order(page) -> list[str]:
    return page.locator("#hub-edition h3").all_inner_texts()


def grip(page, title):
    return page.get_by_role("button", name=f"拖动“{title}”")


def test_what_is_dragged_to_the_head_goes_out_as_the_head_article(
    staff, account, sandbox, enter, live_server
):
    page = enter(staff.duty)
    compose(page, live_server, account)
    grip(page, THIRD).drag_to(page.locator("#hub-edition li").first, target_position={"x": 60, "y": 10})
    page.get_by_role("status").get_by_text(f"“{THIRD}”现在排第 1 条，共 3 条。").wait_for()
    page.get_by_role("button", name="发出推送").click()
    page.wait_for_url("**/admin/deliveries/**")

    call_command("deliver", until_settled=True, timeout=60)
    assert [article["title"] for article in sandbox.articles("wechat")] == [THIRD, FIRST, SECOND]


def test_a_finger_on_a_phone_and_the_keyboard_move_articles_as_well(staff, account, enter, live_server):
    page = enter(staff.duty, width=390)
    compose(page, live_server, account)
    grip(page, SECOND).focus()
    page.keyboard.press("ArrowUp")
    page.get_by_role("status").get_by_text(f"“{SECOND}”现在排第 1 条").wait_for()
    assert order(page) == [SECOND, FIRST, THIRD]

    page.get_by_role("button", name=f"上移“{THIRD}”").click()
    page.get_by_role("status").get_by_text(f"“{THIRD}”现在排第 2 条").wait_for()
    handle, head = grip(page, FIRST), page.locator("#hub-edition li").first
    handle.scroll_into_view_if_needed()
    middle = handle.bounding_box()["x"] + handle.bounding_box()["width"] / 2
    drag_with_a_finger(page, handle, x=middle, y=head.bounding_box()["y"] + 10)
    page.get_by_role("status").get_by_text(f"“{FIRST}”现在排第 1 条").wait_for()
    assert order(page) == [FIRST, SECOND, THIRD]
