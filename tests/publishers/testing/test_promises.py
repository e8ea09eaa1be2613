"""Whichever promise a plugin breaks, the conformance suite says so."""

import dataclasses
import datetime as dt
import itertools

import pytest
import requests

from publishers.interface import (
    Absent,
    CapabilityMissing,
    CredentialsInvalid,
    Figure,
    Found,
    Live,
    OutcomeUnknown,
    PermanentError,
    PublisherError,
    Quota,
    QuotaExceeded,
    Received,
    Rejected,
    Retry,
)
from publishers.testing import Conformance
from publishers.testing.given import PLAIN
from tests.publishers.testing.faults import (
    FOUND,
    answering,
    calling,
    cut,
    declaring,
    each_time_anew,
    failing,
    finding,
    having,
    in_html,
    in_rendition,
    refusing_without,
    rendering,
    saying,
    sending,
    when_too_long,
    with_events,
    with_figures,
    without_tests,
    working,
)
from tests.publishers.testing.newspaper import (
    ARTICLES,
    AtTheNewspaper,
    Client,
    Faultless,
    Job,
    RongxiDaily,
    event_of,
    receive,
)

SCRIPT = "&lt;script&gt;alert(1)&lt;/script&gt;"
DAY = dt.timedelta(days=1)
numbers = itertools.count()


def raw(html):
    return html.replace("&lt;", "<").replace("&gt;", ">")


def submit_beside(account, *_asked):
    """Make a call that changes something and belongs to no step."""
    fields = dict.fromkeys(("title", "summary", "author", "html", "source_url", "cover"), "")
    Client(getattr(account, "account", account)).submit({**fields, "external_id": str(next(numbers))})


def submit_at_last(error, job):
    """Whatever it was refused for, submit it all the same."""
    Client(job.account).submit(dict(job.items[0].payload))
    return error


def pass_the_quota_by(error, job):
    key = {"Authorization": f"Bearer {job.account.credentials['key']}"}
    fields = dict(job.items[0].payload)
    requests.post(f"{job.account.base_url}{ARTICLES}", json=fields, headers=key, timeout=5)
    return error


def ask_on_another_connection(account):
    requests.get(f"{account.base_url}/v1/lookup", params={"external_id": ""}, timeout=5)


def forget_what_was_stored(kind):
    def publish(self, job):
        for item in job.items:
            item.payload = None
        return kind.publish(self, job)

    return finding(Absent)(having(publish=publish)(kind))


def take_the_same_title_for_ours(kind):
    known = {}

    def publish(self, job):
        title = job.items[0].rendition.title

        def find():
            return Found(known[title]) if title in known else Absent()

        lives = finding(find)(kind).publish(self, job)
        known[title] = lives[0].remote
        return lives

    return having(publish=publish)(kind)


def call_it_corrected(self, job):
    return [Live(Client(job.account).article(job.items[0].observed["id"])["url"], {})]


def withdraw_all(self, job):
    for number in range(1, 3):
        Client(job.account).remove(f"r{number}")


def remove_what_is_looked_at(job):
    Client(job.account).remove(job.items[0].observed["id"])


def look_once_more(job):
    job.step("look", lambda: Client(job.account).article("r1")["id"], given=next(numbers))


def another_name(job, name, call, **options):
    return job.step(f"{name} again", call, **options)


def refuse_what_is_live(lives, job):
    raise Rejected("图片太大。")


def always(*, notifies):
    def fault(kind):
        return having(publish=lambda self, job: kind.publish(self, Job(job, notifies=notifies)))(kind)

    return fault


def believe(self, account, incoming):
    return Received("ok", (event_of(incoming.body),))


def believe_what_has_no_proof(kind):
    def received(self, account, incoming):
        return kind.receive(self, account, incoming) if incoming.headers else Received("ok", ())

    return having(receive=received)(kind)


def believe_what_nobody_can_read(kind):
    def received(self, account, incoming):
        return Received("ok", ()) if not incoming.body else kind.receive(self, account, incoming)

    return having(receive=received)(kind)


def at_any_time(self, account, incoming):
    time = dt.datetime.fromtimestamp(int(incoming.headers["X-Rongxi-Time"]), dt.UTC)
    return receive(account.credentials, incoming, time)


