"""One article: the stored answer, what it costs, and how a stranger proves it."""

import base64
import datetime as dt
import hashlib
import json

import pytest
import rfc8785
import time_machine
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.utils import timezone

from cms import releases
from cms.articles import Story
from cms.document.model import Document
from readers.models import Reading
from tests.factories import make_image, make_policy, make_story
from tests.factories_release import approve, make_release, submit, waiting


@pytest.fixture
def story(cast):
    image = {"image": make_image(), "alt": "书架", "credit": "李梅摄", "caption": ""}
    story = make_story(cast.section, cast.editor, body=[("image", image)])
    make_release(story)
    return story


def proved(answer: dict, keys: list[dict]) -> bool:
    """Verify as a partner would, with nothing of the hub's but its public keys and the two standards."""
    proof = answer["proof"]
    [key] = [key for key in keys if key["key_id"] == proof["key_id"]]
    public = Ed25519PublicKey.from_public_bytes(base64.b64decode(key["public_key"]))
    try:
        public.verify(base64.b64decode(proof["signature"]), rfc8785.dumps(proof["statement"]))
    except InvalidSignature:
        return False
    stated = proof["statement"]
    return (
        hashlib.sha256(rfc8785.dumps(answer["document"])).hexdigest() == stated["document_sha256"]
        and stated["page_id"] == answer["page_id"]
    )


def test_the_answer_is_the_stored_one_and_costs_one_query(story, partner, django_assert_num_queries):
    partner.article(story.pk)
    with django_assert_num_queries(1):
        response = partner.article(story.pk)
    assert response.content == bytes(Reading.objects.get().json)
    assert response["Content-Type"] == "application/json; charset=utf-8"


def test_the_answer_is_the_release_whole(story, cast, partner, settings):
    answer = partner.article(story.pk).json()
    release = Reading.objects.get().release
    assert Document.model_validate(answer["document"]) == releases.document(release)
    assert answer["number"] == 1 and answer["section_id"] == cast.section.pk
    assert dt.datetime.fromisoformat(answer["public_from"]) == release.public_from
    assert [given["stage"] for given in answer["approvals"]] == [1, 2, 4]
    [sha256] = answer["document"]["assets"]
    assert answer["urls"]["assets"] == {sha256: f"{settings.PUBLIC_URL}/b/{sha256}"}
    assert answer["urls"]["article"] == f"{settings.PUBLIC_URL}/a/{story.pk}/"


def test_a_picture_named_in_the_answer_is_there_and_has_that_hash(story, partner, settings):
    for sha256, address in partner.article(story.pk).json()["urls"]["assets"].items():
        response = partner.client.get(address.removeprefix(settings.PUBLIC_URL))
        assert hashlib.sha256(b"".join(response.streaming_content)).hexdigest() == sha256


def test_the_names_of_the_reviewers_are_not_told_to_the_public(story, cast, partner):
    text = partner.article(story.pk).content.decode()
    for person in (cast.editor, cast.reviewer1, cast.reviewer2, cast.reviewer3):
        assert person.username not in text


def test_a_stranger_proves_the_article_with_the_public_key_alone(story, partner):
    keys = partner.client.get("/.well-known/nusheng-hub-keys.json").json()["keys"]
    answer = partner.article(story.pk).json()
    assert proved(answer, keys)
    assert not proved({**answer, "document": {**answer["document"], "title": "别的"}}, keys)
    assert not proved({**answer, "page_id": 1}, keys)
    stated = {**answer["proof"]["statement"], "number": 2}
    assert not proved({**answer, "proof": {**answer["proof"], "statement": stated}}, keys)


def test_the_answer_is_canonical_so_that_its_document_can_be_cut_out(story, partner):
    content = partner.article(story.pk).content
    assert content == rfc8785.dumps(json.loads(content))


@pytest.mark.parametrize("state", ["draft", "in review", "approved by two"])
def test_what_is_not_signed_off_does_not_exist(cast, partner, state):
    story = make_story(cast.section, cast.editor)
    make_release(make_story(cast.section, cast.editor, title="另一篇"))  # the hub is ready for review
    if state != "draft":
        submit(story, cast.editor)
    if state == "approved by two":
        approve(story, cast.reviewer1)
        approve(story, cast.reviewer2)
        assert waiting(story)
    assert partner.article(story.pk).status_code == 404


def test_a_release_is_not_read_before_its_time(cast, partner):
    moment = timezone.now().replace(microsecond=0) + dt.timedelta(hours=1)
    policy = make_policy(cast.section, cast.editor)
    make_release(policy, public_from=moment)
    assert partner.article(policy.pk).status_code == 404
    with time_machine.travel(moment, tick=False):
        answer = partner.article(policy.pk).json()
    assert dt.datetime.fromisoformat(answer["public_from"]) == moment
    assert answer["document"]["facts"]["document_number"] == "粤妇发〔2026〕8号"


def test_a_correction_is_answered_with_its_number_and_the_first_date(cast, partner):
    story = make_story(cast.section, cast.editor)
    first = make_release(story, public_from=timezone.now() - dt.timedelta(days=3))
    before = partner.article(story.pk)
    page = Story.objects.get().get_latest_revision_as_object()
    page.title = "更正"
    page.save_revision(user=cast.editor)
    second = make_release(page)
    after = partner.article(story.pk)
    answer = after.json()
    assert (answer["number"], answer["document"]["title"]) == (2, "更正")
    assert dt.datetime.fromisoformat(answer["first_public_from"]) == first.public_from
    assert dt.datetime.fromisoformat(answer["public_from"]) == second.public_from
    [line] = partner.articles().json()["items"]
    assert answer["corrected_at"] == line["corrected_at"] == answer["public_from"]
    assert "corrected_at" not in before.json()
    assert after["ETag"] != before["ETag"]


def test_who_has_the_answer_already_is_told_so(story, partner):
    first = partner.article(story.pk)
    assert "public" in first["Cache-Control"] and "max-age=60" in first["Cache-Control"]
    again = partner.article(story.pk, **{"if-none-match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
