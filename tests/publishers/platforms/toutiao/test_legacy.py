"""Toutiao's old article call, section 2 of docs/platforms/toutiao.md, answered over real HTTP."""

from urllib.parse import parse_qs

import pytest

from cms.document.model import VariantText
from publishers.interface import (
    ByHand,
    ConsentInvalid,
    CredentialsInvalid,
    Grant,
    OutcomeUnknown,
    PermanentError,
    Rejected,
    Retry,
)
from publishers.platforms.toutiao.legacy import POST, title_length
from publishers.platforms.toutiao.oauth import PROFILE, TODAY
from publishers.platforms.toutiao.plugin import Toutiao
from publishers.testing.documents import hostile, specimen
from publishers.testing.job import MemoryAccount, RecordingJob, Stopped, Waiting, make_item
from publishers.testing.pictures import MemoryPicture
from publishers.testing.server import tags_of, text_of

DONE = {"message": "success", "data": {"article_id": 6512345678901234567}}
UNCLEAR = [None, b"<html>502</html>", b"[]", {"data": "好"}]


@pytest.fixture
def plugin():
    return Toutiao()


@pytest.fixture
def account(script):
    credentials = {"client_key": "k1", "client_secret": "s3cret", "consent": "2017"}
    connected = MemoryAccount("清溪女声", script.url, credentials)
    connected.token(lambda: ("t0ken", 3600))
    return connected


def of_2017(account, script):
    """As the account has it."""


def todays(account, script):
    """Give the account a consent that gives another token whenever it is asked."""
    account.credentials = {**account.credentials, "consent": TODAY}
    account.grant = Grant("O", "R1")
    given = {"access_token": "A1", "expires_in": 3600, "refresh_token": "R1", "open_id": "O"}
    script.answer("/oauth/refresh_token/", {"message": "success", "data": given})


CONSENTS = (of_2017, todays)


@pytest.fixture
def pictures():
    colours = ("darkred", "teal", "olive")
    return [MemoryPicture(colour, public_url=f"https://hub.example/b/{colour}.png") for colour in colours]


@pytest.fixture
def make_job(plugin, account, pictures):
    def make(document=None, **variant):
        item = make_item(plugin, document or specimen(pictures), VariantText(**variant), "7b" * 16)
        return RecordingJob(account, [item], {picture.sha256: picture for picture in pictures})

    return make


def posts(script):
    return [request for request in script.requests if request[1] == POST]


def sent(script):
    """Return the fields of the only article that was sent, and what its address said."""
    [(method, _path, query, body)] = posts(script)
    assert method == "POST"
    return {name: value for name, [value] in parse_qs(body.decode()).items()}, query


def test_the_article_is_sent_as_a_form_with_the_token_in_the_address(plugin, make_job, script):
    script.answer(POST, DONE)
    job = make_job()
    with pytest.raises(ByHand):
        plugin.publish(job)
    fields, query = sent(script)
    [rendition] = [item.rendition for item in job.items]
    assert query == {"access_token": "t0ken", "client_key": "k1"}
    assert (fields["title"], fields["abstract"], fields["save"]) == (rendition.title, rendition.digest, "1")
    assert set(fields) == {"title", "content", "abstract", "save"}


def test_pictures_are_named_by_public_addresses_that_toutiao_fetches(plugin, make_job, script):
    script.answer(POST, DONE)
    with pytest.raises(ByHand):
        plugin.publish(make_job())
    content = sent(script)[0]["content"]
    assert 'src="https://hub.example/b/teal.png"' in content
    assert "asset:" not in content and "<a" not in content


def test_the_address_is_left_to_a_person_who_is_told_the_number(plugin, make_job, script):
    script.answer(POST, DONE)
    with pytest.raises(ByHand) as asked:
        plugin.publish(make_job())
    assert "6512345678901234567" in asked.value.instruction and "{time}" in asked.value.instruction


@pytest.mark.parametrize("data", [None, "ok", {}, {"article_id": None}])
def test_success_without_a_number_is_success(plugin, make_job, script, data):
    script.answer(POST, {"message": "success", "data": data})
    with pytest.raises(ByHand):
        plugin.publish(make_job())


def test_a_second_run_sends_nothing_again(plugin, make_job, script):
    script.answer(POST, DONE)
    job = make_job()
    for _run in range(2):
        with pytest.raises(ByHand):
            plugin.publish(job)
    assert len(posts(script)) == 1


