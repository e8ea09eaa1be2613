"""Whatever a plugin raises or returns, by mistake or by malice: each run ends in a phase and a sentence."""

import dataclasses
import datetime as dt
import itertools
import signal

import billiard.common
import pytest
from django.utils import timezone
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from config import error_views
from publishers import engine, registry
from publishers.distribution import correcting
from publishers.engine import space
from publishers.interface import (
    Absent,
    ByHand,
    CapabilityMissing,
    ConsentInvalid,
    CredentialsInvalid,
    Figure,
    Found,
    Live,
    Malformed,
    NotGenuine,
    OutcomeUnknown,
    PermanentError,
    QuotaExceeded,
    Rejected,
    Rendition,
    Retry,
    SameCall,
    Shown,
    Undecided,
)
from publishers.models import Account, Cause, CorrectionStrategy, Delivery, Phase, Sighting
from publishers.people.permissions import OPERATOR
from publishers.statistics import collect
from publishers.verification import verify
from tests.factories import make_story
from tests.publishers.engine.cast import make_due, send, signed_release
from tests.publishers.engine.clock import an_hour_ago
from tests.publishers.engine.tiny import Tiny

pytestmark = pytest.mark.django_db(transaction=True)
#: So often a delivery may be tried until somebody must look; the engine's own bound is ten.
MOST_RUNS = 14
#: One that is asked to wait a moment, again and again, is tried ever more rarely for five hours.
MOST_WHEN_ASKED = 100
#: Nothing may put a delivery off for longer without a person.
A_DAY, LONGEST = dt.timedelta(days=1), dt.timedelta(days=32)
PAGES = itertools.count(1000)

MOMENTS = st.one_of(
    st.sampled_from([dt.datetime.max, dt.datetime.min]),  # noqa: DTZ901  (a mistake that is made)
    st.just(dt.datetime.max.replace(tzinfo=dt.UTC)),
    st.datetimes(),
    st.datetimes(timezones=st.timezones()),
)
ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=40),
    st.sampled_from(["60", "…{x}…", "{", "{time}{0}", "%s", "\0", "\ud800", "好" * 3000, "<script>"]),
    st.binary(max_size=10),
    MOMENTS,
    st.builds(object),
    st.lists(st.integers(), max_size=3),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)


def kinds_of(kind, *positional, **named):
    return st.tuples(st.tuples(*positional), st.fixed_dictionaries(named)).map(
        lambda said: _made(kind, *said)
    )


def _made(kind, arguments, named):
    """Return the error, or what its own constructor raises of such values: the plugin raises that, then."""
    try:
        return kind(*arguments, **named)
    except Exception as error:  # noqa: BLE001  (that is the point)
        return error


EVIDENCE = {"status": ANYTHING, "code": ANYTHING, "request_id": ANYTHING, "body": ANYTHING}
RAISED = st.one_of(
    kinds_of(Retry, ANYTHING, after=ANYTHING, **EVIDENCE),
    kinds_of(QuotaExceeded, ANYTHING, until=ANYTHING, **EVIDENCE),
    kinds_of(QuotaExceeded, ANYTHING, until=MOMENTS, status=st.just(429)),
    kinds_of(CredentialsInvalid, ANYTHING, **EVIDENCE),
    kinds_of(ConsentInvalid, ANYTHING, **EVIDENCE),
    kinds_of(CapabilityMissing, ANYTHING, ANYTHING, **EVIDENCE),
    kinds_of(Rejected, ANYTHING, **EVIDENCE),
    kinds_of(ByHand, ANYTHING, within=ANYTHING, **EVIDENCE),
    kinds_of(OutcomeUnknown, ANYTHING, **EVIDENCE),
    kinds_of(PermanentError, ANYTHING, **EVIDENCE),
    kinds_of(NotGenuine, ANYTHING, **EVIDENCE),
    kinds_of(Malformed, ANYTHING, field=ANYTHING, **EVIDENCE),
    st.builds(KeyError, ANYTHING),
    st.builds(UnicodeDecodeError, st.just("utf-8"), st.just(b"\xff"), st.just(0), st.just(1), st.just("")),
)
FINDINGS = st.one_of(
    ANYTHING,
    st.builds(Found, ANYTHING),
    st.builds(Absent),
    st.builds(SameCall, ANYTHING),
    kinds_of(Undecided, ANYTHING, ANYTHING),
)
LIVES = st.one_of(ANYTHING, st.lists(st.one_of(ANYTHING, st.builds(Live, ANYTHING, ANYTHING)), max_size=2))
SHOWN = st.one_of(
    ANYTHING,
    st.lists(st.one_of(ANYTHING, st.builds(Shown, ANYTHING, ANYTHING, ANYTHING, ANYTHING)), max_size=2),
)
RENDERED = st.one_of(
    ANYTHING, st.builds(Rendition, ANYTHING, ANYTHING, ANYTHING, ANYTHING, ANYTHING, ANYTHING)
)
PAYLOADS = st.one_of(ANYTHING, st.dictionaries(st.text(max_size=3), ANYTHING, max_size=2))


