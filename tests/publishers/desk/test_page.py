"""An article's signatures, places and plan."""

import json

import pytest
from django.urls import reverse

from cms.document.model import canonical
from cms.models import Role, Stage, Withdrawal
from cms.organisation.offices import grant
from publishers import engine
from publishers.distribution import plan
from publishers.models import Delivery, Phase, Plan
from tests.factories import make_office, make_section, make_story, make_user
from tests.factories_release import approve_all, make_release, ready_for_review, submit
from tests.publishers.desk.conftest import refused, text, turned_away
from tests.publishers.engine.cast import send, sent_titles
from tests.triggers import lifted

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def story(network):
    ready_for_review()
    for stage, name in ((Stage.FIRST, "初审老陈"), (Stage.SECOND, "复审老何"), (Stage.FINAL, "终审老罗")):
        grant(make_user(f"reviewer{stage}", first_name=name), network.city, Role.REVIEWER, stage)
    return make_story(make_section(network.city), author=network.author, title="夜校的灯")


def test_everybody_of_the_office_sees_who_signed_what_and_where_it_is(story, network, desk):
    release = make_release(story)
    delivery = send(release, account=network.of_city)
    engine.run(delivery.pk)
    for person in (network.author, network.auditor, network.duty):
        shown = text(desk(person).get("hub_page_distribution", story.pk))
        assert all(name in shown for name in ("初审老陈", "复审老何", "终审老罗", release.sha256))
        assert delivery.items.get().url in shown


def test_only_who_stood_in_is_named_with_her_office_and_a_newer_draft_awaits_sign_off(story, network, desk):
    release, see = make_release(story), desk(network.author)
    signed = "The newest text is signed off"
    shown = text(see.get("hub_page_distribution", story.pk))
    assert signed in shown and "standing in from" not in shown
    approvals = json.loads(bytes(release.approvals))
    approvals[0] |= {"stand_in": True, "office_name": "代审的妇联"}
    with lifted():
        type(release).objects.filter(pk=release.pk).update(approvals=canonical(approvals))
    story.refresh_from_db()
    story.save_revision(user=network.author)
    shown = text(see.get("hub_page_distribution", story.pk))
    assert shown.count("standing in from 代审的妇联") == 1 and signed not in shown


def test_only_an_articles_editor_leads_there(story, network, desk):
    see = desk(network.author)
    address = reverse("hub_page_distribution", args=[story.pk])
    assert address in text(see.client.get(reverse("wagtailadmin_pages:edit", args=[story.pk])))
    section = story.get_parent()
    see = desk(make_user("root", is_superuser=True))
    shown = text(see.client.get(reverse("wagtailadmin_pages:edit", args=[section.pk])))
    assert reverse("hub_page_distribution", args=[section.pk]) not in shown
    assert refused(see.get("hub_page_distribution", section.pk))


def test_a_stranger_does_not(story, desk):
    stranger = make_user("elsewhere")
    from cms.organisation.offices import desk_group

    stranger.groups.add(desk_group())
    assert refused(desk(stranger).get("hub_page_distribution", story.pk))


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ADMINISTRATOR, Role.AUTHOR])
def test_who_works_for_an_office_above_sees_signatures_and_proof_and_who_works_beside_it_does_not(
    role, story, network, desk
):
    release = make_release(story)
    above = desk(make_user("above", network.province, role))
    assert release.sha256 in text(above.get("hub_page_distribution", story.pk))
    assert above.get("hub_proof", release.pk).streaming
    beside = desk(make_user("beside", make_office("town", parent=network.province), role))
    assert refused(beside.get("hub_page_distribution", story.pk))
    assert refused(beside.get("hub_proof", release.pk))


def test_a_release_that_was_changed_says_so(story, network, desk):
    release = make_release(story)
    with lifted():
        type(release).objects.filter(pk=release.pk).update(title="改过的标题")
    assert "not what the hub signed" in text(desk(network.author).get("hub_page_distribution", story.pk))


