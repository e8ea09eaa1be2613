"""Choosing how articles travel to an account: the fields follow the choice, on a phone, too."""

import pytest
from django.urls import reverse

from cms.models import Role
from tests.browser.conftest import PASSWORD
from tests.factories import make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def administrator(staff):
    user = make_user("keeper", staff.office, Role.ADMINISTRATOR, first_name="管理员小黄")
    user.set_password(PASSWORD)
    user.save()
    return user


def add_form(page, live_server):
    page.goto(f"{live_server.url}{reverse('hub_accounts')}")
    page.get_by_role("link", name="添加账号").click()
    page.get_by_role("link", name="头条号").click()
    page.get_by_label("名称").wait_for()


def widest(page) -> float:
    """Return how far the widest field reaches to the right."""
    reach = "nodes => Math.max(...nodes.map(node => node.getBoundingClientRect().right))"
    return page.locator(".hub-page input:visible, main input:visible, main select:visible").evaluate_all(
        reach
    )


def test_the_fields_follow_the_chosen_way_and_fit_a_phone(administrator, enter, live_server):
    page = enter(administrator, width=390)
    add_form(page, live_server)
    for way, shown, hidden in (
        ("官方接口", "client_secret", "推送密钥"),
        ("签名推送", "推送密钥", "client_secret"),
        ("人工发布", "接口地址", "转人工"),
    ):
        page.get_by_label(way).check()
        page.get_by_label(shown, exact=True).wait_for()
        page.get_by_label(hidden, exact=True).wait_for(state="hidden")
        assert widest(page) <= 390


def test_without_scripts_every_field_says_which_ways_need_it(administrator, enter, live_server):
    page = enter(administrator, scripts=False)
    add_form(page, live_server)
    for legend in ("适用于：官方接口", "适用于：签名推送"):
        assert page.get_by_text(legend, exact=True).is_visible()
    assert page.get_by_label("client_secret", exact=True).is_visible()
