"""A text like one that went to the account lately is noticed; another text on the same subject is not."""

import datetime as dt

import pytest
from django.utils import timezone

from cms.models import Role
from publishers.distribution import cancel, distribute, editions, fingerprints, plan
from publishers.models import Delivery, DeliveryItem, Plan
from publishers.people.permissions import OPERATOR
from publishers.people.refusals import Alike
from tests.factories import make_section, make_story, make_user
from tests.factories_release import make_release
from tests.publishers.engine.cast import make_account
from tests.publishers.engine.clock import in_an_hour
from tests.publishers.engine.conftest import account, ground, office, server

__all__ = ["account", "ground", "office", "server"]
transactional = pytest.mark.django_db(transaction=True)

FAIR = (
    "招聘会定于7月12日上午9时在番禺区文化馆举行，欢迎有就业需求的女性朋友到场咨询。现场有42家企业提供1200个岗位，"
    "涵盖家政服务、电子制造、商贸物流等行业。请携带身份证和简历，现场可免费制作简历、拍摄证件照。"
)
SCHOOL = (
    "夜校的灯亮到九点半。陈阿姨第一次用手机给在外打工的女儿发了一段语音，发完又听了三遍。教室是村委会腾出来的，"
    "课桌是镇上小学换下来的，老师是返乡的大学生。三个月里，四十七位妇女在这里学会了挂号、缴费和视频通话。"
)


def release(text, title, **fields):
    story = make_story(make_section(), title=title, body=[("paragraph", f"<p>{text}</p>")], **fields)
    return make_release(story)


def send(signed, account, **options):
    return distribute([signed], [account], by=OPERATOR, **options)[0]


def test_spaces_widths_and_punctuation_do_not_matter():
    assert fingerprints.simhash("夜校 的灯，2026") == fingerprints.simhash("夜校的灯。２０２６")


def test_a_changed_character_is_near_and_another_text_far():
    changed = FAIR.replace("42家", "45家")
    assert fingerprints.distance(fingerprints.simhash(FAIR), fingerprints.simhash(changed)) <= 6
    assert fingerprints.distance(fingerprints.simhash(FAIR), fingerprints.simhash(SCHOOL)) > 18


def test_the_number_fits_a_signed_column_and_an_empty_text_has_one():
    numbers = [fingerprints.simhash(text) for text in ("", "一", FAIR, SCHOOL)]
    assert all(-(2**63) <= number < 2**63 for number in numbers)
    assert len(set(numbers)) == 4


@transactional
def test_a_text_like_one_that_is_there_asks_first_and_names_it(account):
    earlier = send(release(FAIR, "番禺女性就业招聘会"), account)
    again = release(FAIR.replace("42家", "45家"), "番禺女性就业招聘会")
    with pytest.raises(Alike) as asked:
        send(again, account)
    assert asked.value.delivery_id == earlier.pk and "番禺女性就业招聘会" in str(asked.value)
    assert Delivery.objects.count() == 1
    assert send(again, account, alike=True).pk != earlier.pk


@transactional
def test_an_edition_that_is_composed_anew_asks_too(account):
    edition = send(release(SCHOOL, "夜校的灯"), account, at=in_an_hour())
    earlier = send(release(FAIR, "番禺女性就业招聘会"), account)
    again = release(FAIR.replace("42家", "45家"), "番禺女性就业招聘会")
    with pytest.raises(Alike) as asked:
        editions.recompose(edition, [again], at=in_an_hour(), by=OPERATOR)
    assert asked.value.delivery_id == earlier.pk
    assert edition.items.get().release.title == "夜校的灯"
    editions.recompose(edition, [again], at=in_an_hour(), alike=True, by=OPERATOR)
    assert edition.items.get().release == again


@transactional
def test_another_text_another_account_and_a_cancelled_one_ask_nothing(account, office, server):
    given_up = send(release(FAIR, "番禺女性就业招聘会"), account)
    send(release(SCHOOL, "夜校的灯"), account)
    again = release(FAIR, "番禺女性就业招聘会")
    send(again, make_account(office, server, "另一个号"))
    cancel(given_up, by=OPERATOR)
    assert send(again, account)


@transactional
def test_what_went_out_before_the_window_is_not_asked_about(account):
    earlier = send(release(FAIR, "番禺女性就业招聘会"), account)
    long_ago = timezone.now() - fingerprints.WINDOW - dt.timedelta(hours=1)
    Delivery.objects.filter(pk=earlier.pk).update(due_at=long_ago)
    assert send(release(FAIR, "番禺女性就业招聘会"), account)


@transactional
def test_a_correction_is_not_a_repetition(account):
    """What takes an earlier text's place names it; that text is not there any more."""
    first = send(release(FAIR, "番禺女性就业招聘会"), account)
    DeliveryItem.objects.filter(delivery=first).update(wanted=False, observed_generation=None)
    assert send(release(FAIR, "番禺女性就业招聘会"), account)


@transactional
def test_a_plan_that_would_repeat_a_text_stays_with_the_sentence(account, office):
    duty = make_user("duty", office, Role.DUTY_EDITOR)
    send(release(FAIR, "番禺女性就业招聘会"), account)
    author = make_user("author", office, Role.AUTHOR)
    body = [("paragraph", f"<p>{FAIR}</p>")]
    page = make_story(make_section(office), author=author, title="番禺女性就业招聘会", body=body)
    plan(page, account, by=duty)
    make_release(page)
    assert "番禺女性就业招聘会" in Plan.objects.get().problem
    assert Delivery.objects.count() == 1


@transactional
def test_it_is_one_query_however_many_went_out(account, django_assert_num_queries):
    texts = [release(text, title) for text, title in ((SCHOOL, "夜校的灯"), (SCHOOL[:60], "灯下"))]
    new = [release(FAIR, "番禺女性就业招聘会")]
    fingerprints.keep(new)
    for signed in texts:
        send(signed, account, alike=True)
        with django_assert_num_queries(2):  # the new ones' own numbers, then what is there
            assert fingerprints.find_alike(new, account) is None
