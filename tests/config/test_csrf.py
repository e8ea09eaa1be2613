"""No address takes a form from another site; the resolver names them all, so that a new one is covered."""

import logging
import re
import uuid
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, get_resolver, resolve
from django.urls.resolvers import RegexPattern, RoutePattern
from django.utils.regex_helper import normalize

from tests.factories import make_user

#: What programs call: partners and platforms prove themselves by a signature, and nobody is logged in there.
OTHER_PROOF = ("api/v1/", "callbacks/")
#: What stands for a part that varies, by its converter or its name; else "1".
SAMPLES = {"uuid": str(uuid.UUID(int=7)), "sha256": "0" * 64, "form": "xml"}


def addresses(patterns=None, prefixes=("",)) -> Iterator[str]:
    """Yield an address of every view, with something in the place of what varies."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        here = [before + part for before in prefixes for part in parts(pattern.pattern)]
        if isinstance(pattern, URLPattern):
            yield from here
        else:
            yield from addresses(pattern.url_patterns, here)


def parts(pattern) -> list[str]:
    if isinstance(pattern, RoutePattern):
        return [re.sub(r"<(?:(\w+):)?\w+>", lambda found: SAMPLES.get(found[1], "1"), str(pattern))]
    assert isinstance(pattern, RegexPattern)
    return [
        form % {name: SAMPLES.get(name, "1") for name in names} for form, names in normalize(str(pattern))
    ]


EVERY = sorted(set(addresses()))


def test_the_addresses_are_those_of_views():
    """Else the next test would ask for what is nowhere."""
    assert len([address for address in EVERY if address.startswith("admin/")]) > 200
    assert "admin/switch/" in EVERY and f"admin/deliveries/{SAMPLES['uuid']}/" in EVERY
    for address in EVERY:
        resolve(f"/{address}")


@pytest.mark.django_db
def test_a_post_without_the_token_is_refused_everywhere(caplog):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(make_user("admin", is_superuser=True, is_staff=True))
    taken = []
    with caplog.at_level(logging.WARNING, "django.security.csrf"):
        for address in EVERY:
            caplog.clear()
            answer = browser.post(f"/{address}")
            # Wagtail's own API asks for the token itself, and says so in its answer.
            is_refused = answer.status_code == 403 and "CSRF" in caplog.text + answer.content.decode()
            takes_no_form = answer.status_code == 405
            if not is_refused and not takes_no_form and not address.startswith(OTHER_PROOF):
                taken.append(address)
    assert taken == []
