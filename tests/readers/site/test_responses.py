"""The one query by which an article is read, and what is remembered of it."""

from readers.models import Reading
from readers.snapshots import current, snapshots
from tests.factories import make_story
from tests.factories_release import make_release


def pages(reader, *stories) -> list[int]:
    return [reader.get(f"/a/{story.pk}/").status_code for story in stories]


def test_of_two_readings_that_are_both_shown_the_newer_release_is_read(story, reader):
    newer = make_release(story)
    Reading.objects.update(superseded_at=None)
    assert reader.get(f"/a/{story.pk}/").content == bytes(Reading.objects.get(release=newer).html)


def test_what_is_remembered_ends_with_the_reading(story, reader):
    assert pages(reader, story) == [200]
    snapshots.end(story.pk)
    assert pages(reader, story) == [404]


def test_more_articles_are_read_than_are_remembered(cast, reader, monkeypatch):
    monkeypatch.setattr(current, "REMEMBERED", 2)
    stories = [make_story(cast.section, cast.editor, title=f"第{number}间阅览室") for number in range(4)]
    for story in stories:
        make_release(story)
    assert pages(reader, *stories, *stories) == [200] * 8
    assert len(current._proved) <= 2
