"""What a plugin may do wrong: each returns, of a class of publishers, one with that fault."""

import dataclasses
import inspect
import itertools

import pytest

from publishers.interface import PublisherError, Rejected
from publishers.testing.scenarios import of_class
from tests.publishers.testing.newspaper import Job

#: As pytest says it, by another error than what is awaited, or since nothing is there to be looked at.
FOUND = (AssertionError, pytest.fail.Exception, PublisherError, ValueError, IndexError)


def without_tests(suite):
    """Return the suite with its fixtures alone, and ``keep``, which calls a scenario by its number."""
    scenarios = of_class(suite)

    @pytest.fixture
    def keep(self, request):
        def keep(number, **values):
            test = getattr(suite, scenarios[number][0])
            wanted = [name for name in inspect.signature(test).parameters if name not in ("self", *values)]
            test(self, **values, **{name: request.getfixturevalue(name) for name in wanted})

        return keep

    tests = dict.fromkeys(name for name, _made in scenarios.values())
    return type("Fixtures", (suite,), {**tests, "keep": keep})


def having(**attributes):
    return lambda kind: type("Faulty", (kind,), attributes)


def declaring(**fields):
    return lambda kind: having(platform=dataclasses.replace(kind.platform, **fields))(kind)


def limited(**fields):
    return lambda kind: declaring(limits=dataclasses.replace(kind.platform.limits, **fields))(kind)


def rendering(change):
    """``change`` gets what renders a variant rightly, the variant and the theme."""

    def fault(kind):
        def render(self, document, variant, theme=""):
            return change(lambda text: kind.render(self, document, text, theme), variant, theme)

        return having(render=render)(kind)

    return fault


def in_rendition(**changes):
    """Each of ``changes`` gets what the field holds, and the theme."""

    def change(render, variant, theme):
        made = render(variant)
        changed = {name: each(getattr(made, name), theme) for name, each in changes.items()}
        return dataclasses.replace(made, **changed)

    return rendering(change)


def in_html(change):
    return in_rendition(html=lambda html, _theme: change(html))


def when_too_long(change):
    """``change`` gets the variant, what renders it rightly, and why it was refused."""

    def made(render, variant, theme):
        try:
            return render(variant)
        except Rejected as refused:
            return change(variant, render, refused.reason)

    return rendering(made)


def cut(variant, render, reason):
    short = {name: text[:5] for name in ("title", "digest", "author") if (text := getattr(variant, name))}
    return render(variant.model_copy(update=short))


def refusing_without(word):
    def again(variant, render, reason):
        raise Rejected(reason.replace(word, "若干"))

    return when_too_long(again)


def answering(method, change):
    """``change`` gets what is rightly answered, and what was asked."""

    def fault(kind):
        def answer(self, *asked):
            return change(getattr(kind, method)(self, *asked), *asked)

        return having(**{method: answer})(kind)

    return fault


def calling(method, call):
    """Beside what is right, ``call`` is made of what was asked."""
    return answering(method, lambda answer, *asked: (call(*asked), answer)[1])


def working(method, **own):
    """Let the method have a job of which something is otherwise: each of ``own`` gets the right one first."""

    def fault(kind):
        def work(self, job):
            def bound(change):
                return lambda *args, **options: change(job, *args, **options)

            return getattr(kind, method)(self, Job(job, **{name: bound(each) for name, each in own.items()}))

        return having(**{method: work})(kind)

    return fault


def sending(**changes):
    """Send other fields than what was rendered."""

    def store(job, item, payload):
        changed = {name: each(payload[name]) for name, each in changes.items()}
        return job.store_payload(item, {**payload, **changed})

    return working("publish", store_payload=store)


def finding(find, method="publish"):
    def step(job, name, call, **options):
        return job.step(name, call, **{**options, "find": find, "repeatable": False})

    return working(method, step=step)


def each_time_anew(method):
    numbers = itertools.count()

    def step(job, name, call, **options):
        return job.step(name, call, **{**options, "given": next(numbers)})

    return working(method, step=step)


def failing(error, change):
    """Where ``publish`` raises an error of this kind, ``change`` is raised, or what it makes of the error."""

    def fault(kind):
        def publish(self, job):
            try:
                return kind.publish(self, job)
            except error as raised:
                other = change(raised, job)
            if isinstance(other, Exception):
                raise other
            return other

        return having(publish=publish)(kind)

    return fault


def saying(error, **other):
    """Let the error have other attributes; what is given gets the job."""

    def change(raised, job):
        for name, value in other.items():
            setattr(raised, name, value(job))
        return raised

    return failing(error, change)


def with_figures(**changes):
    def change(told, *_asked):
        return [
            dataclasses.replace(each, **{name: make(each) for name, make in changes.items()}) for each in told
        ]

    return answering("figures", change)


def with_events(**changes):
    def change(told, *_asked):
        made = ({name: make(each) for name, make in changes.items()} for each in told.events)
        events = (dataclasses.replace(each, **own) for each, own in zip(told.events, made, strict=True))
        return dataclasses.replace(told, events=tuple(events))

    return answering("receive", change)