def passed_by(name):
    """Let the variant's text of this name be passed by."""
    return rendering(
        lambda render, text, _theme: dataclasses.replace(render(text), **{name: getattr(render(PLAIN), name)})
    )


def previewing(change):
    return answering("preview", lambda page, made, name: change(page, made, name))


def looking(**other):
    return answering("look", lambda shown, _job: [dataclasses.replace(each, **other) for each in shown])


def notifying(**other):
    return declaring(notifying=dataclasses.replace(Faultless.platform.notifying, **other))


def of_another_address(lives, _job):
    return [dataclasses.replace(live, url="https://elsewhere.example/1") for live in lives]


TITLE, DIGEST, AUTHOR = ({"field": name} for name in ("title", "digest", "author"))
BEFORE, AFTER = {"when": "before"}, {"when": "after"}
#: What counts on being told of what is live: each is broken by whom tells of nothing.
TOLD = ("3.4", "4.4", "6.1", "10.2", "11.2", "16.3")
#: The scenario, its parameters, and the fault.
BROKEN = {
    **{
        f"of what is live nothing is told ({number})": (number, {}, answering("publish", lambda *_: []))
        for number in TOLD
    },
    "a word is lost": ("1.1", {}, in_html(lambda html: html.replace("榕树路1号", ""))),
    "a picture is lost": ("1.2", {}, in_html(lambda html: html.replace("<img", "<hr", 1))),
    "pictures are named in another order": ("1.2", {}, in_rendition(assets=lambda named, _: named[::-1])),
    "the cover is lost": ("1.2", {}, in_rendition(cover=lambda _cover, _: None)),
    "the source stands elsewhere": ("1.3", {}, in_html(lambda html: f"{html}<p>{'完' * 200}</p>")),
    "the variant's title is passed by": ("1.4", {}, passed_by("title")),
    "the variant's digest is passed by": ("1.4", {}, passed_by("digest")),
    "the variant's author is passed by": ("1.4", {}, passed_by("author")),
    "the variant's cover is passed by": ("1.4", {}, passed_by("cover")),
    "rendered twice, it differs": ("1.5", {}, in_html(lambda html: f"{html}<!--{next(numbers)}-->")),
    "themes look the same": ("1.7", {}, having(render=RongxiDaily.render)),
    "a theme has words of its own": (
        "1.7",
        {},
        in_rendition(html=lambda html, theme: html + "节" * (theme == "festive")),
    ),
    "the first theme is not the usual one": (
        "1.7",
        {},
        in_rendition(html=lambda html, theme: html if theme else f"<b>{html}</b>"),
    ),
    "the preview shows another text": ("1.8", {}, previewing(lambda page, *_: page.replace("<p", "<q"))),
    "the preview has no title": ("1.8", {}, previewing(lambda page, made, _: page.replace(made.title, ""))),
    "the preview has no account": (
        "1.8",
        {},
        previewing(lambda page, _, name: page.replace(f"<h1>{name}", "<h1>")),
    ),
    "a title is cut": ("2.1", TITLE, when_too_long(cut)),
    "a digest is cut": ("2.1", DIGEST, when_too_long(cut)),
    "an author is cut": ("2.1", AUTHOR, when_too_long(cut)),
    "what fits is cut": ("2.1", TITLE, in_rendition(title=lambda title, _: title[:-1])),
    "it is not said how much is too much": ("2.1", DIGEST, refusing_without("3")),
    "it is not said how much is allowed": ("2.1", DIGEST, refusing_without("80")),
    "it is not said who refuses": ("2.1", DIGEST, refusing_without("榕溪日报")),
    "a short title is taken": ("2.2", {}, having(render=RongxiDaily.render)),
    "it is not said how short is too short": ("2.2", {}, refusing_without("3")),
    "a long body is taken": ("2.3", {}, having(render=RongxiDaily.render)),
    "a body is refused without a figure": ("2.3", {}, refusing_without("2000")),
    "a script runs": ("3.1", {}, in_html(lambda html: f"{html}<script></script>")),
    "markup of a text is markup": ("3.1", {}, in_html(raw)),
    "what an enemy wrote is left out": ("3.1", {}, in_html(lambda html: html.replace(SCRIPT, ""))),
    "an attribute runs something": ("3.1", {}, in_html(lambda html: f'{html}<p onclick="x()"></p>')),
    "a link runs something": ("3.2", {}, in_html(lambda html: f'{html}<a href="javascript:x()">y</a>')),
    "a preview runs something": ("3.3", {}, previewing(lambda page, _, name: page + name)),
    "a script runs where it is published": (
        "3.4",
        {},
        sending(html=lambda html: f"{html}<script></script>"),
    ),
    "what an enemy wrote is not published": (
        "3.4",
        {},
        sending(html=lambda html: html.replace(SCRIPT, "")),
    ),
    "an attribute runs something there": (
        "3.4",
        {},
        sending(html=lambda html: f'{html}<p onclick="x()"></p>'),
    ),
    "another title arrives": ("4.1", {}, sending(title=lambda title: f"{title}！")),
    "a word does not arrive": ("4.1", {}, sending(html=lambda html: html.replace("榕树路1号", ""))),
    "a picture does not arrive": ("4.1", {}, sending(html=lambda html: html.replace("<img", "<hr", 1))),
    "the digest does not arrive": ("4.1", {}, sending(summary=lambda _: "")),
    "the author does not arrive": ("4.1", {}, sending(author=lambda _: "")),
    "the link to the source does not arrive": ("4.1", {}, sending(source_url=lambda _: "")),
    "the cover does not arrive": ("4.1", {}, sending(cover=lambda _: "")),
    "it is said to be elsewhere": ("4.1", {}, answering("publish", of_another_address)),
    "an edition arrives backwards": (
        "4.2",
        {},
        lambda kind: having(publish=lambda self, job: kind.publish(self, Job(job, items=job.items[::-1])))(
            kind
        ),
    ),
    "an edition's addresses are mixed up": ("4.2", {}, answering("publish", lambda lives, _: lives[::-1])),
    "a second run submits again": ("4.3", {}, calling("publish", submit_beside)),
    "a second run makes steps": ("4.3", {}, calling("publish", look_once_more)),
    "what was stored is passed by": ("4.4", {}, forget_what_was_stored),
    "what was stored is never sent": ("4.4", {}, finding(None)),
    "what is live is said to be refused": ("4.5", {}, answering("publish", refuse_what_is_live)),
    "what was submitted is not looked for": ("5.1", AFTER, finding(Absent)),
    "what is live is left to a person": ("5.1", AFTER, finding(None)),
    "what was not submitted is found": ("5.1", BEFORE, finding(lambda: Found({"id": "r1"}))),
    "who is not there may have had an effect": (
        "5.2",
        {},
        failing(Retry, lambda _error, _job: OutcomeUnknown("lost")),
    ),
    "who is not there is said to have it": ("5.2", {}, failing(Retry, lambda *_: [])),
    "who is busy said when to come again": (
        "5.3",
        {},
        failing((Retry, OutcomeUnknown), lambda _error, _job: Retry("busy", after=5)),
    ),
    "who is busy gets it twice": (
        "5.3",
        {},
        lambda kind: failing((Retry, OutcomeUnknown), submit_at_last)(finding(Absent)(kind)),
    ),
    "a lost answer is not looked for": ("6.1", {}, finding(Absent)),
    "a lost answer is left to a person": ("6.1", {}, finding(None)),
    "an older article is taken for ours": ("6.2", {}, take_the_same_title_for_ours),
    "a correction changes nothing": ("7.1", {}, having(correct=call_it_corrected)),
    "a correction is another article": ("7.1", {}, having(correct=Faultless.publish)),
    "a correction is said to be elsewhere": ("7.1", {}, answering("correct", of_another_address)),
    "a correction is added": ("7.2", AFTER, having(correct=Faultless.publish)),
    "a correction that was cut short is called done": (
        "7.2",
        BEFORE,
        finding(lambda: Found({}), "correct"),
    ),
    "a correction is made twice": ("7.3", {}, each_time_anew("correct")),
    "what was withdrawn is there": ("8.1", {}, having(withdraw=lambda self, job: None)),
    "what was not withdrawn is gone": ("8.1", {}, having(withdraw=withdraw_all)),
    "a withdrawal that was cut short is called done": (
        "8.2",
        BEFORE,
        finding(lambda: Found({}), "withdraw"),
    ),
    "it is withdrawn twice": ("8.3", {}, each_time_anew("withdraw")),
    "of what cannot be named it is said that it is withdrawn": (
        "8.4",
        {},
        having(withdraw=lambda self, job: None),
    ),
    "what is live is not seen": ("9.1", {}, looking(is_live=False)),
    "another title is seen": ("9.1", {}, looking(title="别的标题")),
    "another text is seen": ("9.1", {}, looking(html="<p>别的</p>")),
    "what was taken down is seen": ("9.2", {}, looking(is_live=True)),
    "what was withdrawn is seen": ("9.3", {}, looking(is_live=True)),
    "a look takes it down": ("9.4", {}, calling("look", remove_what_is_looked_at)),
    "a look submits": ("9.4", {}, calling("look", submit_beside)),
    "a call is not counted": ("10.1", {}, calling("check", ask_on_another_connection)),
    "a quota that has ended ends everything": ("10.2", {}, failing(QuotaExceeded, lambda *_: [])),
    "a quota is passed by": ("10.2", {}, failing(QuotaExceeded, pass_the_quota_by)),
    "a quota has begun anew long ago": (
        "10.3",
        {},
        saying(QuotaExceeded, until=lambda _: dt.datetime.now(dt.UTC) - DAY),
    ),
    "a quota names no path": ("10.4", {}, declaring(quotas=(Quota("v1", per_day=9),))),
    "a quota has no limit": ("10.4", {}, declaring(quotas=(Quota(ARTICLES),))),
    "a quota keeps everything": ("10.4", {}, declaring(quotas=(Quota(ARTICLES, per_day=9, kept=9),))),
    "who asks to wait is asked at once": (
        "10.5",
        {"status": 429},
        failing((Retry, OutcomeUnknown), lambda _error, _job: Retry("later")),
    ),
    "who asks to wait gets it twice": (
        "10.5",
        {"status": 503},
        lambda kind: failing((Retry, OutcomeUnknown), submit_at_last)(finding(Absent)(kind)),
    ),
    "a wrong key opens": (
        "11.1",
        {},
        having(check=lambda self, account: frozenset(self.platform.capabilities)),
    ),
    "a refused key is another matter": (
        "11.3",
        {},
        failing(CredentialsInvalid, lambda error, _job: PermanentError("no", code=error.code)),
    ),
    "the platform's code is not told": ("11.3", {}, saying(CredentialsInvalid, code=lambda _: "")),
    "an error's body tells the key": (
        "11.4",
        {},
        saying(PublisherError, body=lambda job: job.account.credentials["key"]),
    ),
    "an error's sentence tells the key": (
        "11.4",
        {},
        saying(PublisherError, args=lambda job: (job.account.credentials["key"],)),
    ),
    "an error's number tells the key": (
        "11.4",
        {},
        saying(PublisherError, request_id=lambda job: job.account.credentials["key"]),
    ),
    "an editor reads nothing": ("12.1", {}, saying(Rejected, reason=lambda _: " ")),
    "what can never be is the editor's fault": (
        "12.2",
        {},
        failing(PermanentError, lambda error, _job: Rejected("不行。", code=error.code)),
    ),
    "a code that nobody names is certain": ("12.3", {}, having()),
    "an ability is not told": ("13.1", {}, answering("check", lambda *_: frozenset())),
    "a check submits": ("13.1", {}, calling("check", submit_beside)),
    "an ability that nobody knows is missing": ("13.2", {}, saying(CapabilityMissing, name=lambda _: "fly")),
    "a check asks for more than publishing": ("13.3", {}, having(check=RongxiDaily.check)),
    "there are no figures": ("14.1", {}, answering("figures", lambda *_: [])),
    "figures are of nothing": ("14.1", {}, with_figures(about=lambda _: {})),
    "figures are of another article": ("14.1", {}, with_figures(about=lambda _: {"id": "r9"})),
    "figures are of today": ("14.1", {}, with_figures(day=lambda figure: figure.day + DAY)),
    "figures are of a day before": ("14.1", {}, with_figures(day=lambda figure: figure.day - DAY)),
    "figures have a name of their own": ("14.2", {}, with_figures(name=lambda _: "hearts")),
    "figures are less than nothing": ("14.2", {}, with_figures(value=lambda _: -1)),
    "figures differ each time": ("14.3", {}, with_figures(value=lambda _: next(numbers))),
    "asking for figures submits": ("14.3", {}, calling("figures", submit_beside)),
    "a day without articles has figures": (
        "14.4",
        {},
        answering("figures", lambda told, _account, day: told or [Figure({"id": "r1"}, day, "reads", 1)]),
    ),
    "nobody tells where figures are from": ("14.5", {}, declaring(figure_source="")),
    "a message asks the platform": (
        "15.1",
        {},
        calling("receive", lambda account, _incoming: Client(account).lookup("")),
    ),
    "a message is not answered": (
        "15.1",
        {},
        answering("receive", lambda told, *_: dataclasses.replace(told, answer=None)),
    ),
    "a message tells nothing": (
        "15.1",
        {},
        answering("receive", lambda told, *_: dataclasses.replace(told, events=())),
    ),
    "a message has no key": ("15.1", {}, with_events(key=lambda _: "")),
    "a message is about nothing": ("15.1", {}, with_events(about=lambda _: {})),
    "a message is about another article": ("15.1", {}, with_events(about=lambda _: {"id": "r9"})),
    "a message's facts cannot be stored": ("15.1", {}, with_events(facts=lambda _: {"state": ("a",)})),
    "a message that comes again is another": ("15.2", {}, with_events(key=lambda _: str(next(numbers)))),
    "two articles are one": ("15.3", {}, with_events(key=lambda _: "published")),
    "another secret is as good": ("15.4", {}, having(receive=believe)),
    "a changed message is as good": ("15.5", {}, having(receive=believe)),
    "an empty message is as good": ("15.5", {}, believe_what_nobody_can_read),
    "an old message is as good": ("15.6", {"hours": -2}, having(receive=at_any_time)),
    "a message of the future is as good": ("15.6", {"hours": 2}, having(receive=at_any_time)),
    "no proof is as good": ("15.7", {}, believe_what_has_no_proof),
    "no account may tell followers": ("16.1", {}, notifying(capability="fly")),
    "nobody is warned": ("16.1", {}, notifying(warning=" ")),
    "the desk has no word for telling them": ("16.1", {}, notifying(step="fly")),
    "followers are always told": ("16.2", {}, always(notifies=True)),
    "followers are told beside it": (
        "16.2",
        {},
        calling("publish", lambda job: job.step("announce", lambda: None)),
    ),
    "it is a step that nobody declares": ("16.2", {}, working("publish", step=another_name)),
    "followers are never told": ("16.3", {}, always(notifies=False)),
    "followers are told, and it is published beside it": (
        "16.3",
        {},
        calling("publish", lambda job: job.step("submit", lambda: None)),
    ),
    "followers are told in two steps": (
        "16.3",
        {},
        calling("publish", lambda job: job.step("announce", lambda: None, given=next(numbers))),
    ),
    "followers are told again and again": ("16.3", {}, each_time_anew("publish")),
    "followers are told twice": ("16.4", AFTER, finding(Absent)),
}
#: Not kept by the sample as it is, which knows no such code, and one whose noise costs a second.
NOT_TRIED = {"12.3", "4.5"}
RIGHT = {
    f"{number} {values}": (number, values)
    for number, values, _fault in BROKEN.values()
    if number not in NOT_TRIED
}


class TestPromises(AtTheNewspaper, without_tests(Conformance)):
    plugin = pytest.fixture(lambda self, fault: fault(Faultless)())

    @pytest.mark.parametrize(("number", "values", "fault"), BROKEN.values(), ids=BROKEN)
    def test_who_breaks_it_is_found(self, keep, number, values, fault):
        with pytest.raises(FOUND):
            keep(number, **values)

    @pytest.mark.parametrize(("number", "values"), RIGHT.values(), ids=RIGHT)
    @pytest.mark.parametrize("fault", [having()], ids=["right"])
    def test_who_keeps_it_is_not(self, keep, number, values):
        keep(number, **values)
