"""What partners get of an article on any way: fields say what was signed, pictures fit the rules."""

import dataclasses

import pytest

from cms.document.model import Source, VariantText
from publishers.interface import PictureRules, Rejected
from publishers.platforms.partner.plugin import Partner
from publishers.testing.documents import specimen
from publishers.testing.job import MemoryAccount, RecordingJob, make_item
from publishers.testing.pictures import MemoryPicture
from publishers.transports import over
from publishers.transports.article import article

RULES = PictureRules(mimes=("image/png",), max_bytes=100_000, max_width=1000)


def made(rules=RULES, size=(900, 600), colours=("darkred", "teal", "olive"), extra=None, **changed):
    """Return the fields of the specimen with these changes of its document."""
    pictures = [MemoryPicture(colour, size) for colour in colours]
    document = specimen(pictures).model_copy(update=changed)
    plugin = Partner()
    item = make_item(plugin, document, VariantText(), "c" * 32)
    if extra:
        item.rendition = dataclasses.replace(item.rendition, assets=(), html="", extra=extra(pictures))
    job = RecordingJob(MemoryAccount("号", "", {}), [item], {each.sha256: each for each in pictures})
    return article(job, item, rules), pictures


def test_author_source_topic_and_tags_are_those_of_the_text():
    fields, _pictures = made(topics=("家庭", "法律"), tags=("普法", "家长"))
    assert (fields["author"], fields["source"]) == ("林晓岚", "南粤女声")
    assert (fields["category"], fields["tags"]) == ("家庭", ["普法", "家长"])
    assert fields["subtitle"] == "写给家长的十个问题"


def test_what_the_text_does_not_say_is_not_made_up():
    fields, _pictures = made(topics=(), tags=(), subtitle="")
    assert (fields["category"], fields["tags"]) == ("", []) and "subtitle" not in fields


@pytest.mark.parametrize(("url", "original"), [(None, True), ("https://source.example/a/1", False)])
def test_original_is_what_has_no_other_address(url, original):
    assert made(source=Source(name="南粤女声", url=url))[0]["original"] is original


@pytest.mark.parametrize(
    ("rules", "mime"),
    [
        (RULES, "image/png"),
        (dataclasses.replace(RULES, max_width=900), "image/png"),
        (dataclasses.replace(RULES, max_width=899), "image/jpeg"),
        (dataclasses.replace(RULES, mimes=("image/jpeg",)), "image/jpeg"),
    ],
    ids=["as it is", "just as wide", "too wide", "of another kind"],
)
def test_each_picture_goes_as_it_is_where_the_platform_takes_it_so(rules, mime):
    fields, _pictures = made(rules)
    assert {said["mime"] for said in fields["images"] + fields["cover_images"]} == {mime}
    assert all(said["width"] <= rules.max_width for said in fields["images"])


def test_a_picture_that_is_too_large_goes_smaller_or_its_text_is_the_editors_again():
    noise = {"size": (300, 200), "colours": ("", "", "")}
    _fields, pictures = made(**noise)
    smallest = min(len(each.read()) for each in pictures)
    fields, _pictures = made(dataclasses.replace(RULES, max_bytes=smallest * 9 // 10), **noise)
    assert {said["mime"] for said in fields["images"]} == {"image/jpeg"}
    with pytest.raises(Rejected):
        made(dataclasses.replace(RULES, max_bytes=1000), **noise)


def test_where_a_platform_shows_several_covers_all_of_them_go():
    fields, pictures = made(extra=lambda pictures: {"covers": [each.sha256 for each in pictures]})
    assert [said["sha256"] for said in fields["cover_images"]] == [each.sha256 for each in pictures]


@pytest.mark.parametrize("way", ["push", "feed"])
def test_what_only_the_platforms_own_interface_can_is_promised_on_no_other_way(way):
    rich = dataclasses.replace(
        Partner().platform, edition_size=8, quotas=("any",), notifying="any", can_connect=True
    )
    plugin = Partner()
    plugin.platform = rich
    carried = over(plugin, way).platform
    assert (carried.edition_size, carried.quotas, carried.can_connect) == (1, (), False)
    assert carried.notifying is None and over(plugin, "manual").platform.edition_size == 8
