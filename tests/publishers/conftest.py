import pytest

from publishers.testing.documents import specimen
from publishers.testing.pictures import MemoryPicture


@pytest.fixture(scope="module")
def pictures():
    return [MemoryPicture(colour) for colour in ("darkred", "teal", "olive")]


@pytest.fixture(scope="module")
def document(pictures):
    """Return an article with every kind of block."""
    return specimen(pictures)
