"""A 12-megapixel JPEG on its way to a platform, beside a plain resize by Pillow and beside libvips.

Each decodes, scales to 1080 pixels of width and writes a progressive JPEG of the same quality. The plain
resize decodes the whole picture first, as code does that does not think of it. libvips is the command
vipsthumbnail, which is given several pictures at once, so that its start hardly counts.
"""

import hashlib
import resource
import shutil
import subprocess
from io import BytesIO
from pathlib import Path

import harness

# isort: split
import PIL.Image
from harness.article import photo
from harness.measure import Timed, race, table, wanted

from cms.document.model import Asset
from cms.media import blobs
from publishers.engine.pictures import QUALITIES, EnginePicture

WIDE, HIGH, WIDTH = 4000, 3000, 1080
#: Of a picture in the body of a WeChat article.
MOST_BYTES = 999_999
MOST = 1.2
AT_ONCE, ROUNDS = 6, 7
SAVE = f"[Q={QUALITIES[0]},optimize-coding,interlace,strip]"
VIPS, PLAIN, HUB = "libvips: vipsthumbnail", "Pillow: open, resize, save", "the hub: EnginePicture"


def main() -> None:
    file = harness.FOLDER / "photo.jpg"
    file.write_bytes(photo(WIDE, HIGH, seed=12))
    picture = _stored(file)
    work = {HUB: lambda: picture._make(MOST_BYTES, WIDTH), PLAIN: lambda: _plain(file)}
    if shutil.which("vipsthumbnail"):
        work[VIPS] = _vips(file)
    title = f"A JPEG of {WIDE}×{HIGH} pixels ({file.stat().st_size / 1e6:.1f} MB) made {WIDTH} wide"
    _show(f"{title}: time", race(work, ROUNDS), required=True)
    _show(f"{title}: processor time, of all threads", race(work, ROUNDS, clock=_processor_s))
    if VIPS not in work:
        print(
            "  libvips is left out: there is no vipsthumbnail here (Debian: apt-get install libvips-tools)."
        )


def _processor_s() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def _stored(file: Path) -> EnginePicture:
    """Return the picture as sign-off leaves it in the blob store."""
    content = file.read_bytes()
    sha256 = hashlib.sha256(content).hexdigest()
    place = blobs.path(sha256)
    place.parent.mkdir(parents=True)
    place.write_bytes(content)
    return EnginePicture(sha256, Asset(mime="image/jpeg", size=len(content), width=WIDE, height=HIGH))


def _plain(file: Path) -> bytes:
    with PIL.Image.open(file) as source:
        height = round(source.height * WIDTH / source.width)
        small = source.convert("RGB").resize((WIDTH, height), PIL.Image.Resampling.LANCZOS)
    out = BytesIO()
    small.save(out, "JPEG", quality=QUALITIES[0], optimize=True, progressive=True)
    return out.getvalue()


def _vips(file: Path):
    copies = [file.with_stem(f"copy{number}") for number in range(AT_ONCE)]
    for copy in copies:
        shutil.copyfile(file, copy)
    command = ["vipsthumbnail", "--size", f"{WIDTH}x", "--output", f"small-%s.jpg{SAVE}"]
    return lambda: subprocess.run([*command, *map(str, copies)], check=True)


def _show(title: str, figures: dict[str, Timed], *, required: bool = False) -> None:
    if VIPS in figures:
        figures[VIPS] = Timed(tuple(seconds / AT_ONCE for seconds in figures[VIPS].rounds))
    rows = [("", "median", "the hub takes", "middle half", "")]
    for name in (PLAIN, VIPS):
        if name in figures:
            ratio = figures[HUB].to(figures[name])
            verdict = wanted(ratio <= MOST, f"≤ {MOST}") if required and name == VIPS else ""
            spread = figures[HUB].spread(figures[name])
            rows.append((name, figures[name].ms, f"{ratio:.2f} times that", spread, verdict))
    table(title, *rows, (HUB, figures[HUB].ms, "", "", ""))


if __name__ == "__main__":
    main()
