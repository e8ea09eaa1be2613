"""Mail waits for its server, and nothing waits for mail."""

import datetime as dt
import logging
import threading
import uuid

import pytest
from django.core.mail import EmailMessage, EmailMultiAlternatives, get_connection
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cms import mailing
from cms.models import Mail
from publishers import tasks
from publishers.models import Account
from tests.factories import make_office
from tests.mail_server import MailServer

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def server(settings):
    with MailServer() as listening:
        settings.EMAIL_BACKEND = "cms.mailing.Outbox"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", listening.port
        settings.EMAIL_TIMEOUT = 1
        yield listening


def write(*people: str) -> None:
    get_connection().send_messages([EmailMessage("已签发", "山里的阅览室", to=[each]) for each in people])


def a_minute_passes() -> None:
    Mail.objects.update(next_at=timezone.now() - mailing.LEASE)


def subjects(server) -> list[str]:
    return [message["To"] for message in server.taken]


def test_whoever_asks_for_a_password_does_not_wait_for_the_mail_server(server, django_user_model):
    server.silent = True
    django_user_model.objects.create_user("lin", "lin@example.org", "s3cret-enough")
    Client().post(reverse("wagtailadmin_password_reset"), {"email": "lin@example.org"})
    assert server.asked == [] and Mail.objects.get().message["to"] == ["lin@example.org"]
    server.silent = False
    assert mailing.send_due() == 1
    assert subjects(server) == ["lin@example.org"] and not Mail.objects.exists()


def test_what_a_server_that_says_nothing_does_not_take_is_sent_once_when_it_speaks(server):
    server.silent = True
    write("a@example.org", "b@example.org")
    assert mailing.send_due() == 0 and mailing.send_due() == 0
    assert server.asked == ["CONNECT"], "It is asked once a minute, not for each message."
    assert mailing.waiting()[0] == 2
    server.silent = False
    a_minute_passes()
    assert mailing.send_due() == 2 and mailing.send_due() == 0
    assert subjects(server) == ["a@example.org", "b@example.org"] and mailing.waiting() == (0, "")
    assert server.taken[0]["Subject"] == "已签发" and server.taken[0].get_content().strip() == "山里的阅览室"


def test_what_waits_is_sent_by_the_clock(server):
    write("a@example.org")
    tasks.send_mail()
    assert subjects(server) == ["a@example.org"]


def test_many_looks_and_figures_that_hang_keep_mail_for_no_longer_than_one(server):
    write("a@example.org")
    tasks.look(str(uuid.uuid4()))
    assert subjects(server) == ["a@example.org"]
    account = Account.objects.create(
        office=make_office(), platform="wechat", name="清溪女声", paused_at=timezone.now()
    )
    write("b@example.org")
    tasks.figures_of(account.pk)
    assert subjects(server) == ["a@example.org", "b@example.org"]


@pytest.fixture
def held(server, settings):
    """Return what begins a worker, whose first message the server holds until it is told to go on."""
    settings.EMAIL_TIMEOUT = 30
    server.holds = True

    def work():
        try:
            mailing.send_due()
        finally:
            connection.close()

    def begin() -> threading.Thread:
        thread = threading.Thread(target=work)
        thread.start()
        assert server.is_held.wait(30)
        return thread

    return begin


def test_two_that_send_at_the_same_time_send_each_message_once(server, held):
    write("a@example.org")
    worker = held()
    assert mailing.send_due() == 0
    server.goes_on.set()
    worker.join()
    assert subjects(server) == ["a@example.org"] and not Mail.objects.exists()


def test_what_another_took_meanwhile_is_left_to_it(server, held):
    """Both saw that it is due."""
    write("a@example.org", "b@example.org")
    worker = held()
    Mail.objects.filter(message__to=["b@example.org"]).update(next_at=timezone.now() + mailing.LEASE)
    server.goes_on.set()
    worker.join()
    assert subjects(server) == ["a@example.org"] and Mail.objects.count() == 1


def test_a_server_that_says_a_byte_now_and_then_is_cut_off_and_told(server, monkeypatch):
    """For ever, otherwise: each byte comes in time."""
    monkeypatch.setattr("cms.mailing.server.CONVERSATION_S", 0.5)
    server.trickles = True
    write("a@example.org")
    assert mailing.send_due() == 0
    count, problem = mailing.waiting()
    assert count == 1 and problem


def test_while_the_server_keeps_one_waiting_no_other_begins(server, held):
    write("a@example.org")
    worker = held()
    write("b@example.org")
    assert mailing.send_due() == 0 and server.asked.count("CONNECT") == 1
    server.goes_on.set()
    worker.join()
    assert mailing.send_due() == 1 and subjects(server) == ["a@example.org", "b@example.org"]


def test_what_cannot_be_said_to_a_server_is_told_as_a_problem_of_the_mail(server, settings):
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "hub", "密码"
    server.answers["ehlo"] = "250-hi\r\n250 AUTH PLAIN"
    write("a@example.org")
    assert mailing.send_due() == 0 and "UnicodeEncodeError" in mailing.waiting()[1]


def test_mail_that_nobody_tries_to_send_is_told_after_a_while(server):
    write("a@example.org")
    assert mailing.waiting() == (0, "")
    Mail.objects.update(created_at=timezone.now() - 2 * mailing.LONG)
    assert mailing.waiting() == (1, "")


