"""Importing a Word file of 30 MB with 60 photos: memory at the peak, and time beside merely reading the file.

The import runs in a process of its own, so that the figure is that of an import and not of this benchmark.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import harness

# isort: split
from harness.measure import Timed, table, wanted
from harness.word import write_large

PICTURES, MOST_MB = 60, 300


def main() -> None:
    harness.lay()
    file = harness.FOLDER / "large.docx"
    write_large(file, PICTURES)
    found = _imported(file)
    before, peak = (found[name] / 2**20 for name in ("before", "peak"))
    title = f"A .docx of {file.stat().st_size / 2**20:.0f} MB with {PICTURES} photos"
    table(
        f"{title}: memory of the process",
        ("", "MB", ""),
        ("idle, with everything loaded", f"{before:.0f}", ""),
        ("at the peak of the import", f"{peak:.0f}", wanted(peak < MOST_MB, f"< {MOST_MB}")),
        ("what the import added", f"{peak - before:.0f}", ""),
    )
    ours = Timed(tuple(found["import"]))
    rows = [("", "processor time", "the import takes", "middle half")]
    for name, sentence in SENTENCES.items():
        reference = Timed(tuple(found[name]))
        rows.append((sentence, reference.ms, f"{ours.to(reference):.1f} times that", ours.spread(reference)))
    table(f"{title}: time", *rows, ("the import, into the database and the media folder", ours.ms, "", ""))


SENTENCES = {
    "verify": "unpacked, and Pillow's verify() of each picture",
    "decode": "unpacked, and each picture decoded once",
}


def _imported(file: Path) -> dict[str, list[float]]:
    done = subprocess.run(
        [sys.executable, "-m", "harness.one_import", str(file)],
        cwd=Path(__file__).parent,
        env=os.environ,
        stdout=subprocess.PIPE,
        check=True,
    )
    return json.loads(done.stdout)


if __name__ == "__main__":
    main()
