"""The sandbox's pages on a real phone screen of 390 pixels."""

import re

import pytest

from tests.sandbox.callers import Penguin, WeChat
from tests.sandbox.test_console import SLUGS, Operator

pytestmark = pytest.mark.browser
PHONE = {"width": 390, "height": 844}
WIDE = "<table><tr>" + "<td>一二三四五六</td>" * 4 + "</tr></table><p>" + "https://long.example/" * 6 + "</p>"


@pytest.fixture
def addresses(sandbox):
    wechat = WeChat(sandbox, "wxsandbox0001")
    wechat.publish(wechat.article(title="木棉花开" * 8, content=WIDE))
    Penguin(sandbox, "penguinsandbox0001").publish(title="木棉花开" * 16, content=WIDE)
    for slug in SLUGS:
        Operator(sandbox, slug).publish(3 if slug == "toutiao" else 1, html=WIDE, title="木棉花开" * 7)
    sandbox.fault("delay", seconds=1, platform="wechat", path="/cgi-bin/draft/add")
    return [
        "/",
        "/wechat/u/wxsandbox0001",
        "/toutiao/u/toutiaosandbox0001",
        "/wechat/console/wxsandbox0001",
        "/toutiao/console/toutiaosandbox0001",
        "/_control/",
        "/_control/?platform=toutiao",
        "/_ledger",
        *(article["url"].removeprefix(sandbox.url) for article in sandbox.articles()),
    ]


def test_no_page_is_wider_than_the_screen_or_complains(browser, sandbox, addresses):
    page, complaints = browser.new_page(viewport=PHONE), []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    for address in addresses:
        page.goto(sandbox.url + address)
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= PHONE["width"], f"{address} is {wide} pixels wide"
    assert complaints == []
    page.close()


def test_what_can_be_tapped_is_large_enough(browser, sandbox, addresses):
    page = browser.new_page(viewport=PHONE)
    for address in addresses:
        page.goto(sandbox.url + address)
        heights = page.eval_on_selector_all(
            "nav a, footer a, button, .tabs a, select, .cards a, .original a, .acts a, summary",
            "found => found.map(each => each.getBoundingClientRect().height)",
        )
        assert all(height >= 44 for height in heights), address
    page.close()


def test_an_avatar_can_be_read(browser, sandbox, addresses):
    page = browser.new_page(viewport=PHONE)
    page.goto(sandbox.url)
    colours = "getComputedStyle(each).color, getComputedStyle(each).backgroundColor"
    looks = page.eval_on_selector_all(".avatar", f"found => found.map(each => [{colours}])")
    assert {colour for colour, _ground in looks} == {"rgb(255, 255, 255)"}
    assert len({ground for _colour, ground in looks}) == len(SLUGS), "every platform has a colour of its own"
    assert all(sum(map(int, re.findall(r"\d+", ground))) < 330 for _colour, ground in looks), "dark enough"
    page.close()
