"""Dates as official documents write them."""

import datetime as dt
import re

ZERO = "〇○零ＯOo0０"
DIGITS = {**dict.fromkeys(ZERO, 0), **{sign: n for n, sign in enumerate("一二三四五六七八九", start=1)}}
CHINESE = "一二三四五六七八九十"
ARABIC_DATE = r"(?P<y>[12]\d{3})\s*年\s*(?P<m>\d{1,2})\s*月\s*(?P<d>\d{1,2})\s*日"
CHINESE_YEAR = rf"(?P<cy>[一二][{ZERO}{CHINESE}]{{3}})\s*年"
CHINESE_DATE = rf"{CHINESE_YEAR}\s*(?P<cm>[{CHINESE}]{{1,2}})\s*月\s*(?P<cd>[{CHINESE}]{{1,3}})\s*日"
DATE = re.compile(rf"{ARABIC_DATE}|{CHINESE_DATE}")
FULL_WIDTH = str.maketrans("０１２３４５６７８９", "0123456789")


def dates_in(text: str) -> list[tuple[dt.date, int, int]]:
    """Return every date in ``text`` with where it begins and ends."""
    found = []
    for match in DATE.finditer(text.translate(FULL_WIDTH)):
        if day := _date(match):
            found.append((day, match.start(), match.end()))
    return found


def date_alone(text: str) -> dt.date | None:
    """Return the date when ``text`` is nothing else."""
    found = dates_in(text.strip())
    return found[0][0] if len(found) == 1 and found[0][1:] == (0, len(text.strip())) else None


def number(text: str) -> int:
    """Return 21 for 二十一, up to ninety-nine. Raises KeyError for other signs."""
    tens, ten, ones = text.rpartition("十")
    if not ten:
        return DIGITS[text]
    return 10 * (DIGITS[tens] if tens else 1) + (DIGITS[ones] if ones else 0)


def _date(match: re.Match) -> dt.date | None:
    try:
        if match["y"]:
            return dt.date(int(match["y"]), int(match["m"]), int(match["d"]))
        year = int("".join(str(DIGITS[sign]) for sign in match["cy"]))
        return dt.date(year, number(match["cm"]), number(match["cd"]))
    except (ValueError, KeyError):  # a 31st of February is no date
        return None