class Whatever(Tiny):
    """The small platform whose methods do what ``does`` says, by name: raise an error, or return a value."""

    platform = dataclasses.replace(Tiny.platform, can_look=True, can_withdraw=True, can_correct=True)

    def __init__(self):
        self.does: dict[str, object] = {}
        self.corrected = False

    def _do(self, name, usual):
        if name not in self.does:
            return usual()
        done = self.does[name]
        if isinstance(done, BaseException):
            raise done
        return done

    def check(self, account):
        return self._do("check", lambda: super(Whatever, self).check(account))

    def render(self, document, variant, theme=""):
        return self._do("render", lambda: super(Whatever, self).render(document, variant, theme))

    def publish(self, job):
        if "step" in self.does:
            job.step("odd", lambda: self._do("step", dict), given=1, find=lambda: self._do("find", Absent))
        if "poll" in self.does:
            job.poll("odd", lambda: self._do("poll", dict), delays=(20,))
        if "payload" in self.does:
            job.store_payload(job.items[0], self.does["payload"])
        return self._do("publish", lambda: super(Whatever, self).publish(job))

    def withdraw(self, job):
        return self._do("withdraw", lambda: None)

    def correct(self, job):
        self.corrected = True
        if "correct step" in self.does:
            job.step("odd", lambda: self._do("correct step", dict), item=job.items[0], given=1, find=Absent)
        return self._do("correct", lambda: [Live(item.url, item.observed) for item in job.items])

    def look(self, job):
        return self._do("look", lambda: [None for _item in job.items])

    def figures(self, account, published_on):
        return self._do("figures", tuple)

    def sent(self, payload):
        return self._do("sent", lambda: super(Whatever, self).sent(payload))


@pytest.fixture
def plugin(monkeypatch):
    made = Whatever()
    monkeypatch.setitem(registry._publishers, "tiny", made)
    return made


def fuzzed(*, examples):
    """Try many values, the same in each run, however long one takes."""
    checks = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
    return settings(
        max_examples=examples, derandomize=True, deadline=None, database=None, suppress_health_check=checks
    )


def assert_ends(plugin, account, does, *, desired="live", longest=LONGEST):
    """Assert that a delivery comes to an end, or waits for a moment that is named, with a sentence."""
    Account.objects.filter(pk=account.pk).update(paused_at=None, paused_reason="", resting_until=None)
    plugin.does = {}
    delivery = send(signed_release(next(PAGES)), account=account)
    plugin.does = does
    return until_it_ends(delivery, desired=desired, longest=longest)


def until_it_ends(delivery, *, desired="live", longest=LONGEST):
    for run in range(MOST_WHEN_ASKED):
        if run == 1:
            delivery.items.update(desired=desired)
        before = timezone.now()
        engine.run(delivery.pk)
        delivery.refresh_from_db()
        assert delivery.lease_until is None
        if delivery.phase in (Phase.SETTLED, Phase.ATTENTION, Phase.PAUSED):
            assert delivery.phase == Phase.SETTLED or delivery.reason
            return delivery
        assert delivery.reason and delivery.next_at and before <= delivery.next_at <= timezone.now() + longest
        assert run < MOST_RUNS or delivery.put_off_s, "Nobody was told."
        make_due(delivery)
    raise AssertionError(f"Nobody was told: {delivery.phase}, {delivery.reason}")


@fuzzed(examples=120)
@given(where=st.sampled_from(["check", "render", "publish", "step", "poll"]), error=RAISED)
@example(where="publish", error=Retry("busy", after="60"))
@example(where="publish", error=Retry("busy", after=float("inf")))
@example(where="publish", error=Retry("busy", after=10**9))
@example(where="publish", error=QuotaExceeded("used up", until=dt.datetime(2026, 3, 1)))  # noqa: DTZ001
@example(where="publish", error=QuotaExceeded("used up", until=dt.datetime(9999, 1, 1, tzinfo=dt.UTC)))
@example(where="publish", error=ByHand("把 {x} 发出去，{time} 之前", within=60))
@example(where="publish", error=Rejected(None))
@example(where="publish", error=Rejected("标题\0不行"))
def test_every_error_with_every_value_ends(plugin, account, where, error):
    assert_ends(plugin, account, {where: error})


