"""What a reader gets out of HTML, whatever a platform did to its markup."""

from html.parser import HTMLParser


def reading(html: str) -> tuple[str, int]:
    """Return the text without any white space, and how many pictures there are."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return "".join("".join(reader.words).split()), reader.pictures


class _Reader(HTMLParser):
    def __init__(self):
        super().__init__()
        self.words: list[str] = []
        self.pictures = 0

    def handle_starttag(self, tag, attrs):
        self.pictures += tag == "img"

    def handle_data(self, data):
        self.words.append(data)