@pytest.mark.parametrize("consent", CONSENTS)
@pytest.mark.parametrize("answer", UNCLEAR)
def test_a_lost_answer_goes_to_a_person_and_the_article_is_sent_once(
    plugin, account, make_job, script, answer, consent
):
    consent(account, script)
    script.answer(POST, answer)
    job = make_job()
    with pytest.raises(OutcomeUnknown):
        plugin.publish(job)
    with pytest.raises(Waiting) as wait:
        plugin.publish(job)
    assert wait.value.after is None and len(posts(script)) == 1


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_kill_around_the_call_goes_to_a_person(plugin, make_job, script, when):
    script.answer(POST, DONE)
    job = make_job()
    job.stop = ("submit", when)
    with pytest.raises(Stopped):
        plugin.publish(job)
    with pytest.raises(Waiting) as wait:
        plugin.publish(job)
    assert wait.value.after is None and len(posts(script)) == (when == "after")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"message": "error", "data": "标题含有违禁词"}, "标题含有违禁词"),
        ({"message": "error", "data": ""}, "没有说明原因$"),
        ({"message": "fail", "data": [{"code": 1}]}, "没有说明原因$"),
        ({"message": "error", "data": {"error_code": 10002, "description": "参数错误"}}, "参数错误$"),
    ],
)
def test_any_message_but_success_is_told_to_the_editor_in_toutiaos_words(
    plugin, make_job, script, answer, said
):
    script.answer(POST, answer)
    with pytest.raises(Rejected, match=said):
        plugin.publish(make_job())


RET = [
    (1, CredentialsInvalid), (2, CredentialsInvalid), (6, CredentialsInvalid),
    (3, ConsentInvalid), (7, ConsentInvalid), (10, ConsentInvalid), (11, ConsentInvalid),
    (4, PermanentError), (5, PermanentError), (8, PermanentError), (12, PermanentError),
    (13, PermanentError), (21, PermanentError), (20_000, PermanentError), ("?", PermanentError),
]  # fmt: skip


@pytest.mark.parametrize(("code", "error"), [*RET, (9, OutcomeUnknown), (999, OutcomeUnknown)])
def test_each_code_says_what_to_do_about_a_submission(plugin, make_job, script, code, error):
    script.answer(POST, {"ret": code, "data": "原因"})
    with pytest.raises(error) as raised:
        plugin.publish(make_job())
    assert type(raised.value) is error and raised.value.code == str(code)
    # What no word says of application, consent or Toutiao itself may have been taken all the same.
    assert raised.value.certain == (error is not PermanentError)


@pytest.mark.parametrize(("code", "error"), [*RET, (9, Retry), (999, Retry)])
def test_each_code_says_what_to_do_about_a_question(plugin, account, script, code, error):
    script.answer(PROFILE, {"ret": code})
    with pytest.raises(error) as raised:
        plugin.check(account)
    assert type(raised.value) is error and raised.value.certain


@pytest.mark.parametrize(("consent", "tokens"), [(of_2017, ["t0ken"]), (todays, ["t0ken", "A1"])])
def test_a_refused_token_is_replaced_once_where_the_consent_gives_another(
    plugin, account, make_job, script, consent, tokens
):
    consent(account, script)
    script.answer(POST, {"ret": 7})
    with pytest.raises(ConsentInvalid):
        plugin.publish(make_job())
    assert [query["access_token"] for _method, _path, query, _body in posts(script)] == tokens


def test_the_check_shows_the_token_and_sends_nothing(plugin, account, script):
    script.answer(PROFILE, {"ret": 0, "data": {"uid": 1}})
    assert plugin.check(account) == {"publish"}
    [(method, path, query, _body)] = script.requests
    assert (method, path) == ("GET", PROFILE)
    assert query == {"access_token": "t0ken", "client_key": "k1"}


def test_without_a_token_that_lives_a_person_must_consent_anew(plugin, account, make_job, script):
    account.forget_token()
    with pytest.raises(ConsentInvalid):
        plugin.publish(make_job())
    assert script.requests == []


def test_the_length_counts_a_chinese_character_as_one_and_two_latin_letters_as_one():
    assert [title_length(title) for title in ("夜校的灯", "abcd", "夜校ab", "夜a")] == [4, 2, 3, 1.5]


@pytest.mark.parametrize("title", ["夜校的灯", "夜校的灯a", "abcdefghi"])
def test_a_title_that_is_under_five_by_that_count_is_refused_before_anything_is_sent(
    plugin, make_job, script, title
):
    with pytest.raises(Rejected, match="5"):
        plugin.publish(make_job(title=title))
    assert script.requests == []


@pytest.mark.parametrize("title", ["夜校的灯亮", "夜校的灯ab", "a" * 10, "题" * 30])
def test_a_title_of_five_to_thirty_is_sent(plugin, make_job, script, title):
    script.answer(POST, DONE)
    with pytest.raises(ByHand):
        plugin.publish(make_job(title=title))
    assert sent(script)[0]["title"] == title


def test_hostile_texts_are_sent_as_text(plugin, make_job, script, pictures):
    script.answer(POST, DONE)
    with pytest.raises(ByHand):
        plugin.publish(make_job(hostile(pictures)))
    content = sent(script)[0]["content"]
    assert "<script>alert(1)</script>" in text_of(content)
    assert not {"script", "a"} & {tag for tag, _attributes in tags_of(content)}


def test_no_error_shows_the_token_or_the_secret(plugin, make_job, script):
    script.answer(POST, None)
    with pytest.raises(OutcomeUnknown) as raised:
        plugin.publish(make_job())
    shown = f"{raised.value} {raised.value.body} {raised.value.__cause__}"
    assert "t0ken" not in shown and "s3cret" not in shown