@pytest.mark.parametrize(("asked", "heeded"), [(-5, 0), (10, 10), (1e9, A_DAY.total_seconds())])
def test_in_whatever_words_somebody_asks_to_wait_the_bound_is_the_same(asked, heeded):
    words = [Retry("busy", after=asked), OutcomeUnknown("lost", after=asked), Undecided("wait", asked)]
    assert [each.after for each in words] == [heeded] * 3


@pytest.mark.parametrize("after", [-5, 0, 10, 29, 1e9, 1e12])
@pytest.mark.parametrize("desired", ["live", "gone"])
def test_what_stays_undecided_is_given_to_a_person(plugin, account, after, desired):
    does = {"step": OutcomeUnknown("lost"), "find": Undecided("平台还没有说。", after)}
    delivery = assert_ends(plugin, account, does, desired=desired)
    assert (delivery.phase, delivery.cause) == (Phase.ATTENTION, Cause.UNKNOWN)


@pytest.mark.parametrize("wait", [-5, 1e9, 1e12, float("inf")])
def test_no_wait_that_a_plugin_names_is_longer_than_a_day_or_has_passed(plugin, account, monkeypatch, wait):
    monkeypatch.setattr(plugin, "publish", lambda job: job.poll("odd", lambda: None, delays=(wait,) * 3))
    polled = assert_ends(plugin, account, {}, longest=A_DAY)
    assert (polled.phase, polled.cause) == (Phase.ATTENTION, Cause.UNCONFIRMED)
    monkeypatch.undo()
    plugin.platform = dataclasses.replace(Whatever.platform, waits=(wait,) * 3)
    monkeypatch.setitem(registry._publishers, "tiny", plugin)
    tried = assert_ends(plugin, account, {"publish": Retry("busy")}, longest=A_DAY)
    assert (tried.phase, tried.cause) == (Phase.ATTENTION, Cause.RETRY)


@pytest.mark.parametrize("days", [-1, 0, 1])
def test_a_quota_that_stays_used_up_is_told_to_a_person_and_tried_on(plugin, account, days):
    until = timezone.now() + dt.timedelta(days=days)
    delivery = assert_ends(plugin, account, {"publish": QuotaExceeded("used up", until=until)})
    assert (delivery.phase, delivery.cause) == (Phase.ATTENTION, Cause.QUOTA)
    assert delivery.next_at > timezone.now()
    plugin.does = {}
    make_due(delivery)
    assert engine.run(delivery.pk) == Phase.SETTLED


@pytest.mark.parametrize("where", ["check", "render", "publish", "step", "poll"])
@pytest.mark.parametrize("error", [SystemExit(3), GeneratorExit(), BaseException("gone")], ids=repr)
def test_a_plugin_that_leaves_the_process_ends_its_run(plugin, account, where, error):
    delivery = assert_ends(plugin, account, {where: error})
    assert (delivery.phase, delivery.cause) == (Phase.ATTENTION, Cause.INTERNAL)


@pytest.mark.parametrize("round", [1, 2])
def test_an_error_that_is_its_own_cause_ends_its_run_and_an_answer(plugin, account, rf, round):
    """``raise error from error``, and two that name each other."""
    error = KeyError("media_id")
    error.__cause__ = error if round == 1 else KeyError("other")
    error.__cause__.__cause__ = error
    assert len(list(itertools.islice(space.causes(error), 9))) == round
    delivery = assert_ends(plugin, account, {"publish": error})
    assert (delivery.phase, delivery.cause) == (Phase.ATTENTION, Cause.INTERNAL)
    try:
        raise error
    except KeyError:
        assert error_views.refuse(rf.get("/")).status_code == 500


@pytest.mark.parametrize(
    ("does", "words"),
    [
        ({"check": KeyError("x")}, "check：KeyError"),
        ({"check": "publish"}, "check：str"),
        ({"render": PermanentError("配图不在文章里。")}, "配图不在文章里。"),
        ({"render": Rendition("题", "", "", "", "f" * 64, ())}, "render：Rendition.cover"),
        ({"render": Rendition("题", "", "", "", None, (), {"made": 2**60})}, "render：Rendition.extra"),
    ],
    ids=repr,
)
def test_a_plugin_that_fails_where_it_is_asked_by_others_too_is_named(plugin, account, does, words):
    delivery = assert_ends(plugin, account, does)
    assert (delivery.phase, delivery.cause) == (Phase.ATTENTION, Cause.INTERNAL)
    assert "小平台" in delivery.reason and words in delivery.reason


