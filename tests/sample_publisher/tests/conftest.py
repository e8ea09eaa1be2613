import datetime as dt

import pytest
import time_machine

from stand_in import StandIn

pytest_plugins = ["publishers.testing.report"]


@pytest.fixture
def stand_in():
    with time_machine.travel(dt.datetime.now(dt.UTC), tick=True) as clock:
        server = StandIn(clock)
        yield server
        server.stop()