def test_what_is_planned_goes_out_after_the_last_review(story, network, desk, server):
    said = {"accounts": [network.of_city.pk], "when": "now"}
    desk(network.duty).post("hub_page_distribution", story.pk, said=said)
    assert not Delivery.objects.exists()
    submit(story, network.author)
    approve_all(story)
    delivery = Delivery.objects.get()
    assert engine.run(delivery.pk) == Phase.SETTLED
    assert sent_titles(server) == ["夜校的灯"] and not Plan.objects.exists()


def test_a_plan_is_taken_back_by_who_may_send_there_and_by_nobody_else(story, network, desk):
    said = {"accounts": [network.of_city.pk], "when": "now"}
    desk(network.liaison).post("hub_page_distribution", story.pk, said=said)
    planned = Plan.objects.get()
    for person in (network.author, network.auditor):
        answer = desk(person).post("hub_page_distribution", story.pk, said={"unplan": planned.pk})
        assert turned_away(answer) and Plan.objects.exists()
    desk(network.duty).post("hub_page_distribution", story.pk, said={"unplan": planned.pk})
    assert not Plan.objects.exists()


def test_a_plan_is_not_taken_back_at_another_articles_address(story, network, desk):
    see, other = desk(network.duty), make_story(make_section(network.city), author=network.author)
    see.post("hub_page_distribution", story.pk, said={"accounts": [network.of_city.pk], "when": "now"})
    answer = see.post("hub_page_distribution", other.pk, said={"unplan": Plan.objects.get().pk})
    assert answer.status_code == 404 and Plan.objects.exists()


def test_who_sends_plans_and_distributes_and_who_looks_is_shown_neither(story, network, desk):
    release = make_release(story)
    distribute, plan = f"{reverse('hub_send')}?release={release.pk}", "Plan it"
    for person in (network.duty, network.liaison):
        shown = text(desk(person).get("hub_page_distribution", story.pk))
        assert distribute in shown and plan in shown and 'name="urgent"' not in shown
    for person in (network.author, network.auditor, network.administrator):
        shown = text(desk(person).get("hub_page_distribution", story.pk))
        assert distribute not in shown and plan not in shown


def test_what_goes_to_another_offices_account_is_named_and_leads_nowhere(story, network, desk):
    """Whoever sends reads where a text is to be; the delivery, and the plan, are the other office's."""
    there, here = (
        send(make_release(story), account=account) for account in (network.of_province, network.of_city)
    )
    for account in (network.of_province, network.of_city):
        plan(story, account, by=network.provincial)
    taken_back = 'name="unplan" value="{}"'
    own, others = (Plan.objects.get(account=account).pk for account in (network.of_city, network.of_province))
    shown = text(desk(network.liaison).get("hub_page_distribution", story.pk))
    assert "省号" in shown and taken_back.format(own) in shown and taken_back.format(others) not in shown
    address = reverse("hub_delivery", args=[here.pk])
    assert address in shown and reverse("hub_delivery", args=[there.pk]) not in shown


def test_a_duty_editor_withdraws_with_a_reason_and_a_notice_and_nobody_else_is_asked(story, network, desk):
    make_release(story)
    button = 'value="withdraw"'
    for person in (network.author, network.liaison, network.auditor, network.administrator):
        see = desk(person)
        assert button not in text(see.get("hub_page_distribution", story.pk))
        said = {"action": "withdraw", "reason": "有误。"}
        assert turned_away(see.post("hub_page_distribution", story.pk, said=said))
    see, said = desk(network.duty), {"action": "withdraw", "reason": " ", "notice": "更正随后。"}
    assert button in text(see.get("hub_page_distribution", story.pk))
    shown = text(see.post("hub_page_distribution", story.pk, said=said))
    assert (
        "Say why the article is withdrawn." in shown
        and "更正随后。" in shown
        and not Withdrawal.objects.exists()
    )
    shown = text(see.post("hub_page_distribution", story.pk, said=said | {"reason": "有误。"}))
    assert "Withdrawn by duty" in shown and "有误。" in shown and button not in shown
    assert reverse("hub_send") not in shown.partition("hub-page")[2]
    assert Withdrawal.objects.get().notice == "更正随后。"


def test_nobody_plans_for_an_account_of_another_office(story, network, desk):
    said = {"accounts": [network.of_province.pk], "when": "now"}
    desk(network.duty).post("hub_page_distribution", story.pk, said=said)
    assert not Plan.objects.exists()
