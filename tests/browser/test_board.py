"""The board of deliveries, which looks again by itself."""

import itertools

import pytest
from django.urls import reverse

from publishers import accounts
from publishers.people.permissions import OPERATOR
from tests.publishers.engine.cast import send, signed_release
from tests.publishers.engine.clock import in_an_hour

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
FIRST, SECOND, THIRD, ELSEWHERE = "山里的阅览室", "夜校的灯亮到九点半", "把门开到她身边", "别处的文章"
A_WHILE_MS = 5000


@pytest.fixture
def by_hand(staff):
    """Return a function that adds an account, and that gives it with a function that sends it a text."""
    pages = itertools.count(7)

    def add(name):
        common = {"office": staff.office, "platform": "netease", "credentials": {}, "transport": "manual"}
        account = accounts.add(name=name, by=OPERATOR, **common)

        def send_later(title):
            return send(signed_release(next(pages), title=title), account=account, at=in_an_hour())

        return account, send_later

    return add


def test_it_asks_again_for_the_same_rows_but_not_while_one_is_in_use(staff, by_hand, enter, live_server):
    (account, send_here), (_other, send_there) = by_hand("岭南女声"), by_hand("别处")
    send_here(FIRST)
    page = enter(staff.duty)
    page.clock.install()
    page.goto(f"{live_server.url}{reverse('hub_deliveries')}?account={account.pk}")

    send_there(ELSEWHERE)
    send_here(SECOND)
    page.clock.fast_forward(A_WHILE_MS)
    page.get_by_role("link", name=SECOND).wait_for()
    assert not page.get_by_role("link", name=ELSEWHERE).count()

    page.get_by_role("link", name=FIRST).focus()
    send_here(THIRD)
    with page.expect_response("**/deliveries/results/**"):
        page.clock.fast_forward(A_WHILE_MS)
    assert page.get_by_role("link", name=FIRST).evaluate("link => link === document.activeElement")
    assert not page.get_by_role("link", name=THIRD).count()
    page.get_by_role("link", name=FIRST).blur()
    page.get_by_role("link", name=THIRD).wait_for()