def test_the_end_of_a_worker_is_no_failure_of_the_plugin(plugin, account, monkeypatch):
    delivery = send(signed_release(next(PAGES)), account=account)
    # What a worker's process does when it is told to stop, wherever it is.
    monkeypatch.setattr(billiard.common, "_should_have_exited", [False])
    monkeypatch.setattr(
        plugin, "publish", lambda job: billiard.common._shutdown_cleanup(signal.SIGTERM, None)
    )
    with pytest.raises(SystemExit):
        engine.run(delivery.pk)
    delivery.refresh_from_db()
    assert delivery.phase == Phase.SENDING and delivery.lease_until, "The next worker takes it up."


@fuzzed(examples=150)
@given(
    does=st.one_of(
        st.fixed_dictionaries({"check": ANYTHING}),
        st.fixed_dictionaries({"render": RENDERED}),
        st.fixed_dictionaries({"publish": LIVES}),
        st.fixed_dictionaries({"step": ANYTHING}),
        st.fixed_dictionaries({"step": st.just(OutcomeUnknown("lost")), "find": FINDINGS}),
        st.fixed_dictionaries({"step": st.just(OutcomeUnknown("lost")), "find": RAISED}),
        st.fixed_dictionaries({"poll": ANYTHING}),
        st.fixed_dictionaries({"payload": PAYLOADS}),
    )
)
def test_whatever_a_method_returns_the_delivery_ends(plugin, account, does):
    assert_ends(plugin, account, does)


@fuzzed(examples=40)
@given(
    does=st.one_of(
        st.fixed_dictionaries({"correct": st.one_of(LIVES, RAISED)}),
        st.fixed_dictionaries({"correct step": st.one_of(ANYTHING, RAISED)}),
    )
)
def test_a_correction_in_place_ends_whatever_is_raised_or_returned(plugin, account, page, does):
    Account.objects.filter(pk=account.pk).update(paused_at=None, paused_reason="", resting_until=None)
    plugin.does, plugin.corrected = {}, False
    page_id = make_story(author=page.owner).pk
    earlier = send(signed_release(page_id), account=account)
    assert engine.run(earlier.pk) == Phase.SETTLED
    newer = signed_release(page_id, title="山里的阅览室（更正）")
    [delivery] = correcting.correct(newer, {account: CorrectionStrategy.UPDATE}, by=OPERATOR)
    plugin.does = does
    until_it_ends(delivery)
    assert plugin.corrected, "It was asked."


@fuzzed(examples=80)
@given(does=st.fixed_dictionaries({"withdraw": st.one_of(RAISED, ANYTHING)}))
def test_a_withdrawal_ends_whatever_is_raised(plugin, account, does):
    delivery = assert_ends(plugin, account, {})
    assert delivery.phase == Phase.SETTLED
    delivery.items.update(desired="gone")
    Delivery.objects.filter(pk=delivery.pk).update(phase=Phase.SENDING, next_at=an_hour_ago())
    plugin.does = does
    for _run in range(MOST_WHEN_ASKED):
        if engine.run(delivery.pk) in (Phase.SETTLED, Phase.ATTENTION, Phase.PAUSED):
            return
        make_due(delivery)
    raise AssertionError("Nobody was told of a withdrawal that did not end.")


@pytest.mark.parametrize(
    "until",
    [
        "60",
        None,
        dt.datetime(2026, 3, 1),  # noqa: DTZ001
        dt.datetime(2000, 1, 1, tzinfo=dt.UTC),
        dt.datetime(9999, 1, 1, tzinfo=dt.UTC),
    ],
    ids=repr,
)
def test_a_look_whose_quota_is_used_up_is_made_again_within_a_month_and_not_at_once(plugin, account, until):
    delivery = assert_ends(plugin, account, {})
    Delivery.objects.filter(pk=delivery.pk).update(look_at=an_hour_ago())
    plugin.does = {"look": QuotaExceeded("used up", until=until)}
    verify.verify(delivery.pk)
    delivery.refresh_from_db()
    assert timezone.now() < delivery.look_at < timezone.now() + LONGEST


