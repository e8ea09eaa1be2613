"""The suite in one: what a plugin's tests inherit."""

import pytest

from publishers.testing.by_hand import AskingAPerson
from publishers.testing.correcting import Correcting
from publishers.testing.figures import Figures
from publishers.testing.harm import Harm
from publishers.testing.limits import Limits
from publishers.testing.looking import Looking
from publishers.testing.notifying import Notifying
from publishers.testing.publishing import Publishing
from publishers.testing.quotas import Quotas
from publishers.testing.receiving import Receiving
from publishers.testing.refusing import Refusing
from publishers.testing.rendering import Rendering
from publishers.testing.unknown import Finding, UnknownOutcome
from publishers.testing.withdrawing import Withdrawing


class RenderingPromises(Rendering, Limits, Harm):
    """What needs no server: promises 1 to 3."""


class PublishingPromises(
    Publishing,
    UnknownOutcome,
    Finding,
    Correcting,
    Withdrawing,
    Looking,
    Quotas,
    Refusing,
    Figures,
    Receiving,
    Notifying,
):
    """What is shown over HTTP: promises 4 to 16."""


class Conformance(RenderingPromises, PublishingPromises):
    """Everything that a plugin promises over an interface or our push."""


class ByHandConformance(RenderingPromises, AskingAPerson):
    """Everything that a platform promises where a person publishes in its console."""


class FeedConformance(
    RenderingPromises, Publishing, UnknownOutcome, Correcting, Withdrawing, Looking, Receiving
):
    """Everything that a platform promises where a partner reads the account's feed. Nobody is called."""

    @pytest.fixture
    def changing(self) -> list[str]:
        return []
