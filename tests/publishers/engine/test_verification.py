"""What went live is looked at again, slowly; what is not as it should be goes to a person, once."""

import dataclasses
import datetime as dt
import hashlib
import logging
from urllib.parse import urlsplit

import pytest
from django.contrib.auth import get_user_model
from django.core import mail
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.models import Page

from cms.models import Role
from cms.refusals import Refused
from cms.releases import withdrawals as cms_withdrawing
from publishers import accounts, engine, registry, tasks
from publishers.distribution import withdrawing
from publishers.engine import switching
from publishers.interface import CredentialsInvalid, PermanentError, Quota, QuotaExceeded, Retry, Shown
from publishers.models import Account, Attempt, Cause, Delivery, DeliveryItem, Desired, Phase, Seen, Sighting
from publishers.people.permissions import OPERATOR
from publishers.verification import sightings, verify
from publishers.verification.pages import REDIRECTS, plain
from tests.factories import make_user
from tests.factories_release import make_release
from tests.publishers.engine.cast import make_due, send, signed_release
from tests.publishers.engine.clock import an_hour_ago, in_an_hour
from tests.publishers.engine.tiny import Tiny, TinyClient

pytestmark = pytest.mark.django_db(transaction=True)
TEXT = "<p>她在村口办起了<b>第一间</b>儿童阅览室。</p>"


class Looking(Tiny):
    """The small platform with texts, a call that tells what it shows, and one that takes it down."""

    platform = dataclasses.replace(Tiny.platform, can_look=True, can_withdraw=True)
    error: Exception | None = None
    shown: Shown | None = None

    def _payload(self, job, client, item):
        return {**super()._payload(job, client, item), "content": TEXT}

    def look(self, job):
        if self.error:
            raise self.error
        return [self.shown or Shown(True, item.rendition.title, TEXT) for item in job.items]

    def withdraw(self, job):
        for item in job.items:
            job.step("withdraw", lambda: TinyClient(job.account).call("/state", {}), item=item)


@pytest.fixture
def platform(monkeypatch):
    made = Looking()
    monkeypatch.setitem(registry._publishers, "tiny", made)
    return made


@pytest.fixture
def delivery(platform, account, server, duty):
    """A delivery of one article that is live; its page shows what was sent."""
    made = send(signed_release(), account=account)
    assert engine.run(made.pk) == Phase.SETTLED
    show(server, made, 200, page_of(TEXT))
    return made


def page_of(html, title="山里的阅览室"):
    return f"<!doctype html><title>{title}</title><h1>{title}</h1><div style='x'>{html}</div>"


def show(server, delivery, status, html=""):
    server.pages = {f"/{item.remote['id']}/{item.position}": (status, html) for item in delivery.items.all()}


def later(delivery, **ago):
    """Let it have settled so long ago, and its look be due."""
    settled_at = timezone.now() - dt.timedelta(**ago)
    Delivery.objects.filter(pk=delivery.pk).update(settled_at=settled_at, look_at=an_hour_ago())


def seen(delivery) -> list[str]:
    return list(Sighting.objects.filter(item__delivery=delivery).values_list("found", flat=True))


def look(delivery) -> Delivery:
    verify.verify(delivery.pk)
    delivery.refresh_from_db()
    return delivery


def test_the_first_look_follows_at_once_and_keeps_time_status_and_hash(delivery, server):
    assert verify.due() == [delivery.pk]
    calls = Attempt.objects.count()
    assert look(delivery).phase == Phase.SETTLED
    [sighting] = Sighting.objects.all()
    assert (sighting.found, sighting.status) == (Seen.LIVE, 200)
    assert sighting.sha256 == hashlib.sha256(page_of(TEXT).encode()).hexdigest()
    assert sighting.by_name == "" and sighting.url.startswith(server.url)
    assert Attempt.objects.count() == calls
    assert verify.due() == []


@pytest.mark.parametrize(
    ("passed", "next_one"),
    [
        (dt.timedelta(seconds=1), dt.timedelta(hours=1)),
        (dt.timedelta(hours=1), dt.timedelta(days=1)),
        (dt.timedelta(days=8), dt.timedelta(days=30)),
        (dt.timedelta(days=90), dt.timedelta(days=180)),
        (dt.timedelta(days=400), dt.timedelta(days=490)),
    ],
)
def test_looks_grow_rare(passed, next_one):
    settled_at = timezone.now()
    assert verify.next_look(settled_at, settled_at + passed) == settled_at + next_one


def test_a_second_worker_leaves_it_alone(delivery):
    assert verify._plan(delivery.pk) is not None
    look(delivery)
    assert seen(delivery) == []


