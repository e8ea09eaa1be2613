"""An edition that has not begun is composed anew; what has begun is not."""

import pytest
from django.core.exceptions import PermissionDenied

from cms.models import Role
from cms.refusals import Refused
from publishers import distribution, engine
from publishers.distribution import correcting, editions
from publishers.engine.leases import acquire
from publishers.models import Attempt, CorrectionStrategy, Delivery, Phase, SourceLink
from publishers.people.permissions import OPERATOR
from publishers.people.refusals import PerhapsThere
from tests.factories import make_user
from tests.publishers.engine.cast import make_due, send, sent_titles, signed_release
from tests.publishers.engine.clock import an_hour_ago, in_an_hour

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def texts(office):
    return [signed_release(number, title=title) for number, title in enumerate(("甲", "乙", "丙"), start=7)]


@pytest.fixture
def edition(texts, account):
    return send(*texts[:2], account=account, at=in_an_hour())


def titles(delivery) -> list[str]:
    return [item.release.title for item in delivery.items.all()]


def test_another_order_and_another_article_go_out_at_the_time_that_was_chosen(edition, texts, server):
    first, _second, third = texts
    editions.recompose(edition, [third, first], at=in_an_hour(), by=OPERATOR)
    assert engine.run(edition.pk) == Phase.SCHEDULED and sent_titles(server) == []
    make_due(edition)
    assert engine.run(edition.pk) == Phase.SETTLED
    assert sent_titles(server) == ["丙", "甲"]


def test_what_was_taken_out_may_go_elsewhere_in_time_and_what_came_in_may_not(edition, texts, account):
    _first, second, third = texts
    editions.recompose(edition, [third], at=in_an_hour(), by=OPERATOR)
    send(second, account=account, at=in_an_hour())
    with pytest.raises(Refused, match="丙"):
        send(third, account=account)


def test_what_is_there_already_is_refused_and_everything_stays_as_it_was(edition, texts, account):
    send(texts[2], account=account, at=in_an_hour())
    with pytest.raises(Refused, match="丙"):
        editions.recompose(edition, [texts[2], texts[0]], at=in_an_hour(), by=OPERATOR)
    assert titles(edition) == ["甲", "乙"]
    assert Delivery.objects.get(pk=edition.pk).wishes == edition.wishes


def test_what_may_be_there_unnoticed_is_asked_about(edition, texts, account, server):
    server.faults["/submit"] = ["cut"]
    halfway = send(texts[2], account=account)
    engine.run(halfway.pk)
    distribution.cancel(Delivery.objects.get(pk=halfway.pk), by=OPERATOR)
    with pytest.raises(PerhapsThere):
        editions.recompose(edition, [texts[2]], at=in_an_hour(), by=OPERATOR)
    editions.recompose(edition, [texts[2]], at=in_an_hour(), again=True, by=OPERATOR)
    assert titles(edition) == ["丙"]


def test_a_worker_that_has_it_in_hand_keeps_it_as_it_is(edition, texts):
    make_due(edition)
    assert acquire(edition.pk)
    with pytest.raises(Refused, match="尚未开始"):
        editions.recompose(edition, texts[:1], by=OPERATOR)
    assert titles(edition) == ["甲", "乙"] and not editions.may_be_recomposed(edition)


def test_what_has_begun_is_left_alone_even_when_it_waits_again(edition, texts, server):
    server.faults["/upload"] = ["retry"]
    make_due(edition)
    engine.run(edition.pk)
    Delivery.objects.filter(pk=edition.pk).update(phase=Phase.SCHEDULED)
    with pytest.raises(Refused, match="尚未开始"):
        editions.recompose(edition, texts[:1], by=OPERATOR)


def test_what_has_its_marks_already_is_left_alone(edition, texts, server):
    """A worker prepared it, and the account was paused before the first call."""
    server.faults["/find"] = ["retry"]
    make_due(edition)
    engine.run(edition.pk)
    assert SourceLink.objects.exists() and not Attempt.objects.exists()
    Delivery.objects.filter(pk=edition.pk).update(phase=Phase.SCHEDULED)
    with pytest.raises(Refused, match="尚未开始"):
        editions.recompose(edition, texts[:1], by=OPERATOR)


def test_a_correction_is_no_edition_to_be_composed(texts, account, page):
    send(signed_release(page.pk, title="丁"), account=account)
    newer = signed_release(page.pk, title="丁（更正）")
    [correction] = correcting.correct(newer, {account: CorrectionStrategy.BY_HAND}, by=OPERATOR)
    assert not editions.may_be_recomposed(correction)
    with pytest.raises(Refused, match="尚未开始"):
        editions.recompose(correction, texts[2:], by=OPERATOR)


@pytest.mark.parametrize("chosen", [[], [0, 0], [0, 1, 2]])
def test_none_one_twice_and_too_many_are_refused(chosen, edition, texts):
    with pytest.raises(Refused):
        editions.recompose(edition, [texts[at] for at in chosen], by=OPERATOR)
    assert titles(edition) == ["甲", "乙"]


def test_who_may_not_send_to_the_account_may_not_compose_it_anew(edition, texts, office):
    for role in (Role.ADMINISTRATOR, Role.AUDITOR, Role.AUTHOR):
        with pytest.raises(PermissionDenied):
            editions.recompose(edition, texts[:1], by=make_user(str(role), office, role))


def test_it_goes_out_no_earlier_than_readers_may_see_what_came_in(edition, office):
    embargoed = signed_release(20, title="明天", public_from=in_an_hour())
    editions.recompose(edition, [embargoed], at=an_hour_ago(), by=OPERATOR)
    assert edition.due_at == edition.next_at == embargoed.public_from
