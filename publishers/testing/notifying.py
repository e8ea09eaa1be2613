"""16 notifying: followers are told when a person decided so, once, and never else."""

import pytest

from publishers.testing.documents import specimen
from publishers.testing.given import Given
from publishers.testing.running import settle
from publishers.testing.scenarios import scenario


class Notifying(Given):
    @scenario("16.1", needs="notifying")
    def test_the_account_may_and_the_warning_is_said(self, plugin):
        notifying = plugin.platform.notifying
        assert notifying.capability in plugin.platform.capabilities
        assert str(notifying.warning).strip()
        assert {notifying.step, notifying.instead_of} <= set(plugin.platform.steps)

    @scenario("16.2", needs="notifying")
    def test_followers_are_not_told_unless_a_person_decided_so(self, plugin, job, server):
        settle(plugin, job, server)
        assert plugin.platform.notifying.instead_of in job.calls
        assert plugin.platform.notifying.step not in job.calls

    @scenario("16.3", needs="notifying")
    def test_followers_are_told_instead(self, plugin, job, server):
        job.notifies = True
        assert settle(plugin, job, server)
        assert plugin.platform.notifying.instead_of not in job.calls
        assert job.calls.count(plugin.platform.notifying.step) == 1
        assert len(server.seen()) == 1

    @scenario("16.4", needs="notifying")
    @pytest.mark.parametrize("when", ["before", "after"])
    def test_a_kill_while_telling_never_tells_twice(self, plugin, make_job, served, server, when):
        job = make_job(specimen(served, "这篇文章只告诉关注者一次"))
        job.notifies, job.stop = True, (plugin.platform.notifying.step, when)
        told = settle(plugin, job, server)
        assert len(server.seen()) == (1 if told else 0)
