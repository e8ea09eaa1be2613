"""Figures: ``GET …/stats?date=YYYY-MM-DD``, of what was published on that day in China, by push or feed."""

import csv
import io
from datetime import date, datetime, time, timedelta

from starlette.responses import JSONResponse, Response

from ..calls import Call
from ..store import CHINA, Row, Store, china_time
from .answers import Refusal

COLUMNS = ("remote_id", "reads", "likes", "shares", "comments", "as_of")


def answer(store: Store, call: Call, account: Row) -> Response:
    try:
        day = date.fromisoformat(call.query.get("date", ""))
    except ValueError as error:
        raise Refusal(422, "invalid_field", "date 要写成 YYYY-MM-DD。", field="date") from error
    rows = [_row(row, store.now()) for row in _published(store, call.platform, account["id"], day)]
    if not store.setting("push_figures_csv"):
        return JSONResponse(rows)
    written = io.StringIO()
    table = csv.DictWriter(written, COLUMNS)
    table.writeheader()
    table.writerows(rows)
    return Response(written.getvalue(), media_type="text/csv")


def _published(store: Store, platform: str, account: str, day: date) -> list[Row]:
    rows = store.all(
        "SELECT * FROM published WHERE platform = ? AND account = ? AND via IN ('push', 'feed')",
        platform,
        account,
    )
    return [row for row in rows if china_time(row["published_at"], "%Y-%m-%d") == day.isoformat()]


def _row(row: Row, now: float) -> Row:
    """Invent figures that grow by the day, counted to the end of yesterday where there was one."""
    today = datetime.fromtimestamp(now, CHINA).date()
    days = (today - datetime.fromtimestamp(row["published_at"], CHINA).date()).days
    counted = datetime.combine(today - timedelta(days=1), time(23, 59, 59), CHINA)
    as_of = counted if days else datetime.fromtimestamp(now, CHINA)
    reads = (100 + int(row["article_id"]) % 100) * (days + 1)
    return {
        "remote_id": row["article_id"],
        "reads": reads,
        "likes": reads // 10,
        "shares": reads // 20,
        "comments": reads // 50,
        "as_of": as_of.isoformat(timespec="seconds"),
    }
