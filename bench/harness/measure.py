"""Timing on machines that others use, too: rounds in turn, medians, and ratios of medians; never one run."""

import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from unittest.mock import patch

ROUND_S = 0.03
ROUNDS = 15
Clock = Callable[[], float]


@dataclass(frozen=True)
class Timed:
    """Seconds per call of one contestant, a figure for each round."""

    rounds: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.rounds)

    @property
    def ms(self) -> str:
        return f"{self.median * 1000:.2f} ms" if self.median < 1 else f"{self.median:.2f} s"

    def to(self, reference: "Timed") -> float:
        """Return how many times the reference's time this one takes."""
        return self.median / reference.median

    def spread(self, reference: "Timed") -> str:
        """Return the middle half of the rounds' own ratios: how far the machine's noise moves the figure."""
        ratios = [mine / theirs for mine, theirs in zip(self.rounds, reference.rounds, strict=True)]
        low, _, high = statistics.quantiles(ratios, n=4)
        return f"{low:.2f}–{high:.2f}"


def race(
    contestants: Mapping[str, Callable[[], object]], rounds: int = ROUNDS, clock: Clock = time.perf_counter
) -> dict[str, Timed]:
    """Time each contestant in every round, in an order that turns round, and return their figures.

    A contestant is called as often as fills ROUND_S, at least once; a first call of each is not counted.
    ``clock`` says the seconds that have passed, or another cost that grows.
    """
    calls = {name: _calls(contestant) for name, contestant in contestants.items()}
    seconds: dict[str, list[float]] = {name: [] for name in contestants}
    order = list(contestants)
    for _ in range(rounds):
        for name in order:
            seconds[name].append(timed(contestants[name], calls[name], clock))
        order.reverse()
    return {name: Timed(tuple(taken)) for name, taken in seconds.items()}


def timed(call: Callable[[], object], times: int = 1, clock: Clock = time.perf_counter) -> float:
    """Return the seconds that one of ``times`` calls takes."""
    begun = clock()
    for _ in range(times):
        call()
    return (clock() - begun) / times


def _calls(contestant: Callable[[], object]) -> int:
    contestant()
    return max(1, round(ROUND_S / timed(contestant)))


@dataclass
class Meter:
    """What went through one function: how often, how long it took, and how long it used the processor."""

    calls: int = 0
    seconds: float = 0.0
    processor_s: float = 0.0


@contextmanager
def metered(owner: object, name: str) -> Iterator[Meter]:
    """Meter ``owner.name`` inside the block; it does what it does."""
    meter, real = Meter(), getattr(owner, name)

    def through(*args, **kwargs):
        begun, used = time.perf_counter(), time.thread_time()
        try:
            return real(*args, **kwargs)
        finally:
            meter.calls += 1
            meter.seconds += time.perf_counter() - begun
            meter.processor_s += time.thread_time() - used

    with patch.object(owner, name, through):
        yield meter


def table(title: str, *rows: Sequence[str]) -> None:
    """Print rows of equal length under a title; the first row names the columns."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    print(f"\n{title}")
    for row in rows:
        first, *others = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        print("  ".join([f"  {first}", *others]).rstrip())


def wanted(holds: bool, what: str) -> str:
    """Return how a required figure stands."""
    return f"{what} wanted: {'holds' if holds else 'MISSED'}"
