"""An administrator connects an account on her phone: the account's page, the platform's, and back."""

import pytest
from django.utils import timezone
from django.utils.translation import override

from cms.models import Role
from publishers import accounts
from publishers.models import Consent
from publishers.people.permissions import OPERATOR
from tests.browser.conftest import PASSWORD
from tests.factories import make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def administrator(staff):
    person = make_user("administrator", staff.office, Role.ADMINISTRATOR, first_name="管理员小冯")
    person.set_password(PASSWORD)
    person.save()
    return person


@pytest.fixture
def account(staff, sandbox):
    sandbox.add_account("penguin", "hub-application", "app-s3cret", "女声中枢")
    sandbox.add_account("penguin", "lingnan-holder", "nobody-knows", "岭南女声")
    return accounts.add(
        office=staff.office,
        platform="penguin",
        name="岭南女声",
        credentials={
            "application": "third_party",
            "client_id": "hub-application",
            "client_secret": "app-s3cret",
        },
        base_url=sandbox.base_url("penguin"),
        by=OPERATOR,
    )


def fits(page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_the_whole_road_on_a_phone(enter, administrator, account, live_server):
    page = enter(administrator, width=390)
    page.goto(f"{live_server.url}/admin/accounts/{account.pk}/")
    assert "尚未授权" in page.inner_text("main") and fits(page)
    page.get_by_role("button", name="去授权").click()
    page.wait_for_url("**/omoauth2/authorize**")
    assert "女声中枢" in page.inner_text("h1") and fits(page)
    page.select_option("select", "lingnan-holder")
    page.get_by_role("button", name="同意授权").click()
    page.wait_for_url(f"**/admin/accounts/{account.pk}/")
    assert "授权成功" in page.inner_text("body") and "管理员小冯" in page.inner_text("main") and fits(page)
    kept = Consent.objects.get(account=account)
    assert kept.given_by == "管理员小冯" and kept.given_at <= timezone.now()
    page.get_by_role("button", name="解除授权").click()
    page.get_by_text("已解除授权，账号暂停").first.wait_for()
    assert fits(page) and not Consent.objects.exists()
    page.goto(f"{live_server.url}/admin/accounts/")
    with override("zh-hans"):
        assert "岭南女声已解除授权" in page.inner_text("main")
    assert fits(page)
