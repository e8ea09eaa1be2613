"""How Word prints a number in each of its formats (ECMA-376 part 1, 17.18.59 ST_NumberFormat)."""

from collections.abc import Callable

DIGITS = "〇一二三四五六七八九"
LEGAL_DIGITS = "零壹贰叁肆伍陆柒捌玖"
STEMS = "甲乙丙丁戊己庚辛壬癸"
BRANCHES = "子丑寅卯辰巳午未申酉戌亥"
ROMAN: tuple[tuple[int, str], ...] = (
    (1000, "m"),
    (900, "cm"),
    (500, "d"),
    (400, "cd"),
    (100, "c"),
    (90, "xc"),
    (50, "l"),
    (40, "xl"),
    (10, "x"),
    (9, "ix"),
    (5, "v"),
    (4, "iv"),
    (1, "i"),
)


def printed(value: int, number_format: str) -> str:
    """Return ``value`` as printed in Word's ``number_format``; an unknown format prints decimal digits."""
    if number_format == "none":
        return ""
    return FORMATS.get(number_format, str)(value)


def _counted(value: int, digits: str, units: tuple[str, ...], zero: str) -> str:
    """Count in tens, hundreds and thousands: 11 十一, 101 一百零一."""
    if not 0 < value < 10000:
        return str(value)
    written, gap = "", False
    for power in (3, 2, 1, 0):
        digit = value // 10**power % 10
        if digit:
            written += (zero if gap else "") + digits[digit] + units[power]
        gap = bool(written) and not digit
    return written


def chinese(value: int) -> str:
    written = _counted(value, DIGITS, ("", "十", "百", "千"), "零")
    return written.removeprefix("一") if 10 <= value < 20 else written


def _legal(value: int) -> str:
    return _counted(value, LEGAL_DIGITS, ("", "拾", "佰", "仟"), "零")


def _digits(value: int) -> str:
    return "".join(DIGITS[int(digit)] for digit in str(value))


def _full_width(value: int) -> str:
    return "".join(chr(ord(digit) + 0xFEE0) for digit in str(value))


def _cycle(signs: str) -> Callable[[int], str]:
    return lambda value: signs[value - 1] if 0 < value <= len(signs) else str(value)


def _run(*parts: tuple[int, int]) -> Callable[[int], str]:
    """Signs that stand one after another in Unicode: pairs of the first sign and how many there are."""
    return _cycle("".join(chr(first + step) for first, count in parts for step in range(count)))


def _letter(value: int) -> str:
    # After z comes aa, then bb: Word repeats the letter.
    return chr(ord("a") + (value - 1) % 26) * ((value - 1) // 26 + 1) if 0 < value <= 780 else str(value)


def _roman(value: int) -> str:
    written = ""
    for size, sign in ROMAN:
        written += sign * (value // size)
        value %= size
    return written


_circled = _run((0x2460, 20), (0x3251, 15), (0x32B1, 15))

FORMATS: dict[str, Callable[[int], str]] = {
    "decimal": str,
    "decimalZero": lambda value: f"{value:02}",
    "decimalFullWidth": _full_width,
    "decimalFullWidth2": _full_width,
    "decimalEnclosedCircle": _circled,
    "decimalEnclosedCircleChinese": _circled,
    "decimalEnclosedFullstop": _run((0x2488, 20)),
    "decimalEnclosedParen": _run((0x2474, 20)),
    "lowerLetter": _letter,
    "upperLetter": lambda value: _letter(value).upper(),
    "lowerRoman": _roman,
    "upperRoman": lambda value: _roman(value).upper(),
    "chineseCounting": chinese,
    "chineseCountingThousand": chinese,
    "japaneseCounting": chinese,  # what a Chinese Word writes for 一、二、三
    "taiwaneseCounting": chinese,
    "taiwaneseCountingThousand": chinese,
    "chineseLegalSimplified": _legal,
    "ideographLegalTraditional": _legal,
    "ideographDigital": _digits,
    "japaneseDigitalTenThousand": _digits,
    "taiwaneseDigital": _digits,
    "ideographTraditional": _cycle(STEMS),
    "ideographZodiac": _cycle(BRANCHES),
    "ideographEnclosedCircle": _run((0x3280, 10)),
}
