"""The page on which a partner's developer reads how to ask, and the description behind it."""

import json
import re

import jsonschema
import pytest
from django.contrib.staticfiles import finders

from tests.factories import make_image, make_policy, make_story
from tests.factories_release import make_release


@pytest.fixture
def description(partner) -> dict:
    return partner.client.get("/api/v1/openapi.json").json()


def resolved(description, name) -> dict:
    """Return the named schema with the others that it refers to beside it, as JSON Schema wants it."""
    text = json.dumps(description["components"]["schemas"]).replace("#/components/schemas/", "#/$defs/")
    return {"$ref": f"#/$defs/{name}", "$defs": json.loads(text)}


def test_the_description_names_our_two_ways_to_ask_and_no_other(description):
    assert description["openapi"].startswith("3.1")
    assert {path: list(ways) for path, ways in description["paths"].items()} == {
        "/api/v1/articles/": ["get"],
        "/api/v1/articles/{page_id}/": ["get"],
    }
    assert set(description["components"]["securitySchemes"]) == {"BearerTokenAuth"}


def test_the_answers_are_as_the_description_says(cast, partner, description):
    story = make_story(cast.section, cast.editor, cover=make_image(), cover_alt="书架", cover_credit="李梅摄")
    policy = make_policy(
        cast.section,
        cast.editor,
        original=[("clause", {"number": "一、", "level": 1, "text": "<p>总体要求</p>"})],
    )
    for page in (story, policy):
        make_release(page)
        jsonschema.validate(partner.article(page.pk).json(), resolved(description, "ArticleOut"))
    jsonschema.validate(partner.articles().json(), resolved(description, "ArticleList"))


def test_what_the_description_says_of_our_two_ways_is_chinese(description):
    for way in description["paths"].values():
        said = [way["get"]["summary"], *(p["schema"].get("description") for p in way["get"]["parameters"])]
        assert all(re.search("[一-龥]", text) for text in said if text)


def test_the_page_asks_no_other_host_and_its_files_are_here(partner):
    response = partner.client.get("/api/v1/docs")
    html = response.content.decode()
    assert response.status_code == 200
    assert "//" not in re.sub(r"<!--.*?-->", "", html).replace("://", ":") or "https:" not in html
    files = re.findall(r'(?:src|href)="([^"]+)"', html)
    assert files and all(file.startswith("/static/") for file in files)
    assert all(finders.find(file.removeprefix("/static/")) for file in files)
    assert "/api/v1/openapi.json" in html


def test_a_key_is_optional_in_the_description_too(description):
    for way in description["paths"].values():
        assert way["get"]["security"] == [{"BearerTokenAuth": []}, {}]
