import pytest

from cms import signing
from cms.models import Role
from publishers import registry
from publishers.accounts import quotas
from tests.factories import make_office, make_section, make_story, make_user
from tests.publishers.engine.cast import make_account, signed_release
from tests.publishers.engine.tiny import Tiny, TinyServer


@pytest.fixture(autouse=True)
def ground(tmp_path_factory, settings, monkeypatch):
    """The hub's keys, and a broker that nobody listens to: tests run the engine themselves."""
    settings.KEY_DIR = tmp_path_factory.getbasetemp() / "keys"
    signing.ensure_key()
    monkeypatch.setitem(registry._publishers, "tiny", Tiny())
    # The next test's database knows nothing of what this process has counted ahead.
    quotas._counted.clear()


@pytest.fixture
def server():
    served = TinyServer()
    yield served
    served.stop()


@pytest.fixture
def office(transactional_db):
    return make_office("province", name="广东省妇联")


@pytest.fixture
def duty(office):
    return make_user("duty", office, Role.DUTY_EDITOR)


@pytest.fixture
def page(office):
    return make_story(make_section(office), author=make_user("author"))


@pytest.fixture
def account(office, server):
    return make_account(office, server)


@pytest.fixture
def release(office):
    return signed_release()
