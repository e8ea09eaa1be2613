"""What goes out first, how many at once, and what a sweep costs."""

import uuid

import pytest
from django.db import transaction
from django.utils import timezone

from publishers import engine, registry, tasks
from publishers.distribution import distribute
from publishers.engine import removing, scheduler, urgent_line
from publishers.engine.leases import LEASE, acquire
from publishers.models import Account, Delivery, Phase
from publishers.people.permissions import OPERATOR
from tests.publishers.engine.cast import make_account, send, signed_release
from tests.publishers.engine.clock import an_hour_ago, in_an_hour


def due(account, count, **values) -> list[Delivery]:
    """Make ``count`` deliveries that are due, in their order."""
    made = [send(signed_release(uuid.uuid4().int % 10**9), account=account) for _ in range(count)]
    for number, delivery in enumerate(made):
        moment = an_hour_ago() + timezone.timedelta(seconds=number)
        Delivery.objects.filter(pk=delivery.pk).update(next_at=moment, **values)
    return made


@pytest.fixture
def other(office, server):
    return make_account(office, server, "第二个账号")


def test_an_account_gives_no_more_than_it_may_have_in_hand(account):
    first, second = due(account, 2)
    assert engine.sweep() == [first.pk]
    assert acquire(first.pk) is not None
    assert engine.sweep() == [] and acquire(second.pk) is None


def test_the_most_urgent_goes_first_wherever_it_is(account, other):
    [calm] = due(account, 1)
    due(other, 1)
    [urgent] = due(other, 1, priority=0)
    assert engine.sweep() == [urgent.pk, calm.pk]


def test_after_a_delivery_the_accounts_most_urgent_comes_next_then_what_has_waited_longest(account, other):
    calm, later = due(account, 2)
    [urgent] = due(account, 1, priority=0)
    due(other, 1, priority=0)
    assert engine.next_after(later.pk) == [urgent.pk]
    Delivery.objects.filter(pk=urgent.pk).update(next_at=None)
    assert engine.next_after(later.pk) == [calm.pk]
    Delivery.objects.filter(account=account).update(next_at=in_an_hour())
    assert engine.next_after(later.pk) == []


def test_who_works_for_what_is_urgent_is_given_nothing_else(account, other):
    due(account, 1)
    [urgent] = due(other, 1, priority=Delivery.URGENT)
    assert urgent_line.sweep() == [urgent.pk]


def test_a_sweep_hands_out_no_more_than_a_batch(office, server, monkeypatch):
    monkeypatch.setattr(scheduler, "BATCH", 2)
    for number in range(3):
        due(make_account(office, server, f"第{number}个账号"), 1)
    assert len(engine.sweep()) == 2


def test_of_a_plugin_that_is_gone_one_at_a_time_comes_to_a_run_which_says_so(account, monkeypatch):
    first, _second = due(account, 2)
    monkeypatch.delitem(registry._publishers, "tiny")
    assert engine.sweep() == [first.pk] and acquire(first.pk) is not None and engine.sweep() == []


def test_who_waits_for_the_next_moment_does_not_wait_for_a_person(account):
    soon, later, task, done = due(account, 4)
    assert engine.next_moment() == Delivery.objects.get(pk=soon.pk).next_at
    Delivery.objects.filter(pk=task.pk).update(phase=Phase.ATTENTION, next_at=an_hour_ago())
    Delivery.objects.filter(pk__in=[soon.pk, done.pk]).update(next_at=None)
    assert engine.next_moment() == Delivery.objects.get(pk=later.pk).next_at
    Delivery.objects.filter(pk=later.pk).update(next_at=None)
    assert engine.next_moment() is None


def test_who_distributes_says_what_is_urgent_and_takedowns_always_are(account, release):
    [calm] = due(account, 1)
    [urgent] = distribute([release], [account], urgent=True, alike=True, by=OPERATOR)
    assert engine.sweep() == [urgent.pk]
    with transaction.atomic():
        removing.ask([calm.items.get().pk], [calm.pk])
    Delivery.objects.filter(pk=calm.pk).update(next_at=an_hour_ago())
    assert engine.sweep() == [calm.pk]


def test_every_account_has_its_turn_before_any_has_its_second(account, other, monkeypatch):
    monkeypatch.setattr(scheduler, "concurrency", lambda platform: 2)
    monkeypatch.setattr(scheduler, "_most", lambda: 2)
    many, one = due(account, 3), due(other, 1)
    assert engine.sweep() == [many[0].pk, one[0].pk, many[1].pk]


def test_what_is_urgent_has_its_second_turn_before_others_have_their_first(account, other, monkeypatch):
    monkeypatch.setattr(scheduler, "concurrency", lambda platform: 2)
    monkeypatch.setattr(scheduler, "_most", lambda: 2)
    [calm], urgent = due(other, 1), due(account, 2, priority=0)
    assert engine.sweep() == [*(each.pk for each in urgent), calm.pk]


def test_of_what_is_due_at_the_same_moment_chance_decides_what_goes_first(office, server):
    """With more accounts than workers, the last accounts would otherwise wait until the first are through."""
    for number in range(6):
        due(make_account(office, server, f"第{number}个账号"), 1)
    Delivery.objects.update(next_at=an_hour_ago())
    swept = engine.sweep()
    assert len(swept) == 6 and swept == sorted(swept)