def test_an_address_that_is_refused_for_good_is_given_up_and_the_others_go(server, caplog):
    server.answers["nobody@"] = "550 no such person"
    write("nobody@example.org", "a@example.org")
    assert mailing.send_due() == 1
    assert subjects(server) == ["a@example.org"] and not Mail.objects.exists()
    assert "已签发" in only(caplog, logging.ERROR)


def test_what_one_of_two_addresses_may_take_later_is_kept(server):
    server.answers |= {"nobody@": "550 no such person", "slow@": "450 come again"}
    get_connection().send_messages(
        [EmailMessage("已签发", "", to=["nobody@example.org", "slow@example.org"])]
    )
    assert mailing.send_due() == 0
    assert Mail.objects.get().problem


@pytest.mark.parametrize(("said", "kept"), [("554 no spam here", 0), ("451 come again", 1)])
def test_what_is_refused_when_it_is_read_keeps_no_other(server, said, kept):
    server.answers["data"] = said
    write("a@example.org", "b@example.org")
    assert mailing.send_due() == 0
    assert server.asked.count("CONNECT") == 1 and server.asked.count("data") == 2
    assert Mail.objects.count() == 2 * kept == mailing.waiting()[0]


def test_what_is_refused_for_now_is_tried_again_and_keeps_no_other(server):
    server.answers["slow@"] = "450 come again"
    write("slow@example.org", "a@example.org")
    assert mailing.send_due() == 1
    server.answers.clear()
    a_minute_passes()
    assert mailing.send_due() == 1
    assert subjects(server) == ["a@example.org", "slow@example.org"]


def test_a_message_over_which_the_server_breaks_off_keeps_no_other(server):
    server.answers["TO:<breaking@"] = ""
    write("breaking@example.org", "a@example.org")
    assert mailing.send_due() == 0
    assert mailing.send_due() == 1
    assert subjects(server) == ["a@example.org"] and Mail.objects.get().problem


def test_a_repeated_message_can_be_told_by_its_identifier(server):
    write("a@example.org")
    kept = Mail.objects.values().get()
    mailing.send_due()
    Mail.objects.create(**kept)  # as after a kill between the server's answer and the note of it
    mailing.send_due()
    first, second = server.taken
    assert first["Message-ID"] == second["Message-ID"] and first["Date"] == second["Date"]


def test_all_that_a_message_says_reaches_the_server_as_it_was_written(server, settings):
    settings.PUBLIC_URL = "https://hub.example.org"
    given = {"to": ["a@example.org"], "cc": ["b@example.org"], "reply_to": ["d@example.org"]}
    message = EmailMultiAlternatives("题", "正文", bcc=["c@example.org"], **given)
    message.attach_alternative("<p>正文</p>", "text/html")
    message.send()
    kept = Mail.objects.get().message
    assert {name: kept[name] for name in given} == given and kept["bcc"] == ["c@example.org"]
    assert kept["alternatives"] == [["<p>正文</p>", "text/html"]]
    assert mailing.send_due() == 1
    [taken] = server.taken
    assert (taken["Cc"], taken["Reply-To"]) == ("b@example.org", "d@example.org")
    assert taken["Message-ID"].endswith("@hub.example.org>")


def test_a_message_with_a_file_is_refused_and_none_beside_it_written_down(server):
    message = EmailMessage("题", "正文", to=["a@example.org"])
    message.attach("a.txt", "文字", "text/plain")
    with pytest.raises(ValueError, match="no attachments"):
        get_connection().send_messages([EmailMessage("题", "正文", to=["b@example.org"]), message])
    assert not Mail.objects.exists()


def test_what_waits_longest_goes_first(server):
    write("a@example.org", "b@example.org", "c@example.org")
    long_ago = timezone.now() - mailing.LEASE
    Mail.objects.filter(message__to=["c@example.org"]).update(next_at=long_ago)
    mailing.send_due()
    assert subjects(server) == ["c@example.org", "a@example.org", "b@example.org"]


def test_of_several_problems_the_newest_is_told(server):
    write("a@example.org", "b@example.org")
    now = timezone.now()
    for to, problem, minutes in (("a", "old", 5), ("b", "new", 1)):
        at = now - dt.timedelta(minutes=minutes)
        Mail.objects.filter(message__to=[f"{to}@example.org"]).update(problem=problem, next_at=at)
    assert mailing.waiting() == (2, "new")


def test_mail_is_given_up_after_days_with_a_line_in_the_log(server, caplog):
    server.silent = True
    write("a@example.org")
    mailing.send_due()
    assert Mail.objects.exists()
    Mail.objects.update(created_at=timezone.now() - mailing.KEPT + mailing.LONG)
    a_minute_passes()
    mailing.send_due()
    assert Mail.objects.exists()
    Mail.objects.update(created_at=timezone.now() - 2 * mailing.KEPT)
    a_minute_passes()
    mailing.send_due()
    assert not Mail.objects.exists() and "已签发" in only(caplog, logging.ERROR)


def test_what_no_server_could_take_is_given_up(server, caplog):
    write("a@example.org", "b@example.org")
    Mail.objects.filter(message__to=["a@example.org"]).update(
        message={"subject": "a\nb", "body": "", "to": ["a@example.org"]}
    )
    assert mailing.send_due() == 1
    assert subjects(server) == ["b@example.org"] and not Mail.objects.exists()
    assert only(caplog, logging.ERROR)


def only(caplog, level: int) -> str:
    [line] = [record.getMessage() for record in caplog.records if record.levelno == level]
    return line