def test_other_markup_is_the_same_text_and_other_words_are_not():
    same = "<section>她在村口办起了 第一间\n儿童阅览室。<script>x()</script></section>"
    assert plain(same) == plain(TEXT)
    assert plain(TEXT.replace("第一间", "第二间")) != plain(TEXT)
    assert plain("<p>cafe\u0301</p>") == plain("<p>caf\u00e9</p>")
    for sent, shown in (("1", "\uff11"), ("A", "\uff21"), ("2", "\u00b2"), ("1", "\u2460")):
        assert plain(f"<p>{shown}</p>") != plain(f"<p>{sent}</p>")


@pytest.mark.parametrize("unread", ["script", "style", "noscript", "template"])
def test_what_a_reader_never_reads_is_no_text(unread):
    assert plain(f"<p>她在</p><{unread}>count()</{unread}><p>村口</p>") == plain("<p>她在村口</p>")


@pytest.mark.parametrize(
    ("shown", "found"),
    [
        (Shown(False, reason="此内容因违规无法查看"), Seen.GONE),
        (Shown(True, "山里的阅览室", TEXT.replace("第一间", "第二间")), Seen.ALTERED),
        (Shown(True, "别的标题", TEXT), Seen.ALTERED),
    ],
)
def test_what_the_platform_took_down_or_altered_goes_to_a_person_once(platform, delivery, duty, shown, found):
    platform.shown = shown
    later(delivery, days=1)
    assert look(delivery).phase == Phase.ATTENTION
    assert delivery.cause == Cause.ALTERED and "山里的阅览室" in delivery.reason
    assert seen(delivery) == [found]
    [message] = mail.outbox
    assert message.to == [duty.email] and delivery.reason in message.body
    assert verify.due() == []


def test_a_page_that_is_gone_says_so_even_where_the_platform_claims_otherwise(delivery, server):
    later(delivery, days=1)
    show(server, delivery, 404)
    assert look(delivery).cause == Cause.ALTERED and seen(delivery) == [Seen.GONE]


def test_a_new_article_may_not_be_at_its_address_yet(delivery, server):
    show(server, delivery, 404)
    assert look(delivery).phase == Phase.SETTLED and seen(delivery) == [Seen.LIVE]


@pytest.mark.parametrize("age", [{"minutes": 5}, {"days": 1}], ids=["new", "old"])
@pytest.mark.parametrize(
    ("status", "html"),
    [
        (500, ""),
        (403, "环境异常，完成验证后即可继续访问"),
        (200, "<p>请完成验证</p>"),
        (302, "http://example.org/elsewhere"),
    ],
)
def test_a_page_that_does_not_answer_is_unclear_and_calls_nobody(
    platform, delivery, server, status, html, age
):
    platform.error = PermanentError("no such call")
    later(delivery, **age)
    show(server, delivery, status, html)
    assert look(delivery).phase == Phase.SETTLED
    assert seen(delivery) == [Seen.UNCLEAR] and mail.outbox == []


def test_a_new_article_may_not_be_where_its_address_leads_yet(platform, delivery, server):
    platform.error = PermanentError("no such call")
    later(delivery, minutes=5)
    show(server, delivery, 302, "/nowhere-but-here")
    assert look(delivery).phase == Phase.SETTLED
    assert seen(delivery) == [Seen.UNCLEAR] and mail.outbox == []


def test_a_redirect_on_the_same_host_is_followed(delivery, server):
    show(server, delivery, 302, "/moved")
    server.pages["/moved"] = (200, page_of(TEXT))
    look(delivery)
    assert Sighting.objects.get().url.endswith("/moved") and seen(delivery) == [Seen.LIVE]


@pytest.mark.parametrize("to", ["mailto:editor@example.org", "//localhost:{port}/moved"])
def test_a_redirect_to_another_host_or_to_none_leads_elsewhere(platform, delivery, account, server, to):
    """Nothing is asked there, whatever it shows; an account without an address of its own has no say."""
    platform.error = PermanentError("no such call")
    Account.objects.filter(pk=account.pk).update(base_url="")
    show(server, delivery, 302, to.format(port=urlsplit(server.url).port))
    server.pages["/moved"] = (200, page_of(TEXT))
    look(delivery)
    assert Sighting.objects.get().words == _("The address leads to another host.")
    assert seen(delivery) == [Seen.UNCLEAR]


def test_no_credential_goes_to_the_public_address(delivery, server):
    look(delivery)
    assert "access_token" not in Sighting.objects.get().url