@pytest.mark.parametrize(
    "figures",
    [
        None,
        7,
        [None],
        [Figure(None, None, None, None)],
        [Figure({"id": "draft-1"}, dt.date(2026, 3, 1), "reads", True)],
        [Figure({}, dt.date(2026, 3, 1), "reads", 7)],
        KeyError("day"),
        SystemExit(3),
        QuotaExceeded("used up", until="60"),
        Retry("later", after=1e300),
    ],
    ids=repr,
)
def test_figures_that_are_none_end_no_task(plugin, account, figures):
    delivery = assert_ends(plugin, account, {})
    plugin.platform = dataclasses.replace(plugin.platform, figure_days=30, figure_source="figures")
    long_ago = timezone.now() - dt.timedelta(days=2)
    Delivery.objects.filter(pk=delivery.pk).update(settled_at=long_ago, due_at=long_ago)
    plugin.does = {"figures": figures}
    assert collect.collect(account.pk) == 0


@fuzzed(examples=100)
@given(
    does=st.one_of(
        st.fixed_dictionaries({"look": st.one_of(SHOWN, RAISED)}),
        st.fixed_dictionaries({"sent": st.one_of(ANYTHING, RAISED, st.just(SystemExit(3)))}),
        st.fixed_dictionaries({"look": st.builds(lambda text: [Shown(True, text, text)], ANYTHING)}),
    )
)
def test_a_look_is_made_and_the_next_one_has_its_day_whatever_is_told(plugin, account, does):
    delivery = assert_ends(plugin, account, {})
    Delivery.objects.filter(pk=delivery.pk).update(look_at=an_hour_ago())
    seen = Sighting.objects.count()
    plugin.does = does
    verify.verify(delivery.pk)
    delivery.refresh_from_db()
    assert Sighting.objects.count() == seen + 1
    assert (
        delivery.phase == Phase.ATTENTION
        or delivery.look_at > timezone.now()
        or delivery.phase == Phase.PAUSED
    )


NO_PAGES = [
    "javascript:alert(1)",
    "data:text/html,x",
    "//h/x",
    "https:///x",
    "https://[::1",
    "https://h:99999",
]


@pytest.mark.parametrize("url", [*NO_PAGES, "https://h/ x", "https://h/" + "a" * 1000, 5, None], ids=ascii)
def test_an_address_that_is_no_page_is_no_link_of_the_desk(plugin, account, url):
    """The article is live all the same, and can be taken down by what the platform calls it."""
    plugin.does = {"publish": [Live(url, {"id": "a1"})]}
    delivery = send(signed_release(next(PAGES)), account=account)
    assert engine.run(delivery.pk) == Phase.SETTLED
    item = delivery.items.get()
    assert (item.url, item.remote) == ("", {"id": "a1"})


def test_nor_is_one_that_comes_with_its_figures(plugin, account):
    """The figure is kept; an address that comes later is learnt."""
    plugin.does = {"publish": [Live("", {"id": "a1"})]}
    delivery = send(signed_release(next(PAGES)), account=account)
    assert engine.run(delivery.pk) == Phase.SETTLED
    plugin.platform = dataclasses.replace(plugin.platform, figure_days=30, figure_source="figures")
    long_ago = timezone.now() - dt.timedelta(days=2)
    Delivery.objects.filter(pk=delivery.pk).update(settled_at=long_ago, due_at=long_ago)
    for url, learnt in (("javascript:alert(1)", ""), ("https://h.cn/a1", "https://h.cn/a1")):
        day = (timezone.now() - dt.timedelta(days=2)).date()
        plugin.does = {"figures": [Figure({"id": "a1"}, day, "reads", 1, is_final=False, url=url)]}
        assert collect.collect(account.pk)
        assert delivery.items.get().url == learnt


@pytest.mark.parametrize("odd", ["\0", "\ud800"], ids=ascii)
def test_characters_that_cannot_be_stored_take_nothing_from_what_is_told(plugin, account, odd):
    plugin.does = {"publish": [Live(f"https://tiny.example/{odd}", {"id": f"a{odd}"})]}
    delivery = send(signed_release(next(PAGES)), account=account)
    assert engine.run(delivery.pk) == Phase.SETTLED
    Delivery.objects.filter(pk=delivery.pk).update(look_at=an_hour_ago())
    plugin.does = {"look": [Shown(False, reason=f"违规{odd}")]}
    verify.verify(delivery.pk)
    delivery.refresh_from_db()
    assert delivery.phase == Phase.ATTENTION and "违规" in delivery.reason
