import pytest

from cms import signing
from tests.factories import make_office
from tests.publishers.engine.cast import signed_release


@pytest.fixture
def office(db):
    return make_office("province")


@pytest.fixture
def signed(db, settings, tmp_path):
    settings.KEY_DIR = tmp_path / "keys"
    signing.ensure_key()
    return signed_release(pictures=0)
