"""Part B of partner-feed-contract.md: figures, pictures as a partner takes them, and whether it is there."""

import hashlib

import pytest
import requests
import time_machine

from cms.document.model import VariantText
from publishers.interface import (
    CapabilityMissing,
    Retry,
)
from publishers.testing.documents import specimen
from publishers.testing.job import RecordingJob, make_item
from publishers.testing.pictures import MemoryPicture, PictureServer
from publishers.transports import counted
from tests.publishers.transports.pushed import (
    account,
    body_of,
    job,
    make,
    partner,
    plugin,
)

__all__ = ["account", "job", "make", "partner", "plugin"]

ROW = {
    "remote_id": "r1",
    "reads": 10,
    "likes": 2,
    "shares": 1,
    "comments": 0,
    "as_of": "2026-03-02T23:59:59+08:00",
}
CSV = ("\ufeff" + ",".join(ROW) + "\n" + ",".join(map(str, ROW.values())) + "\n").encode()
AS_CSV = {"Content-Type": "text/csv; charset=utf-8"}


@pytest.mark.parametrize("answer", [(200, [ROW]), (200, CSV, AS_CSV)])
def test_figures_come_as_json_or_csv(plugin, account, partner, answer):
    partner.answer(answer)
    day = counted.dt.date(2026, 3, 1)
    figures = plugin.figures(account, day)
    assert partner.heard[0][1] == "/in/push/stats?date=2026-03-01"
    assert {figure.name: figure.value for figure in figures} == {
        "reads": 10,
        "likes": 2,
        "shares": 1,
        "comments": 0,
    }
    assert {(figure.about["remote_id"], figure.day.isoformat()) for figure in figures} == {
        ("r1", "2026-03-02")
    }
    assert all(figure.is_final for figure in figures)


def test_what_is_no_figure_is_left_out(plugin, account, partner):
    rows = [{**ROW, "reads": -1, "likes": "many", "shares": 1.5, "comments": "9" * 16}]
    partner.answer(
        (
            200,
            [*rows, {**ROW, "as_of": "yesterday"}, {**ROW, "remote_id": ""}, {**ROW, "as_of": "2026-02-30"}],
        )
    )
    assert plugin.figures(account, counted.dt.date(2026, 3, 1)) == []


@pytest.mark.parametrize(("minute", "is_over"), [("15:58", False), ("16:01", True)])
def test_a_day_of_figures_is_over_when_it_is_over_in_china(plugin, account, partner, minute, is_over):
    partner.answer((200, [{**ROW, "as_of": "2026-03-02"}]))
    with time_machine.travel(f"2026-03-02T{minute}+00:00", tick=True):
        figures = plugin.figures(account, counted.dt.date(2026, 3, 1))
    assert {(figure.day.isoformat(), figure.is_final) for figure in figures} == {("2026-03-02", is_over)}


@pytest.mark.parametrize(
    ("as_of", "day"),
    [
        ("2026-03-02", "2026-03-02"),
        ("2026-03-02T23:30:00", "2026-03-02"),
        ("2026-03-02T15:30:00Z", "2026-03-02"),
        ("2026-03-02T16:30:00Z", "2026-03-03"),
    ],
)
def test_the_day_of_a_figure_is_the_one_in_china(plugin, account, partner, as_of, day):
    partner.answer((200, [{**ROW, "as_of": as_of}]))
    figures = plugin.figures(account, counted.dt.date(2026, 3, 1))
    assert {figure.day.isoformat() for figure in figures} == {day}


@pytest.mark.parametrize("status", [404, 405, 410])
def test_a_partner_without_figures_may_only_publish(plugin, account, partner, status):
    partner.answer((status, {}))
    assert plugin.check(account) == {"publish"}
    with pytest.raises(CapabilityMissing):
        plugin.figures(account, counted.dt.date(2026, 3, 1))


def test_a_picture_that_the_platform_does_not_take_is_jpeg_and_described_as_it_is_served(
    plugin, account, partner
):
    with PictureServer() as web:
        huge = [web.serve(MemoryPicture(size=(width, 900))) for width in (1800, 1802, 1804)]
        item = make_item(plugin, specimen(huge), VariantText(), "c" * 32)
        plugin.publish(RecordingJob(account, [item], {picture.sha256: picture for picture in huge}))
        said = body_of(partner)["article"]
        for picture in [*said["images"], *said["cover_images"]]:
            content = requests.get(picture["url"], timeout=20).content
            assert hashlib.sha256(content).hexdigest() == picture["sha256"]
            assert (len(content), "image/jpeg", 1600) == tuple(
                picture[name] for name in ("bytes", "mime", "width")
            )
        assert all(picture["url"] in said["content_html"] for picture in said["images"])


@pytest.mark.parametrize("answer", [(500, {}), (400, {}), (200, {"rows": []}), (200, [1]), (200, b"<html>")])
@pytest.mark.parametrize("known", [set(), {"publish", "statistics"}], ids=["new", "checked before"])
def test_a_partner_whose_figures_fail_is_there_and_takes_articles(plugin, account, partner, answer, known):
    """What it could before it is believed to be able to when it is well again."""
    partner.answer(answer)
    account.capabilities = frozenset(known)
    assert plugin.check(account) == {"publish", *known}


def test_a_partner_who_cannot_be_reached_is_not_there(plugin, account, partner):
    partner.stop()
    with pytest.raises(Retry):
        plugin.check(account)