def test_a_used_up_quota_waits_and_the_page_is_seen_all_the_same(platform, delivery):
    until = in_an_hour() + dt.timedelta(hours=5)
    platform.error = QuotaExceeded("used up", until=until)
    assert look(delivery).look_at == until
    assert seen(delivery) == [Seen.LIVE]


class Asking(Looking):
    """Tells what it shows by a call of which all are kept for others."""

    platform = dataclasses.replace(Looking.platform, quotas=(Quota("/find", per_day=1, kept=1),))

    def look(self, job):
        TinyClient(job.account).call("/find", {"what": "article", "mark": ""})
        return super().look(job)


def test_a_look_leaves_the_calls_that_are_kept_for_others(delivery, server, monkeypatch):
    monkeypatch.setitem(registry._publishers, "tiny", Asking())
    before = server.calls["/find"]
    look(delivery)
    assert server.calls["/find"] == before
    assert (delivery.phase, seen(delivery)) == (Phase.SETTLED, [Seen.LIVE])


@pytest.mark.parametrize("error", [Retry("busy"), PermanentError("no"), KeyError("surprise")])
def test_a_platform_that_cannot_be_asked_calls_nobody(platform, delivery, error, caplog):
    caplog.set_level(logging.WARNING)
    platform.error = error
    assert look(delivery).phase == Phase.SETTLED and seen(delivery) == [Seen.LIVE]
    assert caplog.records


def test_refused_credentials_stop_the_account_and_tell_its_administrator_once(
    platform, delivery, account, office
):
    administrator = make_user("administrator", office, Role.ADMINISTRATOR)
    platform.error = CredentialsInvalid("bad secret")
    look(delivery)
    account.refresh_from_db()
    assert account.is_paused and [message.to for message in mail.outbox] == [[administrator.email]]


def test_paused_accounts_and_the_main_switch_let_looks_wait(delivery, account):
    accounts.pause(account, reason="换人", by=OPERATOR)
    assert verify.due() == [] and seen(look(delivery)) == []
    accounts.resume(account, by=OPERATOR)
    switching.pause_all("演练", by=OPERATOR)
    assert verify.due() == [] and seen(look(delivery)) == []
    switching.resume_all(switching.SEND, by=OPERATOR)
    assert verify.due() == [delivery.pk]


def test_a_person_accepts_what_is_there_and_is_told_of_the_next_change_only(platform, delivery, duty, server):
    platform.shown = Shown(True, "山里的阅览室", TEXT.replace("第一间", "第二间"))
    later(delivery, days=1)
    look(delivery)
    sightings.accept(delivery, by=duty)
    assert Sighting.objects.exclude(by_name="").get().found == Seen.ALTERED
    assert verify.due() == [delivery.pk], "the looks go on"
    assert look(delivery).phase == Phase.SETTLED
    platform.shown = Shown(False)
    later(delivery, days=2)
    assert look(delivery).phase == Phase.ATTENTION
    sightings.accept(delivery, by=duty)
    show(server, delivery, 404)
    assert look(delivery).phase == Phase.SETTLED
    # Up again as she had accepted it once: her last word is that it is gone.
    platform.shown = Shown(True, "山里的阅览室", TEXT.replace("第一间", "第二间"))
    later(delivery, days=3)
    assert look(delivery).phase == Phase.ATTENTION


def test_an_article_that_is_gone_and_accepted_so_may_go_out_again(platform, delivery, duty, account):
    platform.shown = Shown(False)
    later(delivery, days=1)
    look(delivery)
    sightings.accept(delivery, by=duty)
    item = delivery.items.get()
    assert (item.desired, item.wanted) == (Desired.GONE, False)
    assert send(item.release, account=account).pk != delivery.pk


def test_only_what_was_found_is_accepted(delivery, duty):
    with pytest.raises(Refused):
        sightings.accept(delivery, by=duty)


@pytest.fixture
def withdrawn(platform, account, server, duty, office):
    """A delivery whose article was withdrawn and taken down; its page is as ``show`` says."""
    release = make_release()
    made = send(release, account=account)
    engine.run(made.pk)
    by = make_user("duty2", office, Role.DUTY_EDITOR)
    cms_withdrawing.withdraw(Page.objects.get(pk=release.page_id), reason="有误", by=by)
    make_due(made)
    assert engine.run(made.pk) == Phase.SETTLED
    mail.outbox.clear()
    return made


def test_a_withdrawal_is_proved_by_what_the_address_answers(platform, withdrawn, server):
    platform.shown = Shown(False, reason="deleted")
    show(server, withdrawn, 410, "文章已下线")
    assert look(withdrawn).phase == Phase.SETTLED
    sighting = Sighting.objects.get()
    assert (sighting.found, sighting.status, len(sighting.sha256)) == (Seen.GONE, 410, 64)


