"""What a console's editor makes of pasted rich text."""

from collections import Counter
from collections.abc import Callable

from ..html import DROPPED, Cleaner
from .rules import HEADINGS, Rules


class Editor(Cleaner):
    """Cleans by a console's Rules; ``keep(url)`` fetches a picture, and raises ValueError when it cannot.

    ``notes`` afterwards says what was lost, for the person at the console.
    """

    def __init__(self, rules: Rules, keep: Callable[[str], str]) -> None:
        super().__init__()
        self._rules, self._keep = rules, keep
        self.dropped = DROPPED | rules.dropped
        self._lost: Counter[str] = Counter()
        self._levels: set[str] = set()

    @property
    def notes(self) -> list[str]:
        lost = [f"去掉了{what}：{times} 处。" for what, times in self._lost.items()]
        return lost + (["各级标题变成了同一级。"] if len(self._levels) > 1 else [])

    def picture(self, url: str) -> str | None:
        try:
            return self._keep(url)
        except ValueError as error:
            self._lost[f"取不到的图片（{error}）"] += 1
            return None

    def link(self, url: str) -> str | None:
        if self._rules.links:
            return url
        self._lost["链接（文字留下）"] += 1
        return None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self.dropped:
            self._lost[f" {tag}"] += 1
        super().handle_starttag(self._named(tag), attrs)

    def handle_endtag(self, tag: str) -> None:
        super().handle_endtag(self._named(tag))

    def _named(self, tag: str) -> str:
        if not self._rules.heading or tag not in HEADINGS:
            return tag
        self._levels.add(tag)
        return self._rules.heading
