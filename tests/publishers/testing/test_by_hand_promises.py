"""Whatever a person is not given as it was promised, the conformance suite says so."""

import dataclasses
import itertools

import pytest
import requests

from publishers.interface import ByHand
from publishers.testing import ByHandConformance
from publishers.transports.manual import ByPerson
from tests.publishers.testing.faults import FOUND, answering, having, without_tests, working
from tests.publishers.testing.newspaper import Faultless

numbers = itertools.count()


def asking(**other):
    def fault(kind):
        def publish(self, job):
            try:
                kind.publish(self, job)
            except ByHand as asked:
                vars(asked).update(other)
                raise

        return having(publish=publish)(kind)

    return fault


def giving(**changes):
    """Hand out other fields than what was signed."""

    def sent(self, payload):
        return tuple(changes.get(name, str)(payload[name]) for name in ("title", "html"))

    return having(sent=sent)


def declaring(**fields):
    def fault(kind):
        def begin(self, of):
            kind.__init__(self, of)
            self.platform = dataclasses.replace(self.platform, **fields)

        return having(__init__=begin)(kind)

    return fault


def given_anew(job, item, payload):
    item.payload = {**payload, "number": next(numbers)}


def calling_somebody(method):
    def fault(kind):
        def call(self, asked):
            with pytest.raises(requests.ConnectionError):
                getattr(asked, "account", asked).http.get("http://127.0.0.1:9/")
            return getattr(kind, method)(self, asked)

        return having(**{method: call})(kind)

    return fault


BROKEN = {
    "nobody is asked": ("17.1", having(publish=lambda self, job: [])),
    "she is asked without a word": ("17.1", asking(instruction=" ")),
    "she has no time": ("17.1", asking(within=0)),
    "she is given another title": ("17.2", giving(title=lambda title: f"{title}！")),
    "she is not given a word": ("17.2", giving(html=lambda html: html.replace("榕树路1号", ""))),
    "she is not given a picture": ("17.2", giving(html=lambda html: html.replace("<img", "<hr", 1))),
    "she is given a link to nowhere": ("17.2", giving(html=lambda html: f'{html}<a href="source:"></a>')),
    "she is given something else each time": ("17.3", working("publish", store_payload=given_anew)),
    "somebody is called": ("17.4", calling_somebody("publish")),
    "a check calls somebody": ("17.4", calling_somebody("check")),
    "a check tells what nobody knows": ("17.4", answering("check", lambda *_: frozenset({"fly"}))),
    "a script runs where she pastes it": ("17.5", giving(html=lambda html: f"{html}<script></script>")),
    "an attribute does": ("17.5", giving(html=lambda html: f'{html}<p onclick="x()"></p>')),
    "what a person alone corrects is declared": ("17.6", declaring(can_correct=True)),
    "what a person alone withdraws is declared": ("17.6", declaring(can_withdraw=True)),
    "what a person alone sees is declared": ("17.6", declaring(can_look=True)),
    "what a person alone is told is declared": ("17.6", declaring(can_receive=True)),
    "the articles of an edition are one": ("17.7", giving(title=lambda _: "家庭教育公开课第1讲")),
}


class TestByHandPromises(without_tests(ByHandConformance)):
    plugin = pytest.fixture(lambda self, fault: fault(ByPerson)(Faultless()))

    @pytest.mark.parametrize(("number", "fault"), BROKEN.values(), ids=BROKEN)
    def test_who_breaks_it_is_found(self, keep, number, fault):
        with pytest.raises(FOUND):
            keep(number)

    @pytest.mark.parametrize("number", sorted({number for number, _fault in BROKEN.values()}))
    @pytest.mark.parametrize("fault", [having()], ids=["right"])
    def test_who_keeps_it_is_not(self, keep, number):
        keep(number)
