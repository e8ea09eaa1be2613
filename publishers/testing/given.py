"""The suite's fixtures: those that a plugin's tests must give, those that they may, those that come free."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Protocol

import pytest

from cms.document.model import Document, VariantText
from publishers.interface import Publisher, PublisherError
from publishers.testing.documents import specimen
from publishers.testing.job import MemoryAccount, RecordingJob, make_item
from publishers.testing.pictures import MemoryPicture, PictureServer
from publishers.testing.scenarios import Scenario, check_opt_outs
from publishers.testing.server import Server, Tell

PLAIN = VariantText()
#: Where a test keeps the publisher that it is about, for the table.
PUBLISHER = pytest.StashKey[Publisher]()
Refusal = tuple[type[PublisherError], str, int]


class MakeJob(Protocol):
    """Makes a job of one article for each document; ``mark`` begins the articles' tokens."""

    def __call__(self, *documents: Document, mark: str = "c") -> RecordingJob: ...


class Given:
    """What every part of the suite stands on.

    ``opt_outs`` names, by their numbers, scenarios that cannot hold, each with the line of the platform's
    sheet that says so: ``{"6.2": "sheet.md, section 4: the list tells no titles"}``.
    """

    opt_outs: ClassVar[Mapping[str, str]] = {}

    def __init_subclass__(cls, **options: Any) -> None:  # as type has them
        super().__init_subclass__(**options)
        check_opt_outs(cls, dict(cls.opt_outs))

    @pytest.fixture(autouse=True)
    def applies(self, request: pytest.FixtureRequest, plugin: Publisher) -> None:
        """Run only what the platform declares and the class does not opt out of."""
        request.node.stash[PUBLISHER] = plugin
        made = getattr(request.function, "scenario", None)
        if isinstance(made, Scenario):
            made.require(plugin, dict(self.opt_outs))

    # --- must be given ---

    @pytest.fixture
    def plugin(self) -> Publisher:
        raise NotImplementedError("Give a fixture `plugin` that returns an instance of your Publisher.")

    @pytest.fixture
    def account(self) -> MemoryAccount:
        raise NotImplementedError("Give a fixture `account`: one on your server that may do everything.")

    @pytest.fixture
    def server(self) -> Server:
        raise NotImplementedError("Give a fixture `server`: see publishers.testing.Server.")

    @pytest.fixture
    def changing(self) -> list[str]:
        raise NotImplementedError(
            "Give a fixture `changing`: the paths of the calls that must not be repeated."
        )

    @pytest.fixture
    def refusals(self) -> list[Refusal]:
        raise NotImplementedError(
            "Give a fixture `refusals`: (error, path, code) for each error of the contract."
        )

    @pytest.fixture
    def tell(self) -> Tell:
        raise NotImplementedError("Give a fixture `tell`, as `can_receive` is declared: see Tell.")

    # --- may be given otherwise ---

    @pytest.fixture
    def pictures(self) -> list[MemoryPicture]:
        return [MemoryPicture("darkred"), MemoryPicture("teal"), MemoryPicture("olive")]

    @pytest.fixture
    def optional(self) -> list[str]:
        """Paths of the calls with which ``check`` asks for what publishing does not need."""
        return []

    @pytest.fixture
    def undocumented(self) -> tuple[str, int] | None:
        """A path of ``changing``, and a code that the platform's contract does not name."""
        return None

    # --- come free ---

    @pytest.fixture
    def document(self, pictures: list[MemoryPicture]) -> Document:
        return specimen(pictures)

    @pytest.fixture
    def served(self, pictures: list[MemoryPicture]) -> Iterator[list[MemoryPicture]]:
        """Return the pictures, each at an address of its own."""
        with PictureServer() as web:
            yield [web.serve(picture) for picture in pictures]

    @pytest.fixture
    def make_job(self, plugin: Publisher, account: MemoryAccount, served: list[MemoryPicture]) -> MakeJob:
        """Return a maker of jobs: one article for each document."""

        def make(*documents: Document, mark: str = "c") -> RecordingJob:
            tokens = (f"{mark}{position}".ljust(32, "0") for position in range(len(documents)))
            items = [
                make_item(plugin, document, PLAIN, token, position)
                for position, (document, token) in enumerate(zip(documents, tokens, strict=True))
            ]
            return RecordingJob(account, items, {picture.sha256: picture for picture in served})

        return make

    @pytest.fixture
    def job(self, make_job: MakeJob, served: list[MemoryPicture]) -> RecordingJob:
        return make_job(specimen(served))
