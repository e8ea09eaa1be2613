"""Sixty articles a day on one WeChat account: all are confirmed on their day, within the account's quotas."""

import pytest

from publishers import accounts, callbacks
from publishers.accounts import quotas
from publishers.models import Delivery, Phase, SharedAnswer
from publishers.people.permissions import OPERATOR
from publishers.platforms.wechat.quotas import PUBLISH, QUOTAS
from publishers.tasks import handle_callbacks
from tests.publishers.engine.cast import run, send, signed_release
from tests.publishers.engine.clock import an_hour_ago

pytestmark = pytest.mark.django_db(transaction=True)
APP, TOKEN, AES_KEY = "wx-many", "a-callback-token", "q7wErTyUiOpAsDfGhJkLzXcVbNm1234567890ABCDEF"
GET, LIST = PUBLISH + "get", PUBLISH + "batchget"
[GET_QUOTA] = [quota for quota in QUOTAS if quota.path == GET]


@pytest.fixture
def account(office, sandbox):
    sandbox.settings(review_s=0)
    sandbox.add_account("wechat", APP, "s3cret", "榕溪县女声")
    yield made(office, sandbox)
    sandbox.reset(accounts=True)


def made(office, sandbox, **more):
    return accounts.add(
        office=office,
        platform="wechat",
        name="榕溪县女声",
        base_url=sandbox.base_url("wechat"),
        credentials={"appid": APP, "secret": "s3cret", **more},
        by=OPERATOR,
    )


def in_review(sandbox, account, count) -> list[Delivery]:
    """Return deliveries whose review has not ended."""
    sandbox.fault("stall_review", platform="wechat", times=None)
    deliveries = [send(signed_release(number), account=account) for number in range(count)]
    assert {run(each) for each in deliveries} == {Phase.CONFIRMING}
    return deliveries


def calls(sandbox, path):
    return len(sandbox.calls("wechat", APP, path))


def test_sixty_a_day_are_all_confirmed_and_no_quota_is_passed(sandbox, account):
    deliveries = in_review(sandbox, account, 60)
    assert {run(each) for each in deliveries} == {Phase.CONFIRMING}, "asked again, as after a minute"
    sandbox.finish_reviews()
    SharedAnswer.objects.update(serves_until=an_hour_ago())
    assert {run(each) for each in deliveries} == {Phase.SETTLED}
    assert calls(sandbox, GET) == 100 and calls(sandbox, LIST) <= 6
    assert not [each for each in sandbox.quotas(APP) if each["path"].startswith("refused")]
    urls = {item.url for each in deliveries for item in each.items.all()}
    assert urls == {article["url"] for article in sandbox.articles("wechat", APP)} and len(urls) == 60


def test_one_list_confirms_many_when_nothing_is_left_of_the_questions(sandbox, account):
    deliveries = in_review(sandbox, account, 15)
    quotas.use_up(account, GET_QUOTA)
    sandbox.finish_reviews()
    asked = calls(sandbox, LIST)
    assert {run(each) for each in deliveries} == {Phase.SETTLED}
    assert calls(sandbox, LIST) == asked + 1


def test_a_quota_that_is_smaller_than_its_sheet_says_is_asked_once(sandbox, account):
    deliveries = in_review(sandbox, account, 2)
    sandbox.fault("quota_used_up", platform="wechat", path=GET)
    sandbox.finish_reviews()
    asked = calls(sandbox, GET)
    assert {run(each) for each in deliveries} == {Phase.SETTLED}
    assert calls(sandbox, GET) == asked + 1


def test_what_is_taken_down_in_the_list_is_no_success(sandbox, account):
    [delivery] = in_review(sandbox, account, 1)
    quotas.use_up(account, GET_QUOTA)
    sandbox.finish_reviews()
    [article] = sandbox.articles("wechat", APP)
    sandbox.take_down("wechat", APP, article["remote_ids"]["article_id"])
    assert run(delivery) == Phase.CONFIRMING


def test_looking_for_a_lost_submit_leaves_the_list_to_what_waits_for_it(sandbox, account):
    """When the day has no more calls than are kept, the list that all share shows it all the same."""
    delivery = send(signed_release(1), account=account)
    sandbox.fault("lost_answer", platform="wechat", path=PUBLISH + "submit")
    [quota] = [each for each in QUOTAS if each.path == LIST]
    for _call in range(quota.per_day - quota.kept - calls(sandbox, LIST)):
        quotas.spend(account, quota)
    assert run(delivery) != Phase.SETTLED
    asked = calls(sandbox, LIST)
    assert run(delivery) == Phase.SETTLED
    assert calls(sandbox, LIST) == asked + 1
    assert SharedAnswer.objects.filter(account=account).values_list("name", flat=True).get() == "listed"


@pytest.mark.usefixtures("told")
def test_what_wechat_tells_confirms_without_a_question(sandbox, sealed):
    deliveries = in_review(sandbox, sealed, 3)
    asked = len(sandbox.calls("wechat", APP))
    sandbox.finish_reviews()
    sandbox.send_events()
    handle_callbacks()
    assert {run(each) for each in deliveries} == {Phase.SETTLED}
    assert len(sandbox.calls("wechat", APP)) == asked
    assert {item.url for each in deliveries for item in each.items.all()} == {
        article["url"] for article in sandbox.articles("wechat", APP)
    }


@pytest.mark.usefixtures("told")
def test_what_was_taken_down_since_is_asked_about(sandbox, sealed):
    [delivery] = in_review(sandbox, sealed, 1)
    sandbox.finish_reviews()
    sandbox.send_events()
    [article] = sandbox.articles("wechat", APP)
    sandbox.take_down("wechat", APP, article["remote_ids"]["article_id"])
    sandbox.send_events()
    handle_callbacks()
    assert run(delivery) != Phase.SETTLED


def test_what_wechat_tells_without_a_proof_of_it_is_asked_about(sandbox, account, settings, live_server):
    """In plain mode the signature covers the time, and not what is said."""
    settings.PUBLIC_URL = live_server.url
    accounts.renew_credentials(account, {"callback_token": TOKEN}, by=OPERATOR)
    sandbox.callback(APP, callbacks.address_of(account), TOKEN, mode="plain", format="xml")
    [delivery] = in_review(sandbox, account, 1)
    sandbox.finish_reviews()
    sandbox.send_events()
    handle_callbacks()
    asked = calls(sandbox, GET)
    assert run(delivery) == Phase.SETTLED and calls(sandbox, GET) == asked + 1


@pytest.fixture
def sealed(office, sandbox, account, settings, live_server):
    settings.PUBLIC_URL = live_server.url
    accounts.renew_credentials(account, {"callback_token": TOKEN, "aes_key": AES_KEY}, by=OPERATOR)
    return account


@pytest.fixture
def told(sandbox, sealed):
    """Let the sandbox tell the account what happens, encrypted."""
    sandbox.callback(APP, callbacks.address_of(sealed), TOKEN, aes_key=AES_KEY, mode="safe", format="xml")
