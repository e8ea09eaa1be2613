"""docs/plugins.md says what is so: its examples are run, its tables list what is there."""

import dataclasses
import inspect
import re

import pytest

from publishers import interface
from publishers.engine import outcomes
from publishers.interface import Job, Platform, Publisher, PublisherError, Undecided, bounds
from publishers.models import Cause, Delivery
from publishers.testing.given import Given
from tests.plugins.conftest import ROOT, SAMPLE
from tests.plugins.documented import PAGE, WRITTEN, marked, names, rows
from tests.plugins.public import PUBLIC

EXAMPLE = re.compile(r"```python\n# (\S+)\n(.*?)```", re.DOTALL)


@pytest.mark.parametrize("path, code", EXAMPLE.findall(PAGE.read_text()))
def test_an_example_stands_in_the_sample_word_for_word(path, code):
    assert code in (SAMPLE / path).read_text()


def test_every_field_of_a_platform_is_told_with_its_default():
    fields = dataclasses.fields(Platform)
    assert names("What a plugin declares") == [field.name for field in fields]
    assert [row[1].strip("`") for row in rows("What a plugin declares")] == [
        _default(field) for field in fields
    ]


def test_an_older_plugin_goes_on_declaring_what_it_did():
    required = [field.name for field in dataclasses.fields(Platform) if not _default(field)]
    assert required == ["slug", "name", "colour", "base_url", "limits", "credentials"]


def test_every_method_of_a_publisher_is_told():
    methods = [name for name, member in vars(Publisher).items() if inspect.isfunction(member)]
    assert names("What a plugin implements") == methods


def test_every_member_of_a_job_is_told():
    methods = [name for name in vars(Job) if inspect.isfunction(vars(Job)[name]) and not name.startswith("_")]
    assert names("What it is handed") == [*Job.__annotations__, *methods]


def test_every_error_is_told_with_what_is_done_next():
    public = {name: each for name, each in vars(interface.errors).items() if not name.startswith("_")}
    kinds = [each for each in public.values() if inspect.isclass(each)]
    errors = [
        each.__name__ for each in kinds if issubclass(each, PublisherError) and each is not PublisherError
    ]
    assert names("What it raises") == errors and set(errors) <= set(interface.__all__)


def test_every_way_is_told():
    assert {interface.API, *names("Ways that come free")} == {"api", "push", "feed", "manual"}


def test_what_is_public_is_told():
    assert tuple(names("What is public")) == PUBLIC


@pytest.mark.parametrize("name", WRITTEN)
def test_what_is_listed_is_what_the_code_has(name):
    assert marked(name) == WRITTEN[name](), "python -m tests.plugins.documented"


def test_what_is_said_of_numbers_texts_and_moments_without_a_line_is_so():
    assert f"from 0 to {bounds.UPPER:,}:" in PAGE.read_text()
    assert f"a year from {bounds.YEARS[0]} to {bounds.YEARS[-1]}." in PAGE.read_text()
    assert bounds.TEXT == r"[^\0\ud800-\udfff]*"


def test_how_long_anything_may_stay_undecided_is_told():
    asked = [outcomes.undecided(Delivery(), "submit", Undecided("?", after)) for after in (-1, 1e9)]
    least, most = (each.after.total_seconds() for each in asked)
    patience_s = sum(outcomes._usual_waits(Cause.UNKNOWN))
    told = f"after {least:.0f} seconds at the earliest and {most / 3600:.0f} hours at the\nlatest"
    assert told in PAGE.read_text() and outcomes.RARER == 10
    assert f"After {patience_s / 3600:.0f} hours a person looks" in PAGE.read_text()


def test_every_fixture_that_must_be_given_is_told_and_says_so():
    [table] = re.findall(r"\| fixture \|.*?\n\n", PAGE.read_text(), re.DOTALL)
    for name in re.findall(r"^\| `(\w+)` \| (?!may)", table, re.MULTILINE):
        assert f"Give a fixture `{name}`" in inspect.getsource(Given)


def test_the_readme_leads_there():
    assert "docs/plugins.md" in (ROOT / "README.md").read_text()


def _default(field: dataclasses.Field) -> str:
    if field.default is not dataclasses.MISSING:
        return repr(field.default) if not dataclasses.is_dataclass(field.default) else "PictureRules()"
    return repr(field.default_factory()) if field.default_factory is not dataclasses.MISSING else ""
