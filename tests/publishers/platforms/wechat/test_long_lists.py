"""An account that has published for years: what is lost is looked for in few calls, and never sent twice."""

import pytest

from publishers.interface import ByHand, OutcomeUnknown
from publishers.platforms.wechat.finding import BOX_PAGES, PAGES
from publishers.testing.job import Waiting
from publishers.testing.running import settle

DRAFT, SUBMIT = "/cgi-bin/draft/add", "/cgi-bin/freepublish/submit"
LIST, BOX = "/cgi-bin/freepublish/batchget", "/cgi-bin/draft/batchget"
GET_DRAFT = "/cgi-bin/draft/get"


def lose(plugin, job, server, path, fault="lost_answer"):
    server.sandbox.fault(fault, platform="wechat", path=path)
    with pytest.raises(OutcomeUnknown):
        plugin.publish(job)


def published_before(server, count, order="none", drafts=0):
    server.sandbox.publish_older("wechat", server.account_id, count, order, drafts)


def run_until_waiting(plugin, job):
    with pytest.raises(Waiting) as wait:
        plugin.publish(job)
    return wait.value


def given_to_a_person(plugin, job, server) -> str:
    """Look as often as is told, and return what the person then reads."""
    while (wait := run_until_waiting(plugin, job)).after is not None:
        server.pass_time(wait.after)
    return str(wait)


@pytest.mark.parametrize(("order", "calls"), [("newest", 12), ("oldest", 17), ("none", 40)])
def test_a_lost_submit_leaves_most_of_the_days_lists_to_others(plugin, server, job, order, calls):
    published_before(server, 300, order)
    lose(plugin, job, server, SUBMIT, "reset_before")
    sentence = given_to_a_person(plugin, job, server)
    assert server.calls().count(LIST) <= calls
    assert (job.items[0].rendition.title in sentence) == (order == "none"), "it could not be read far enough"
    assert server.calls().count(SUBMIT) == 1 and server.calls().count(BOX) == 0


@pytest.mark.parametrize("order", ["newest", "oldest"])
def test_a_lost_submit_is_found_among_two_thousand(plugin, server, job, order):
    published_before(server, 2100, order)
    lose(plugin, job, server, SUBMIT)
    assert settle(plugin, job, server)
    assert server.calls().count(LIST) <= 6 and server.calls().count(SUBMIT) == 1


def test_one_reading_looks_for_all_that_was_lost(plugin, server, make_job):
    account = server.account("appid", "secret", {"draft", "publish"})
    published_before(server, 300)
    jobs = [make_job(account) for _lost in range(5)]
    for job in jobs:
        lose(plugin, job, server, SUBMIT, "reset_before")
    for job in jobs:
        run_until_waiting(plugin, job)
    assert server.calls().count(LIST) == PAGES


def test_a_list_whose_quota_is_used_up_is_a_persons_within_the_time_of_a_review(plugin, server, job):
    lose(plugin, job, server, SUBMIT, "reset_before")
    job.account.used_up = LIST
    waited = 0
    while (wait := run_until_waiting(plugin, job)).after is not None:
        waited += wait.after
        server.pass_time(wait.after)
    assert waited < 1900 and job.items[0].rendition.title in str(wait)
    assert server.calls().count(SUBMIT) == 1


@pytest.mark.parametrize(("order", "calls"), [("newest", 1), ("oldest", 2)])
def test_a_draft_that_never_arrived_is_made_when_the_newest_of_the_lists_do_not_show_it(
    plugin, server, job, order, calls
):
    published_before(server, 300, order, drafts=600)
    lose(plugin, job, server, DRAFT, "reset_before")
    assert settle(plugin, job, server)
    assert (server.calls().count(BOX), server.calls().count(LIST)) == (calls, calls)
    assert server.calls().count(DRAFT) == 2


@pytest.mark.parametrize(("older", "drafts"), [(300, 0), (0, 600)])
def test_a_draft_is_never_made_again_while_a_list_is_not_read_to_its_end(plugin, server, job, older, drafts):
    published_before(server, older, drafts=drafts)
    lose(plugin, job, server, DRAFT, "reset_before")
    sentence = given_to_a_person(plugin, job, server)
    assert job.items[0].rendition.title in sentence and "mp.weixin.qq.com" in sentence
    assert server.calls().count(DRAFT) == 1
    assert server.calls().count(LIST) <= 4 * PAGES and server.calls().count(BOX) <= 4 * BOX_PAGES


def test_a_draft_is_never_made_again_while_the_list_cannot_be_asked(plugin, server, job):
    lose(plugin, job, server, DRAFT, "reset_before")
    job.account.used_up = LIST
    assert job.items[0].rendition.title in given_to_a_person(plugin, job, server)
    job.account.used_up = None
    assert settle(plugin, job, server)
    assert server.calls().count(DRAFT) == 2


def test_what_a_person_published_is_looked_for_in_few_calls_and_else_asked_of_her(plugin, server, job):
    published_before(server, 300)
    job.account.capabilities = frozenset({"draft"})
    with pytest.raises(ByHand):
        plugin.publish(job)
    [draft] = [each for each in server.sandbox.drafts(server.account_id) if each["articles"]]
    server.sandbox.delete_draft(server.account_id, draft["media_id"])
    with pytest.raises(ByHand) as asked:
        plugin.publish(job)
    assert job.items[0].rendition.title in asked.value.instruction
    assert server.calls().count(LIST) == PAGES
