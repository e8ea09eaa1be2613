"""What a platform answered about all of an account's articles serves the account for a while."""

import pytest

from publishers.accounts.sharing import shared
from publishers.models import Account
from tests.factories import make_office

pytestmark = pytest.mark.django_db


@pytest.fixture
def accounts():
    office = make_office("province")
    return [
        Account.objects.create(office=office, platform="tiny", name=name) for name in ("南粤女声", "榕溪")
    ]


def test_an_answer_serves_one_question_of_one_account(accounts):
    one, other = accounts
    assert shared(one, "articles", lambda known: (["甲"], 60)) == ["甲"]
    assert shared(other, "articles", lambda known: ([known, "乙"], 60)) == [None, "乙"]
    assert shared(one, "drafts", lambda known: ([known, "丙"], 60)) == [None, "丙"]
    assert shared(one, "articles", lambda known: (["丁"], 60)) == ["甲"]


def test_when_its_time_is_over_it_is_asked_anew_with_what_was_known(accounts):
    shared(accounts[0], "articles", lambda known: (["甲"], -3600))
    assert shared(accounts[0], "articles", lambda known: ([*known, "乙"], 60)) == ["甲", "乙"]
