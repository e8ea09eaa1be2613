"""A process that imports one Word file and says what that took: ``python -m harness.one_import FILE``.

Prints JSON: bytes of memory before and at the peak, and processor seconds of each round of the import and of
merely reading the same file (every part unpacked, every picture verified or decoded by Pillow).
"""

import json
import resource
import sys
import time
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import harness  # noqa: F401  (joins the hub of the process that started this one)

# isort: split
import PIL.Image
from django.contrib.auth import get_user_model

from cms.ingest import import_file
from cms.models import SectionPage
from harness.measure import timed

ROUNDS = 3


def main(path: Path) -> None:
    section, user = SectionPage.objects.get(), get_user_model().objects.get(username="editor")

    def bring_in() -> None:
        with path.open("rb") as file:
            import_file(file, path.name, kind="policy", section=section, user=user)

    before = peak()
    bring_in()
    found: dict = {"before": before, "peak": peak()}
    work = {
        "verify": lambda: unpack(path, lambda picture: picture.verify()),
        "decode": lambda: unpack(path, lambda picture: picture.load()),
        "import": bring_in,
    }
    for _ in range(ROUNDS):
        for name, call in work.items():
            found.setdefault(name, []).append(timed(call, clock=time.process_time))
    print(json.dumps(found))


def unpack(path: Path, look: Callable[[PIL.Image.Image], object]) -> None:
    with zipfile.ZipFile(path) as archive:
        for entry in archive.infolist():
            content = archive.read(entry)
            if entry.filename.startswith("word/media/"):
                with PIL.Image.open(BytesIO(content)) as picture:
                    look(picture)


def peak() -> int:
    """Return the most memory that this process ever had, in bytes.

    Linux says it of the program alone; ``ru_maxrss`` also counts what its parent had when it was forked.
    """
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    [line] = [line for line in status.read_text().splitlines() if line.startswith("VmHWM:")]
    return int(line.split()[1]) * 1024


if __name__ == "__main__":
    main(Path(sys.argv[1]))
