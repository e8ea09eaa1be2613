"""What WeChat lets only a person do: she is asked, with a deadline, and the hub looks what she did."""

import pytest

from publishers.interface import ByHand

SUBMIT = "/cgi-bin/freepublish/submit"


@pytest.fixture
def drafts_only(server):
    server.sandbox.add_account("wechat", server.account_id, "s3cret", "榕溪县女声", capabilities=["draft"])
    return server.account("appid", "secret", {"draft"})


def asked(plugin, job):
    """Run the job; return the task that it ends with."""
    with pytest.raises(ByHand) as raised:
        plugin.publish(job)
    return raised.value


def the_draft(server):
    [draft] = server.sandbox.drafts(server.account_id)
    return draft["media_id"]


def test_an_account_for_drafts_only_gets_the_draft_and_a_person_the_rest(
    plugin, server, drafts_only, make_job
):
    job = make_job(drafts_only)
    task = asked(plugin, job)
    assert "{time}" in task.instruction and task.within == 24 * 3600
    assert the_draft(server)
    assert SUBMIT not in server.calls()
    assert asked(plugin, job).instruction == task.instruction
    assert job.calls.count("draft") == 1


def test_an_address_is_asked_for_when_the_draft_has_left_the_box_and_no_list_shows_it(
    plugin, server, drafts_only, make_job
):
    job = make_job(drafts_only)
    first = asked(plugin, job)
    server.sandbox.console_publish(server.account_id, the_draft(server))
    assert asked(plugin, job).instruction != first.instruction


@pytest.mark.parametrize("code", [53503, 53504, 53505])
def test_a_draft_for_the_console_only_is_found_after_a_person_published_it(plugin, server, job, code):
    server.refuse(SUBMIT, code)
    asked(plugin, job)
    server.sandbox.console_publish(server.account_id, the_draft(server))
    [live] = plugin.publish(job)
    assert [live.url] == [seen.url for seen in server.seen()]
    assert server.calls().count(SUBMIT) == 1


def test_a_draft_that_a_person_deleted_is_neither_made_nor_submitted_again(plugin, server, job):
    server.refuse(SUBMIT, 53504)
    task = asked(plugin, job)
    server.sandbox.delete_draft(server.account_id, the_draft(server))
    assert asked(plugin, job).instruction != task.instruction
    assert job.calls.count("draft") == server.calls().count(SUBMIT) == 1
