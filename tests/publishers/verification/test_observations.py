"""What the platform's word and the public page mean, each alone and both together."""

import pytest

from publishers.interface import Shown
from publishers.models import DeliveryItem, Desired, Seen
from publishers.verification.observations import Observation, Sent, believed, observe, said
from publishers.verification.pages import Page

LIVE, GONE = DeliveryItem(desired=Desired.LIVE), DeliveryItem(desired=Desired.GONE)
TITLE, TEXT = "山里的阅览室", "<p>她在村口办起了第一间儿童阅览室。</p>"
SENT, MARK = Sent(TITLE, TEXT, frozenset({"a" * 32})), "a" * 32
#: Of what a person published the hub knows the title alone.
ONLY_TITLE = Sent(TITLE, "", frozenset())


def shows(html):
    return Page("https://platform.example/1", 200, html.encode())


@pytest.mark.parametrize("status", [404, 410])
@pytest.mark.parametrize(
    ("item", "is_new", "found"),
    [(LIVE, True, Seen.UNCLEAR), (LIVE, False, Seen.GONE), (GONE, True, Seen.GONE), (GONE, False, Seen.GONE)],
    ids=["new", "live", "just withdrawn", "withdrawn"],
)
def test_a_page_that_is_not_there_is_gone_unless_it_may_still_come(status, item, is_new, found):
    observed = observe(Page("https://platform.example/1", status), SENT, item, is_new=is_new)
    assert observed.found == found and str(status) in observed.words


@pytest.mark.parametrize("html", [f"<h1>{TITLE}</h1>", f"<a href='/r/{MARK}'>…</a>"], ids=["title", "mark"])
@pytest.mark.parametrize(("item", "found"), [(LIVE, Seen.UNCLEAR), (GONE, Seen.LIVE)], ids=["live", "gone"])
def test_title_or_mark_alone_prove_that_it_is_there_and_not_that_it_is_whole(html, item, found):
    assert observe(shows(html), SENT, item, is_new=False).found == found


@pytest.mark.parametrize("html", ["<p>请完成验证</p>", f"<h1>{TITLE}</h1>"], ids=["another page", "title"])
def test_where_the_text_is_not_known_no_page_proves_it(html):
    assert observe(shows(html), ONLY_TITLE, LIVE, is_new=False).found == Seen.UNCLEAR


@pytest.mark.parametrize(
    ("shown", "sent"),
    [
        (Shown(True), SENT),
        (Shown(True, TITLE), SENT),
        (Shown(True, f" {TITLE[:2]}\n{TITLE[2:]}"), SENT),
        (Shown(True, None, TEXT.replace("p>", "section>")), SENT),
        (Shown(True, TITLE, TEXT), ONLY_TITLE),
    ],
    ids=["nothing more", "its title", "a title with spaces", "its text", "a text that the hub does not know"],
)
def test_what_the_platform_does_not_contradict_is_live(shown, sent):
    assert said(shown, sent).found == Seen.LIVE


@pytest.mark.parametrize(
    ("item", "seen", "found"),
    [
        (LIVE, [Seen.LIVE, Seen.UNCLEAR], Seen.LIVE),
        (LIVE, [Seen.UNCLEAR, Seen.LIVE], Seen.LIVE),
        (LIVE, [Seen.LIVE, Seen.GONE], Seen.GONE),
        (LIVE, [Seen.ALTERED, Seen.UNCLEAR], Seen.ALTERED),
        (GONE, [Seen.UNCLEAR, Seen.GONE], Seen.GONE),
        (GONE, [Seen.GONE, Seen.LIVE], Seen.LIVE),
        (GONE, [Seen.GONE, Seen.ALTERED], Seen.ALTERED),
    ],
)
def test_the_worst_news_is_believed_then_what_is_clear_in_the_words_of_who_says_it(item, seen, found):
    observed = believed(item, [Observation(each, f"{each}.") for each in seen])
    assert observed == Observation(found, f"{found}.")


def test_what_both_say_is_told_in_the_words_of_both():
    seen = [Observation(Seen.GONE, "平台说已删除。"), Observation(Seen.GONE, "页面是404。")]
    assert believed(LIVE, seen).words == "平台说已删除。 页面是404。"
