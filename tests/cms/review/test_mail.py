"""Who is written to in a review, and that a mail server that is down changes nothing of it."""

import pytest
from django.core import mail
from django.utils.translation import override
from wagtail.users.models import UserProfile

from cms import mailing
from cms.models import Mail, Release
from tests.factories_release import approve, approve_all, submit, waiting

pytestmark = pytest.mark.django_db(transaction=True)


def told() -> list[tuple[str, str]]:
    """Return (subject, address) of every mail so far, and forget them."""
    found = sorted((message.subject, to) for message in mail.outbox for to in message.to)
    mail.outbox.clear()
    return found


def test_each_stage_tells_its_reviewers_and_the_last_one_the_author(story, cast):
    submit(story, cast.editor)
    assert told() == [("Awaiting your review: 山里的阅览室", "reviewer1@example.org")]
    approve(story, cast.reviewer1)
    assert told() == [("Awaiting your review: 山里的阅览室", "reviewer2@example.org")]
    approve(story, cast.reviewer2)
    assert told() == [("Awaiting your review: 山里的阅览室", "reviewer3@example.org")]
    approve(story, cast.reviewer3)
    assert told() == [("Signed off: 山里的阅览室", "editor@example.org")]


def test_the_author_of_a_text_that_is_sent_back_reads_why(in_review, cast):
    mail.outbox.clear()
    waiting(in_review).reject(user=cast.reviewer1, comment="请核对数字。")
    [message] = mail.outbox
    assert message.to == ["editor@example.org"] and message.subject == "Sent back: 山里的阅览室"
    assert "请核对数字。" in message.body and f"/admin/pages/{in_review.pk}/edit/" in message.body


def test_who_has_no_address_gets_no_mail_and_machines_learn_that_a_machine_wrote(story, cast):
    cast.reviewer2.email = ""
    cast.reviewer2.save()
    story.title = "山里的\n阅览室"
    story.save_revision(user=cast.editor, clean=False)
    submit(story, cast.editor)
    approve(story, cast.reviewer1)
    [message] = mail.outbox
    assert (
        message.to == ["reviewer1@example.org"] and message.subject == "Awaiting your review: 山里的 阅览室"
    )
    assert message.extra_headers["Auto-Submitted"] == "auto-generated"


def test_each_reads_subject_and_text_in_her_own_language(story, cast):
    profile = UserProfile.get_for_user(cast.reviewer1)
    profile.preferred_language = "zh-hans"
    profile.save()
    submit(story, cast.editor)
    with override("zh-hans"):
        waiting(story).reject(user=cast.reviewer1, comment="请核对数字。")
    reviewers, authors = mail.outbox
    assert reviewers.subject == "待您审核：山里的阅览室" and "Dear" not in reviewers.body
    assert authors.subject == "Sent back: 山里的阅览室" and "Dear" in authors.body


def test_everybody_who_wrote_of_the_text_is_told(story, cast):
    story.save_revision(user=cast.stranger, clean=False)
    submit(story, cast.editor)
    mail.outbox.clear()
    waiting(story).reject(user=cast.reviewer1, comment="请核对数字。")
    assert [to for _subject, to in told()] == ["editor@example.org", "stranger@example.org"]


def test_everybody_who_wrote_of_the_text_is_told_of_its_sign_off(story, cast):
    story.save_revision(user=cast.stranger, clean=False)
    submit(story, cast.editor)
    approve_all(story)
    signed = [to for subject, to in told() if subject.startswith("Signed off")]
    assert signed == ["editor@example.org", "stranger@example.org"]


def test_who_submitted_a_colleagues_text_is_told_how_it_ended(story, cast):
    submit(story, cast.stranger)
    mail.outbox.clear()
    waiting(story).reject(user=cast.reviewer1, comment="请核对数字。")
    assert [to for _subject, to in told()] == ["editor@example.org", "stranger@example.org"]


def test_who_has_left_is_not_written_to(in_review, cast):
    cast.editor.is_active = False
    cast.editor.save()
    mail.outbox.clear()
    waiting(in_review).reject(user=cast.reviewer1, comment="请核对数字。")
    assert told() == []


def test_a_mail_server_that_is_down_changes_nothing(story, cast, settings):
    settings.EMAIL_BACKEND = "cms.mailing.Outbox"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    submit(story, cast.editor)
    approve_all(story)
    assert Release.objects.get().page_id == story.pk
    waiting_mails = Mail.objects.count()
    assert waiting_mails and mailing.send_due() == 0 and Mail.objects.count() == waiting_mails
