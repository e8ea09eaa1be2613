"""Each address that readers have: what was withdrawn is served at none, and none takes anything."""

import pytest

from cms import releases
from cms.document.model import Focus
from cms.media.addresses import cover_path
from cms.releases import withdrawals
from readers.api.api import api
from readers.site.urls import urlpatterns
from tests.factories import make_image, make_story
from tests.factories_release import make_release

pytestmark = pytest.mark.django_db
TITLE, TEXT = "渡口的缝纫社", "十二位姐妹在渡口办起了缝纫社。"


@pytest.fixture
def story(cast):
    picture = {"image": make_image(size=(900, 600)), "alt": "缝纫机", "credit": "李梅摄", "caption": ""}
    body = [("paragraph", f"<p>{TEXT}</p>"), ("image", picture)]
    return make_story(cast.section, cast.editor, title=TITLE, body=body)


@pytest.fixture
def addresses(story, cast) -> dict[str, str]:
    """Return each reader's address by its name, those with an article in them of ``story``."""
    [sha256] = releases.document(make_release(story)).named_assets()
    return {
        "home": "/",
        "article": f"/a/{story.pk}/",
        "section": f"/s/{cast.section.pk}/",
        "office": f"/o/{cast.office.code}/",
        "blob": f"/b/{sha256}",
        "picture": f"/b/{sha256}/360",
        "cover": cover_path(sha256, Focus(), (400, 400)),
        "keys": "/.well-known/nusheng-hub-keys.json",
        "healthz": "/healthz",
        "/api/v1/articles/": "/api/v1/articles/",
        "/api/v1/articles/{page_id}/": f"/api/v1/articles/{story.pk}/",
    }


def test_every_address_of_readers_is_tried(addresses):
    known = {pattern.name for pattern in urlpatterns} | set(api.get_openapi_schema()["paths"])
    assert set(addresses) == known


def test_what_is_withdrawn_is_served_nowhere(addresses, story, cast, client):
    shown = {name for name, address in addresses.items() if is_shown(client, address)}
    assert shown == set(addresses) - {"keys", "healthz"}
    withdrawals.withdraw(story, reason="数字写错了。", by=cast.duty)
    assert [name for name, address in addresses.items() if is_shown(client, address)] == []


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_nothing_is_written_at_any_address(addresses, client, method):
    answers = {name: getattr(client, method)(address).status_code for name, address in addresses.items()}
    assert answers == dict.fromkeys(addresses, 405)


def is_shown(client, address) -> bool:
    """Return whether the address gives the text, a picture, or the title in a list."""
    answer = client.get(address)
    content = answer.getvalue()
    if answer["Content-Type"].startswith("image/"):
        return answer.status_code == 200
    return TEXT.encode() in content or (answer.status_code == 200 and TITLE.encode() in content)
