"""Accounts as the command line names them: by number, by name, or by platform and name."""

import pytest

from cms.refusals import Refused
from publishers.accounts import find
from publishers.models import Account
from tests.factories import make_office

pytestmark = pytest.mark.django_db


@pytest.fixture
def accounts():
    office = make_office("province")
    names = [("tiny", "南粤女声"), ("wechat", "南粤女声"), ("tiny", "榕溪"), ("tiny", "2026")]
    return [Account.objects.create(office=office, platform=each, name=name) for each, name in names]


def test_an_account_is_found_by_whatever_names_it_alone(accounts):
    one, other, third, year = accounts
    handles = {
        "tiny:南粤女声": one,
        "wechat:南粤女声": other,
        "榕溪": third,
        str(other.pk): other,
        "2026": year,
    }
    assert {handle: find(handle) for handle in handles} == handles


@pytest.mark.parametrize("handle", ["南粤女声", "wechat:榕溪", "岭南女声", "999999", ""])
def test_what_names_none_or_several_is_refused(accounts, handle):
    with pytest.raises(Refused):
        find(handle)
