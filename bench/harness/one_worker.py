"""A worker's process that runs every delivery that is due: ``python -m harness.one_worker``.

Prints, as JSON, the bytes of memory in use: before it begins, and after each EVERY deliveries.
"""

import gc
import json
from pathlib import Path

import harness  # noqa: F401  (joins the hub of the process that started this one)

# isort: split
from django.db import connection

from publishers import engine, registry, tasks
from publishers.models import Delivery, Phase
from tests.publishers.engine.tiny import Tiny

EVERY = 1000


def main() -> None:
    registry.register(Tiny())
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous=OFF")  # what is asked here is memory, not the disk
    tasks.wake = lambda delivery_ids: None
    found = [in_use()]
    while due := engine.sweep():
        for delivery_id in due:
            tasks.deliver(str(delivery_id))
            if settled() >= EVERY * len(found):
                found.append(in_use())
    print(json.dumps({"memory": found, "left": Delivery.objects.filter(next_at__isnull=False).count()}))


def settled() -> int:
    return Delivery.objects.filter(phase=Phase.SETTLED).count()


def in_use() -> int:
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096


if __name__ == "__main__":
    main()
