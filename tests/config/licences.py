"""What docs/licences.md says of the libraries, read from them. Run it to write the table anew."""

import importlib.metadata
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "licences.md"
TABLE = re.compile(r"<!-- libraries -->\n(.*?)<!-- /libraries -->", re.DOTALL)
#: The licences that the hub may stand on, and every way in which a library's metadata names them.
LICENCES = {
    "MIT": {"MIT", "MIT License", "MIT-0", "MIT-CMU"},
    "BSD": {"BSD", "BSD License", "BSD-2-Clause", "BSD-3-Clause"},
    "ISC": {"ISC", "ISC License (ISCL)"},
    "Apache 2.0": {"Apache-2.0", "Apache Software License"},
    "PSF": {"PSF-2.0", "Python Software Foundation License"},
    "CC BY 4.0": {"CC-BY-4.0"},
    "CC0": {"CC0-1.0"},
    "MPL 2.0": {"MPL-2.0"},
    "LGPL 3.0": {"LGPL-3.0-only"},
}


def pinned() -> list[str]:
    return re.findall(r"^([\w.-]+)==", (ROOT / "requirements.txt").read_text(), re.MULTILINE)


def licence_of(library: str) -> str:
    """Return the library's licences in the words of LICENCES. Raises LookupError for another one."""
    said = importlib.metadata.metadata(library)
    named = [line.split(" :: ")[-1] for line in said.get_all("Classifier") or [] if "License ::" in line]
    field = said["License"] or ""
    # What is said as an expression, else in the field where it is one, else in the classifiers.
    told = said["License-Expression"] or (field if _known(field) or not named else " AND ".join(named))
    words = re.split(r" (?:AND|OR) ", told)
    known = {word: _known(word) for word in words}
    if unknown := [word for word, licence in known.items() if not licence]:
        raise LookupError(f"{library}: {unknown} is no licence that docs/licences.md knows.")
    joined = " or " if " OR " in told else " and "
    return joined.join(dict.fromkeys(filter(None, known.values())))


def table() -> str:
    """Return a row for each licence with its libraries."""
    by_licence: dict[str, list[str]] = {}
    for library in pinned():
        by_licence.setdefault(licence_of(library), []).append(library)
    rows = sorted(by_licence.items(), key=lambda row: (-len(row[1]), row[0]))
    lines = ["| licence | libraries |", "|---|---|"]
    return "\n".join([*lines, *(f"| {licence} | {', '.join(names)} |" for licence, names in rows), ""])


def _known(word: str) -> str | None:
    return next((licence for licence, names in LICENCES.items() if word in names), None)


if __name__ == "__main__":
    written = f"<!-- libraries -->\n{table()}<!-- /libraries -->"
    PAGE.write_text(TABLE.sub(lambda _found: written, PAGE.read_text()))
