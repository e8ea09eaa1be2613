"""Yidian's interface is a stub that refuses to run: section 4 of docs/platforms/yidian.md."""

import pytest

from cms.document.model import VariantText
from publishers.interface import API, CapabilityMissing
from publishers.platforms.yidian.plugin import Yidian
from publishers.testing.documents import specimen
from publishers.testing.job import MemoryAccount, RecordingJob, make_item
from publishers.testing.pictures import MemoryPicture

#: Nobody listens there: a call would raise another error.
NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
def account():
    return MemoryAccount("清溪女声", NOWHERE, {})


def test_it_sends_nothing_and_says_why(account):
    plugin, pictures = Yidian(), [MemoryPicture(colour) for colour in ("darkred", "teal", "olive")]
    item = make_item(plugin, specimen(pictures), VariantText(), "7b" * 16)
    with pytest.raises(CapabilityMissing) as refused:
        plugin.publish(RecordingJob(account, [item], {picture.sha256: picture for picture in pictures}))
    assert "一点号的发文接口没有公开" in str(refused.value)


def test_the_check_asks_nothing_since_a_token_would_open_nothing(account):
    with pytest.raises(CapabilityMissing):
        Yidian().check(account)


def test_it_is_the_last_way_and_needs_a_document():
    assert Yidian.platform.transports[-1] == API and Yidian.platform.contract
