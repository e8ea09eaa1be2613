"""Readers, who have no account, and what was signed off for them."""

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone

from tests.factories import make_story
from tests.factories_release import make_release


@pytest.fixture
def reader(db) -> Client:
    return Client()


@pytest.fixture
def story(cast):
    """A story that was signed off."""
    story = make_story(cast.section, cast.editor)
    make_release(story)
    return story


@pytest.fixture
def in_an_hour() -> dt.datetime:
    return timezone.now().replace(microsecond=0) + dt.timedelta(hours=1)