def test_a_withdrawn_article_that_is_still_there_goes_to_a_person(platform, withdrawn, server):
    platform.error = PermanentError("no such call")
    item = withdrawn.items.get()
    show(server, withdrawn, 200, f"<a href='http://hub/r/{item.links.get().token}'>阅读原文</a>")
    assert look(withdrawn).phase == Phase.ATTENTION
    assert withdrawn.cause == Cause.ALTERED and item.url in withdrawn.reason
    assert seen(withdrawn) == [Seen.LIVE]
    with pytest.raises(Refused):
        sightings.accept(withdrawn, by=get_user_model().objects.get(username="duty"))


@pytest.mark.parametrize(
    "shown", [Shown(True), Shown(True, "别的标题")], ids=["as it was", "with another title"]
)
def test_what_is_withdrawn_and_up_again_is_accepted_in_no_form(platform, withdrawn, duty, shown):
    platform.shown = shown
    later(withdrawn, days=1)
    assert look(withdrawn).cause == Cause.ALTERED
    with pytest.raises(Refused):
        sightings.accept(withdrawn, by=duty)
    assert look(withdrawn).phase == Phase.ATTENTION


def test_what_stays_unclear_after_a_withdrawal_goes_to_a_person_once(platform, withdrawn, server, duty):
    platform.error = PermanentError("no such call")
    show(server, withdrawn, 200, "<p>请完成验证</p>")
    assert look(withdrawn).phase == Phase.SETTLED, "at first nobody is told"
    later(withdrawn, days=1)
    assert look(withdrawn).phase == Phase.ATTENTION
    assert withdrawn.items.get().url in withdrawn.reason and mail.outbox
    withdrawing.confirm_gone(withdrawn, by=duty)
    later(withdrawn, days=7)
    assert look(withdrawn).phase == Phase.SETTLED, "her word counts"


def test_a_look_that_ends_after_a_withdrawal_writes_nothing(platform, delivery):
    held = verify._plan(delivery.pk)
    Delivery.objects.filter(pk=delivery.pk).update(phase=Phase.SENDING, next_at=an_hour_ago())
    verify._write(held, [], verify.outcomes.attention(Cause.ALTERED, "weg"))
    delivery.refresh_from_db()
    assert delivery.phase == Phase.SENDING and delivery.reason == ""


def test_a_payload_that_the_hub_did_not_store_goes_to_a_person(delivery):
    DeliveryItem.objects.filter(delivery=delivery).update(payload=b'{"title": "x"}')
    assert look(delivery).cause == Cause.FORGED and seen(delivery) == []


def test_what_is_due_is_found_by_index(delivery):
    plan = Delivery.objects.filter(look_at__lte=timezone.now()).order_by("look_at").explain()
    assert "delivery_look" in plan or connection.vendor != "sqlite"


def test_beats_task_calls_for_each_look(delivery, monkeypatch):
    called = []
    monkeypatch.setattr(tasks.look, "apply_async", lambda args, **options: called.append(args))
    tasks.look_around()
    assert called == [(str(delivery.pk),)]


@pytest.mark.parametrize(
    ("redirects", "found"),
    [(REDIRECTS, Seen.LIVE), (REDIRECTS + 1, Seen.UNCLEAR)],
    ids=["as many", "one more"],
)
def test_an_address_that_leads_on_and_on_is_followed_a_few_times(
    platform, delivery, server, redirects, found
):
    platform.error = PermanentError("no such call")
    show(server, delivery, 302, "/1")
    server.pages |= {f"/{number}": (302, f"/{number + 1}") for number in range(1, redirects)}
    server.pages[f"/{redirects}"] = (200, page_of(TEXT))
    assert look(delivery).phase == Phase.SETTLED
    assert seen(delivery) == [found]


class Refusing(Looking):
    """Answers a question of which the hub may ask a hundred a day that the day's are used up."""

    platform = dataclasses.replace(Looking.platform, quotas=(Quota("/find", per_day=100),))

    def look(self, job):
        TinyClient(job.account).call("/find", {"what": "article", "mark": ""})
        raise QuotaExceeded("used up", status=45009, until=in_an_hour())


def test_what_the_platform_says_is_used_up_is_asked_no_more_that_day(delivery, server, monkeypatch):
    monkeypatch.setitem(registry._publishers, "tiny", Refusing())
    before = server.calls["/find"]
    look(delivery)
    later(delivery, hours=2)
    look(delivery)
    assert server.calls["/find"] == before + 1
