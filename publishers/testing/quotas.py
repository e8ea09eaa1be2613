"""10 quota: every call is counted before it is made, and a quota that ends sends nothing twice."""

import datetime as dt
from collections import Counter

from publishers.interface import QuotaExceeded
from publishers.testing.documents import specimen
from publishers.testing.given import Given
from publishers.testing.refusing import refused
from publishers.testing.running import settle
from publishers.testing.scenarios import NotDeclared, scenario


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
