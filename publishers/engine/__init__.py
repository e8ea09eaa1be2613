"""The delivery engine: brings what is observed on an account to what is desired, in steps that survive kills.

The database is the truth. A worker acquires a lease of a delivery (``leases``), runs the plugin's straight
code (``runner``), each remote call of which is a durable step (``steps``), and writes down how it ended
(``outcomes``). Whoever dies in between leaves rows from which the next worker goes on.
"""

from publishers.engine import urgent_line
from publishers.engine.items import EngineItem
from publishers.engine.job import heard
from publishers.engine.pictures import EnginePicture
from publishers.engine.runner import run, work
from publishers.engine.scheduler import next_after, next_moment, sweep

__all__ = [
    "EngineItem",
    "EnginePicture",
    "heard",
    "next_after",
    "next_moment",
    "run",
    "sweep",
    "urgent_line",
    "work",
]
