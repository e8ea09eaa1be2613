"""Readers, who have no account, and what was signed off for them."""

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone


@pytest.fixture
def reader(db) -> Client:
    return Client()


@pytest.fixture
def in_an_hour() -> dt.datetime:
    return timezone.now().replace(microsecond=0) + dt.timedelta(hours=1)
