"""From bytes to text: UTF-8, UTF-16 and GB18030 surely, other encodings where they are plain to see."""

import codecs
import re
from itertools import islice

import charset_normalizer
from django.utils.translation import gettext as _

from cms.refusals import Refused

MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
DECLARED = re.compile(rb"""<meta[^>]{0,200}charset\s*=\s*["']?\s*([\w-]{2,20})""", re.IGNORECASE)
GUESSED = ["big5", "big5hkscs", "gb18030", "shift_jis", "euc_kr", "cp1252"]
CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\ufffe\uffff\ue000-\uf8ff]")
SAMPLE = 20_000


def decode(content: bytes) -> str:
    """Return the text of ``content``. Raises Refused when no encoding gives words."""
    for mark, encoding in MARKS:
        if content.startswith(mark):
            text = _strictly(content, encoding)
            return text if text is not None and _is_text(text) else _unreadable()
    if b"\0" in content:
        return _wide(content)
    text = _strictly(content, "utf-8")
    if text is None:
        text = _declared(content) or _chinese(content) or _guessed(content)
    return text if _is_text(text) else _unreadable()


def _unreadable() -> str:
    raise Refused(_("The encoding of the text is not known. Save it as UTF-8 and import it again."))


def _strictly(content: bytes, encoding: str) -> str | None:
    try:
        return content.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return None


def _wide(content: bytes) -> str:
    """UTF-16 without its mark: the byte order that gives words."""
    texts = (_strictly(content, encoding) for encoding in ("utf-16-le", "utf-16-be"))
    likely = [text for text in texts if text and _is_text(text) and _share_common(text) > 0.8]
    return likely[0] if likely else _unreadable()


def _declared(content: bytes) -> str | None:
    match = DECLARED.search(content[:4096])
    return _strictly(content, match[1].decode("ascii")) if match else None


def _chinese(content: bytes) -> str | None:
    """GB18030 decodes nearly everything, so its result must be made of common characters."""
    text = _strictly(content, "gb18030")
    return text if text and _share_common(text) > 0.9 else None


def _guessed(content: bytes) -> str:
    best = charset_normalizer.from_bytes(content[: 512 * 1024], cp_isolation=GUESSED).best()
    return (best and _strictly(content, best.encoding)) or _unreadable()


def _share_common(text: str) -> float:
    """Return the share of the characters beyond ASCII that the common set of GB 2312 holds."""
    beyond = "".join(islice((character for character in text if character > "\x7f"), SAMPLE))
    if not beyond:
        return 1.0
    return len(beyond.encode("gb2312", "ignore")) / 2 / len(beyond)


def _is_text(text: str) -> bool:
    return len(CONTROL.findall(text)) <= len(text) // 200
