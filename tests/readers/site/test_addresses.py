"""The few addresses beside the articles, and those that must not be there."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.urls import NoReverseMatch, get_resolver, reverse
from django.urls.resolvers import URLPattern

from cms import signing


def test_the_public_keys_are_shown_with_how_to_use_them(reader):
    key_id = signing.ensure_key()
    response = reader.get("/.well-known/nusheng-hub-keys.json")
    keys = {key["key_id"]: key for key in response.json()["keys"]}
    assert keys[key_id]["algorithm"] == "Ed25519"
    message = b"as approved"
    _, signature = signing.sign(message)
    Ed25519PublicKey.from_public_bytes(base64.b64decode(keys[key_id]["public_key"])).verify(
        signature, message
    )
    assert "RFC 8785" in response.json()["how_to_verify"]
    assert "PRIVATE" not in response.content.decode()
    assert "public" in response["Cache-Control"]


def test_the_health_page_says_ok_to_anybody_and_is_never_kept(reader):
    response = reader.get("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})
    assert "no-store" in response["Cache-Control"]
    assert not response.cookies
    assert reader.post("/healthz").status_code == 405


def test_the_health_page_asks_no_database(reader, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert reader.get("/healthz").status_code == 200


@pytest.mark.parametrize(
    "address", ["/nothing", "/a/1/", "/a/x/", "/b/" + "a" * 64, "/.well-known/", "/b/1/2"]
)
def test_there_is_a_page_in_chinese_where_there_is_nothing(reader, address):
    response = reader.get(address)
    assert response.status_code == 404
    html = response.content.decode()
    assert "这里没有内容" in html and "返回首页" in html
    assert 'href="/static/site/site.css"' in html


def test_wagtails_own_ways_to_readers_are_not_mounted(db):
    for name in ("wagtail_serve", "wagtailcore_login", "wagtailapi_v3:list_pages", "wagtailimages_serve"):
        with pytest.raises(NoReverseMatch):
            reverse(name, args=["x/"] if name == "wagtail_serve" else [])
    public = {module.split(".")[0] for route, module in _views() if not route.startswith("admin/")}
    # functools: ninja's page of the interface
    assert public <= {"readers", "publishers", "ninja", "functools"}
    assert not [module for _, module in _views() if module.startswith(("wagtail.api", "wagtail.views"))]


@pytest.mark.parametrize(
    "page", ["/home/", "/pages/1/", "/api/v3/pages/", "/api/v2/pages/", "/documents/1/x.pdf"]
)
def test_the_usual_addresses_of_wagtail_lead_nowhere(cast, reader, page):
    assert reader.get(page).status_code == 404


def _views(resolver=None, prefix="") -> list[tuple[str, str]]:
    """Return every address of the hub with the module of its view."""
    found = []
    for pattern in (resolver or get_resolver()).url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            found.append((route, getattr(pattern.callback, "__module__", "functools")))
        else:
            found += _views(pattern, route)
    return found
