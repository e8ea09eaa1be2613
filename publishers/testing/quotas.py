"""10 quota: every call is counted before it is made, and a quota that ends sends nothing twice."""

import datetime as dt
from collections import Counter

import pytest

from publishers.interface import OutcomeUnknown, QuotaExceeded, Retry
from publishers.testing.documents import specimen
from publishers.testing.given import Given
from publishers.testing.job import Waiting
from publishers.testing.refusing import refused
from publishers.testing.running import settle
from publishers.testing.scenarios import NotDeclared, require_calls, require_waits, scenario

ASKED_S = 14


class Quotas(Given):
    @scenario("10.1")
    def test_every_call_is_made_over_the_accounts_connection(self, plugin, account, job, server):
        plugin.check(account)
        settle(plugin, job, server)
        assert Counter(server.calls()) - Counter(account.called) == Counter()

    @scenario("10.2")
    def test_a_quota_that_ends_stops_the_run_and_the_next_day_goes_on(
        self, plugin, account, make_job, served, server
    ):
        settle(plugin, make_job(specimen(served, "先走一遍看看有哪些调用")), server)
        called = set(account.called)
        quotas = [each for each in plugin.platform.quotas if each.path in called]
        if not quotas:
            raise NotDeclared(f"{plugin.platform.name} declares no quota of a call that is made.")
        for number, quota in enumerate(quotas, start=1):
            title = f"第{number}个限额用完的文章"
            job = make_job(specimen(served, title), mark=f"{number:x}")
            account.forget_token()
            account.used_up = quota.path
            try:
                settle(plugin, job, server)
            except QuotaExceeded:
                account.used_up = None
            assert settle(plugin, job, server), quota.path
            assert [seen.title for seen in server.seen()].count(title) == 1, quota.path
            account.used_up = None

    @scenario("10.3")
    def test_a_used_up_quota_says_when_to_come_again(
        self, plugin, account, make_job, served, server, refusals
    ):
        for raised in refused(QuotaExceeded, refusals, plugin, account, make_job, served, server):
            assert raised.until > dt.datetime.now(dt.UTC)

    @scenario("10.4", needs="quotas")
    def test_a_quota_names_a_path_from_the_root_and_keeps_less_than_it_has(self, plugin):
        for quota in plugin.platform.quotas:
            assert quota.path.startswith("/")
            assert quota.per_minute is not None or quota.per_day is not None
            assert quota.kept == 0 or quota.kept < quota.per_day

    @scenario("10.5")
    @pytest.mark.parametrize("status", [429, 503])
    def test_a_platform_that_asks_to_wait_is_asked_again_when_it_says(
        self, plugin, account, make_job, served, server, changing, refusals, status
    ):
        require_calls(plugin, changing)
        require_waits(server)
        paths = dict.fromkeys([*changing, *(path for _error, path, _code in refusals)])
        for number, path in enumerate(paths, start=1):
            title = f"平台第{number}次要求稍候的文章"
            account.forget_token()
            server.ask_to_wait(path, status, ASKED_S)
            job = make_job(specimen(served, title), mark=f"d{number:x}")
            with pytest.raises((Retry, OutcomeUnknown)) as raised:
                while True:
                    _go_on(plugin, job, server)
            assert isinstance(raised.value, Retry | OutcomeUnknown) and raised.value.after == ASKED_S, path
            server.pass_time(ASKED_S)
            published = settle(plugin, job, server)
            assert [seen.title for seen in server.seen()].count(title) == (1 if published else 0), path


def _go_on(plugin, job, server) -> None:
    """Publish until the next wait; what is live before the platform asked to wait is a fault of the test."""
    try:
        plugin.publish(job)
    except Waiting as wait:
        assert wait.after is not None
        server.pass_time(wait.after)
    else:
        raise AssertionError("The platform was not asked.")
