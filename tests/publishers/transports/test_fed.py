"""What the way by feed puts there, what it needs, and what a partner's word means: parts A and C."""

import pytest

from cms.document.model import Source, VariantText
from publishers.platforms.partner.plugin import Partner
from publishers.testing.documents import specimen
from publishers.testing.job import MemoryAccount, RecordingJob, Waiting, make_item
from publishers.testing.pictures import MemoryPicture
from publishers.transports.feed import Fed, _fit

GIVEN = {"figures_url": "https://partner.example/stats", "figures_key": "k", "callback_secret": "s"}


@pytest.fixture
def plugin():
    return Fed(Partner())


@pytest.fixture
def make(plugin):
    def job(source=None):
        pictures = [MemoryPicture(colour) for colour in ("darkred", "teal", "olive")]
        document = specimen(pictures)
        document = document.model_copy(update={"source": source} if source else {})
        item = make_item(plugin, document, VariantText(), "c" * 32)
        held = {picture.sha256: picture for picture in pictures}
        return RecordingJob(MemoryAccount("号", "", {}), [item], held)

    return job


@pytest.mark.parametrize(
    ("source", "rights"),
    [(Source(name="南粤女声", licence="CC BY 4.0"), "CC BY 4.0"), (Source(name="南粤女声"), "南粤女声")],
    ids=["a licence", "none"],
)
def test_the_rights_are_the_licence_and_without_one_the_sources(plugin, make, source, rights):
    job = make(source)
    with pytest.raises(Waiting):
        plugin.publish(job)
    assert job.items[0].payload["rights"] == rights


def test_what_is_offered_again_is_what_was_stored(plugin, make):
    """A renderer that has changed meanwhile changes nothing of what the partner may have read."""
    job = make()
    with pytest.raises(Waiting):
        plugin.publish(job)
    stored = dict(job.items[0].payload)
    job.items[0].rendition = None
    with pytest.raises(Waiting):
        plugin.publish(job)
    assert job.items[0].payload == stored


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({}, set()),
        ({"callback_secret": "s"}, set()),
        (GIVEN, set()),
        ({"figures_url": GIVEN["figures_url"]}, {"figures_key", "callback_secret"}),
        ({"figures_key": "k", "callback_secret": "s"}, {"figures_url"}),
        ({**GIVEN, "figures_url": "http://partner.example/stats"}, {"figures_url"}),
        ({**GIVEN, "figures_key": "key 1"}, {"figures_key"}),
        ({**GIVEN, "figures_key": "钥匙"}, {"figures_key"}),
    ],
)
def test_figures_need_address_key_and_secret_or_are_not_asked_for(plugin, given, wrong):
    assert set(plugin.wrong_credentials(given)) == wrong


def test_a_partner_without_all_that_figures_need_is_asked_for_none(plugin):
    for missing in GIVEN:
        account = MemoryAccount("号", "", {name: text for name, text in GIVEN.items() if name != missing})
        assert plugin.figures(account, None) == () and account.called == []


def test_what_no_xml_can_hold_is_left_out_wherever_it_stands():
    odd = "一\x00\x0b\x1f\ufffe\uffff二\r\n三\r四\t\U0001f469"
    assert _fit({"title": odd, "tags": [odd], "original": True, "version": 3}) == {
        "title": "一二\n三\n四\t\U0001f469",
        "tags": ["一二\n三\n四\t\U0001f469"],
        "original": True,
        "version": 3,
    }


def test_a_silent_partner_is_waited_for_nearly_three_days(plugin, make):
    job, waited = make(), 0
    while True:
        with pytest.raises(Waiting) as waiting:
            plugin.publish(job)
        if waiting.value.after is None:
            break
        waited += waiting.value.after
    assert 2.9 * 86_400 < waited < 3 * 86_400


def test_of_what_a_person_recorded_the_partner_has_said_nothing(plugin, make):
    job = make()
    job.items[0].observed = {"article_id": "7"}
    assert plugin.look(job) == [None]
