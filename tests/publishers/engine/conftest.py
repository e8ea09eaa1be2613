import pytest
from django.test import TransactionTestCase
from wagtail.models import Collection, Locale, Page

from cms import signing
from publishers import registry
from publishers.accounts import quotas
from tests.factories import make_office
from tests.publishers.engine.cast import make_account, signed_release
from tests.publishers.engine.tiny import Tiny, TinyServer
from tests.triggers import lifted


@pytest.fixture(autouse=True)
def ground(tmp_path_factory, settings, monkeypatch):
    """The hub's keys, and a broker that nobody listens to: tests run the engine themselves."""
    settings.KEY_DIR = tmp_path_factory.getbasetemp() / "keys"
    signing.ensure_key()
    monkeypatch.setitem(registry._publishers, "tiny", Tiny())
    # The next test's database knows nothing of what this process has counted ahead.
    quotas._counted.clear()


@pytest.fixture(autouse=True, scope="session")
def roots_survive_the_flush(django_db_setup):
    """Put back what migrations made when a test with transactions of its own has emptied the database."""
    teardown = TransactionTestCase._fixture_teardown

    def teardown_and_restore(self):
        with lifted():
            teardown(self)
        if not Page.objects.exists():
            Locale.objects.get_or_create(language_code="zh-hans")
            Page.add_root(title="Root", slug="root")
            Collection.add_root(name="Root")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", teardown_and_restore)
        yield


@pytest.fixture
def server():
    served = TinyServer()
    yield served
    served.stop()


@pytest.fixture
def office(transactional_db):
    return make_office("province", name="广东省妇联")


@pytest.fixture
def account(office, server):
    return make_account(office, server)


@pytest.fixture
def release(office):
    return signed_release()
