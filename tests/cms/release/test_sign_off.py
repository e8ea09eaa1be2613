import pytest

from cms import blobs, releases
from cms.models import Release
from tests.factories import make_image, make_story
from tests.factories_release import make_release

pytestmark = pytest.mark.django_db


def test_the_last_approval_makes_a_genuine_release(cast):
    picture = make_image()
    story = make_story(
        cast.section,
        author=cast.editor,
        cover=picture,
        cover_alt="图书角",
        cover_credit="省妇联",
    )
    release = make_release(story)
    assert releases.genuine(release)
    stored = Release.objects.get()
    assert releases.genuine(stored)
    document = releases.document(stored)
    assert document.title == story.title
    assert {len(blobs.read(sha256)) for sha256 in document.named_assets()} == {
        asset.size for asset in document.assets.values()
    }
    story.refresh_from_db()
    assert story.live
    assert releases.live_of(story.pk) == release
