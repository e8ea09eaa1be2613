"""The hub is upgraded while deliveries are under way: they go on where they were, once."""

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from publishers import engine
from publishers.models import Attempt, Outcome, Phase
from tests.chaos.conftest import hub, office, sandbox
from tests.chaos.journeys import SUBMIT, an_hour_passes, make_journey
from tests.publishers.operations.test_backup import bring_on, titles

__all__ = ["hub", "office", "sandbox"]
pytestmark = pytest.mark.django_db(transaction=True)


def to_the_first_schema():
    executor = MigrationExecutor(connection)
    executor.migrate([("publishers", "0001_initial")])


@pytest.fixture
def newest_schema(hub):
    yield
    call_command("migrate", verbosity=0)


def test_deliveries_of_the_first_schema_are_finished_once(sandbox, office, newest_schema):
    not_begun, drafted = (make_journey(sandbox, office, "wechat") for _ in range(2))
    busy = {"platform": "wechat", "account": drafted.account_id, "path": SUBMIT["wechat"]}
    sandbox.fault("error", errcode=45011, **busy)
    engine.run(drafted.delivery.pk)
    assert Attempt.objects.filter(name="draft", outcome=Outcome.DONE).count() == 1

    to_the_first_schema()
    call_command("migrate", verbosity=0)

    for journey in (not_begun, drafted):
        an_hour_passes(journey)
        bring_on(journey)
        assert journey.delivery.phase == Phase.SETTLED, journey.delivery.reason
        assert journey.shown() == titles(journey)
        assert len(sandbox.calls("wechat", journey.account_id, "/cgi-bin/draft/add")) == 1
