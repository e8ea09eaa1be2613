"""A plugin that is asked outside a run: what the hub itself raises within it is not the plugin's fault."""

import pytest
from django.db import InterfaceError, InternalError, OperationalError

from cms.refusals import Refused
from publishers import asking
from publishers.interface import Publisher
from tests.publishers.engine.cast import written_in
from tests.publishers.engine.tiny import Tiny


@pytest.mark.parametrize("error", [Refused, OperationalError, InterfaceError, InternalError])
def test_what_the_hub_raises_within_a_plugin_is_raised_as_it_is(error):
    def fail():
        raise error("the hub's own")

    class Handed(Tiny):
        """What it was handed asks the database."""

        def needs_consent(self, credentials):
            written_in("publishers.accounts.sessions", fail)()

    with pytest.raises(error) as raised:
        asking.ask(Handed(), Publisher.needs_consent, {})
    assert not isinstance(raised.value, asking.PluginFails)
