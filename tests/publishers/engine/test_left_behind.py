"""What one plugin leaves in a worker's process harms no delivery of another account."""

import datetime as dt
from contextlib import suppress

import pytest
from django.db import OperationalError, connection, transaction
from django.utils import timezone, translation
from django.utils.connection import ConnectionDoesNotExist

from publishers import registry
from publishers.asking import PluginFails, ask
from publishers.interface import ByHand, Publisher, Retry
from publishers.models import Account, Attempt, Cause, Outcome, Phase
from tests.publishers.engine.cast import make_account, run, send, signed_release
from tests.publishers.engine.tiny import Tiny

pytestmark = pytest.mark.django_db(transaction=True)
HERS = "甲账号"


def a_block():
    Leaving.kept.append(transaction.atomic())
    Leaving.kept[-1].__enter__()


def a_row_of_many():
    def rows():
        with transaction.atomic():
            yield from Account.objects.all()
            yield None

    Leaving.kept.append(rows())
    next(Leaving.kept[-1])


def a_block_that_it_closed():
    a_block()
    connection.close()


def no_autocommit():
    transaction.set_autocommit(False)
    Account.objects.update(problem="written")


def a_begin():
    connection.cursor().execute("BEGIN")


TRANSACTIONS = [a_block, a_row_of_many, a_block_that_it_closed, no_autocommit, a_begin]


class Leaving(Tiny):
    """Does ``leave`` where it is told to, on one account, before anything is sent or after it."""

    kept: list = []

    def __init__(self, leave=None, where="before"):
        self.leave, self.where = leave, where

    def publish(self, job):
        if job.account.name != HERS:
            return super().publish(job)
        if self.where == "call":
            job.step("call", self.leave, given={})
        if self.where == "after":
            lives = super().publish(job)
            self.leave()
            return lives
        self.leave()
        if self.where == "between":
            return super().publish(job)
        raise Retry("busy")

    def count(self, text):
        self.leave()
        return len(text)


@pytest.fixture
def leaving(monkeypatch):
    def make(*does):
        made = Leaving(*does)
        monkeypatch.setitem(registry._publishers, "tiny", made)
        return made

    yield make
    while Leaving.kept:
        if hasattr(left := Leaving.kept.pop(), "close"):
            with suppress(ConnectionDoesNotExist):
                left.close()


@pytest.fixture
def both(office, server):
    """Return what goes to the account where something is left, and what goes to another one."""
    one, two = make_account(office, server, HERS), make_account(office, server, "乙账号")
    return send(signed_release(1), account=one), send(signed_release(2), account=two)


@pytest.mark.parametrize("where", ["before", "between", "call", "after"])
@pytest.mark.parametrize("leave", TRANSACTIONS)
def test_a_transaction_left_open_is_the_plugins_failure_and_the_next_delivery_goes_on(
    leaving, both, leave, where
):
    hers, others = both
    leaving(leave, where)
    assert run(hers) == Phase.ATTENTION and hers.cause == Cause.INTERNAL
    assert "小平台" in hers.reason and "事务" in hers.reason
    assert not Account.objects.exclude(problem="").exists(), "What it wrote is undone."
    called = Attempt.objects.filter(name="call").values_list("outcome", flat=True)
    assert list(called) == [Outcome.UNKNOWN] * (where == "call"), "It may have had its effect."
    assert run(others) == Phase.SETTLED


@pytest.mark.parametrize("end", [lambda rows: rows.close(), lambda rows: list(rows)])
def test_who_ends_later_what_was_left_open_ends_nothing_of_anothers(leaving, both, end):
    leaving(a_row_of_many)
    run(both[0])
    with transaction.atomic():
        Account.objects.update(problem="written")
        with pytest.raises(ConnectionDoesNotExist):
            end(Leaving.kept[-1])
    transaction.rollback()
    assert set(Account.objects.values_list("problem", flat=True)) == {"written"}


def test_a_connection_that_it_closed_is_made_anew(leaving, both):
    leaving(lambda: connection.connection.close())
    assert [run(each) for each in both] == [Phase.SENDING, Phase.SETTLED], "As without."


@pytest.mark.parametrize("where", ["before", "call"])
def test_no_language_and_no_time_zone_that_a_plugin_chooses_is_anybodys_else(leaving, both, where):
    def leave():
        translation.activate("en")
        timezone.activate(dt.timezone(dt.timedelta(hours=-11)))
        raise Retry("busy") if where == "before" else ByHand("{time}", within=60)

    leaving(leave, where)
    run(both[0])
    assert "账号" in both[0].reason or timezone.localtime().strftime("年%-m月%-d日") in both[0].reason
    assert translation.get_language() == "zh-hans" and str(timezone.get_current_timezone()) == "Asia/Shanghai"


def test_what_the_engine_says_between_a_plugins_lines_is_chinese(leaving, both, server):
    server.polls_until_live = 1
    leaving(lambda: translation.activate("en"), "between")
    assert run(both[0]) == Phase.CONFIRMING and not both[0].reason.replace(HERS, "").isascii()


@pytest.mark.parametrize("leave", [a_block, a_row_of_many])
def test_who_asks_inside_a_transaction_of_her_own_keeps_it(leaving, both, leave):
    plugin = leaving(leave)
    with transaction.atomic():
        Account.objects.update(problem="written")
        with pytest.raises(PluginFails, match=r"小平台.*事务"):
            ask(plugin, Publisher.count, "题")
    assert set(Account.objects.values_list("problem", flat=True)) == {"written"}


def test_an_error_of_the_databases_kind_is_the_plugins_as_long_as_the_database_answers(leaving, both):
    def fail():
        raise OperationalError("its own")

    leaving(fail)
    assert run(both[0]) == Phase.ATTENTION and "OperationalError" in both[0].reason
