"""Log lines for machines: each is a JSON object, whatever happened, and no field shows a secret."""

import json
import logging
import sys

import pytest
from celery import current_app
from django.test import RequestFactory

from config.logs import EACH_CALL, configuration
from publishers.logs import JsonLine, Line


def line(**said) -> dict:
    options = dict(configuration("INFO", "json")["formatters"]["json"])
    del options["()"]
    return json.loads(JsonLine(**options).format(logging.makeLogRecord(said)))


def test_a_page_that_failed_is_json_with_its_status_and_without_the_secrets_of_its_address():
    """As django.request tells it: the record carries the request and its status."""
    request = RequestFactory().get("/callbacks/7?access_token=t0psecret&code=0n3")
    try:
        raise ValueError("https://example.org/?secret=t0psecret")
    except ValueError:
        told = line(
            name="django.request",
            levelname="ERROR",
            msg="Internal Server Error: %s",
            args=("/callbacks/7?access_token=t0psecret",),
            status_code=500,
            request=request,
            exc_info=sys.exc_info(),
        )
    assert told["status_code"] == 500 and "ValueError" in told["exc_info"]
    assert "t0psecret" not in json.dumps(told) and "0n3" not in json.dumps(told)


def test_a_line_for_people_shows_no_secret_of_an_address_or_an_error():
    try:
        raise ValueError("https://example.org/?secret=t0psecret")
    except ValueError:
        said = {"msg": "Failed: %s", "args": ("/callbacks/7?access_token=t0psecret",)}
        record = logging.makeLogRecord({**said, "exc_info": sys.exc_info()})
    told = Line(configuration("INFO", "text")["formatters"]["text"]["fmt"]).format(record)
    assert "Failed: /callbacks/7" in told and "ValueError" in told and "t0psecret" not in told


def test_chinese_stands_in_the_line_as_it_is_written():
    options = dict(configuration("INFO", "json")["formatters"]["json"])
    del options["()"]
    assert "女声" in JsonLine(**options).format(logging.makeLogRecord({"msg": "女声"}))


@pytest.mark.parametrize("value", [None, True, 7, 0.5])
def test_what_is_no_text_stays_what_it_is(value):
    assert line(name="x", msg="x", code=value)["code"] == value


@pytest.mark.parametrize("value", ['a "quoted" secret="t0psecret"', {"access_token": "t0psecret"}, b"\xff"])
def test_whatever_a_field_holds_becomes_json_without_a_secret(value):
    assert "t0psecret" not in json.dumps(line(name="x", msg="x", told=value))


@pytest.mark.django_db(transaction=True)
def test_a_beat_that_finds_nothing_says_nothing_at_info(settings, caplog):
    caplog.set_level(logging.INFO)
    current_app.loader.import_default_modules()
    for entry in settings.CELERY_BEAT_SCHEDULE.values():
        current_app.tasks[entry["task"]]()
    assert caplog.messages == []


def test_at_debug_every_call_is_told_again():
    assert set(EACH_CALL) <= set(configuration("INFO", "text")["loggers"])
    assert not set(EACH_CALL) & set(configuration("DEBUG", "text")["loggers"])