def test_a_slow_account_delays_no_other(account, other):
    slow, quick = due(account, 300), due(other, 1)
    assert acquire(slow[0].pk) is not None
    assert engine.sweep() == [quick[0].pk]


def test_whose_turn_is_over_calls_for_the_next_of_the_account(account, other, monkeypatch):
    first, second, _third = due(account, 3)
    due(other, 1)
    woken = []
    monkeypatch.setattr(tasks, "wake", woken.extend)
    monkeypatch.setattr(tasks, "TURN_S", -1)
    tasks.deliver(str(first.pk))
    assert woken == [second.pk] and Delivery.objects.get(pk=first.pk).phase == Phase.SETTLED
    # A second message for what is done calls for nobody: calls would multiply.
    tasks.deliver(str(first.pk))
    assert woken == [second.pk]


def test_a_worker_stays_with_an_account_until_its_turn_is_over(account, other, monkeypatch):
    ours, [theirs] = due(account, 3), due(other, 1)
    woken = []
    monkeypatch.setattr(tasks, "wake", woken.extend)
    monkeypatch.setattr(tasks, "TURN_S", 3600)
    tasks.deliver(str(ours[0].pk))
    settled = Delivery.objects.filter(phase=Phase.SETTLED)
    assert {delivery.pk for delivery in settled} == {delivery.pk for delivery in ours}
    assert woken == [] and engine.sweep() == [theirs.pk]


def test_what_a_dead_worker_left_behind_counts_as_in_hand_until_its_lease_ends(account):
    first, second = due(account, 2)
    assert acquire(first.pk) is not None
    Delivery.objects.filter(pk=first.pk).update(lease_until=an_hour_ago(), next_at=an_hour_ago() - LEASE)
    assert engine.sweep() == [first.pk]
    assert acquire(second.pk) is not None


def test_a_sweep_asks_twice_however_much_is_due(account, other, django_assert_num_queries):
    due(account, 20)
    due(other, 20)
    with django_assert_num_queries(2):
        assert len(engine.sweep()) == 2


@pytest.fixture
def elsewhere(office, server):
    """An account of the same platform whose calls go to another host."""
    account = make_account(office, server, "另一家")
    account.base_url = server.url.replace("127.0.0.1", "localhost")
    account.save()
    return account


@pytest.fixture
def woken(monkeypatch) -> list[uuid.UUID]:
    """What tasks call workers for, in their order."""
    called = []
    monkeypatch.setattr(tasks, "wake", lambda ids, urgent: called.extend(ids))
    return called


def test_of_each_host_the_line_for_what_is_urgent_has_one_in_hand(account, other, elsewhere):
    first, second, third = (due(each, 1, priority=Delivery.URGENT)[0] for each in (account, other, elsewhere))
    assert urgent_line.sweep() == [first.pk, third.pk]
    assert acquire(second.pk) is not None, "the line of the deliveries may have it in hand"
    assert urgent_line.sweep() == [third.pk]
    assert urgent_line.may_begin(third.pk) and not urgent_line.may_begin(first.pk)
    assert first.pk in engine.sweep()


def test_a_call_that_has_become_old_takes_no_second_worker_of_the_line(account, other, woken):
    [hanging], [called_for] = (due(each, 1, priority=Delivery.URGENT) for each in (account, other))
    assert acquire(hanging.pk) is not None
    tasks.deliver_urgent(str(called_for.pk))
    assert Delivery.objects.get(pk=called_for.pk).fence == 0 and woken == []


def test_where_the_ordinary_workers_hang_all_that_is_urgent_at_a_host_is_done_one_by_one(
    account, other, elsewhere, woken
):
    ours = [*due(account, 2, priority=Delivery.URGENT), *due(other, 1, priority=Delivery.URGENT)]
    due(elsewhere, 1, priority=Delivery.URGENT)
    called = urgent_line.sweep()[:1]
    while called:
        tasks.deliver_urgent(str(called.pop()))
        called, woken[:] = [*woken], []
    settled = Delivery.objects.filter(phase=Phase.SETTLED)
    assert set(settled.values_list("pk", flat=True)) == {delivery.pk for delivery in ours}


def test_a_withdrawal_does_not_wait_for_what_hangs_on_its_own_account(account):
    live, hanging, corrected = due(account, 3)
    assert acquire(hanging.pk) is not None
    Delivery.objects.filter(pk=corrected.pk).update(priority=Delivery.URGENT)
    assert urgent_line.sweep() == []
    with transaction.atomic():
        removing.ask([live.items.get().pk], [live.pk])
    assert urgent_line.sweep() == [live.pk]
    assert acquire(live.pk) is not None


@pytest.mark.parametrize("failures", [0, 5])
def test_an_account_that_takes_nothing_now_keeps_no_other_of_its_host_waiting(account, other, failures):
    """It rests, or a first delivery must show that it is well again."""
    Account.objects.filter(pk=account.pk).update(failures=failures)
    [hanging], _urgent = due(account, 1), due(account, 1, priority=Delivery.URGENT)
    [next_one] = due(other, 1, priority=Delivery.URGENT)
    if failures:
        assert acquire(hanging.pk) is not None
    else:
        Account.objects.filter(pk=account.pk).update(resting_until=in_an_hour())
    assert urgent_line.sweep() == [next_one.pk]
