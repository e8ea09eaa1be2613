"""Draw docs/previews.png: the demonstration's story on every platform, by the previews that its editors see.

After ``make run`` has loaded the demonstration: .venv/bin/python docs/previews.py
"""

import base64
import io
import os
import sys
from html import escape
from pathlib import Path

import django
from PIL import Image
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
ACCOUNT = "岭南女声"
PHONE, HEIGHT, GAP = 390, 1120, 24  # pixels
SHEET = f"""
body {{ display: flex; gap: {GAP}px; margin: 0; padding: {GAP}px; background: #e9e5df; width: max-content; }}
figure {{ margin: 0; }}
figcaption {{ font: 600 22px/2 "Noto Sans CJK SC", sans-serif; color: #22262b; }}
iframe {{ display: block; width: {PHONE}px; height: {HEIGHT}px; border: 0; background: #fff; }}
"""


def pages() -> list[tuple[str, str]]:
    """Return (platform, HTML) of the story, its pictures inside."""
    from cms.articles import Story
    from cms.document.build import build
    from cms.document.model import VariantText
    from cms.editor.previews import ASSET
    from publishers import registry

    built = build(Story.objects.earliest("pk").latest_revision.as_object())
    shown = {sha256: _data(built.files[sha256].instance.file.path) for sha256 in built.document.assets}
    found = []
    for publisher in registry.all_publishers():
        variant = built.variants.get(publisher.platform.slug, VariantText())
        html = publisher.preview(publisher.render(built.document, variant), ACCOUNT)
        found.append((publisher.platform.name, ASSET.sub(lambda match: shown[match[1]], html)))
    return found


def _data(path: str) -> str:
    written = io.BytesIO()
    with Image.open(path) as picture:
        picture.convert("RGB").resize((780, 780 * picture.height // picture.width)).save(written, "JPEG")
    return "data:image/jpeg;base64," + base64.b64encode(written.getvalue()).decode()


def draw(shown: list[tuple[str, str]], target: Path) -> None:
    phones = "".join(
        f'<figure><figcaption>{name}</figcaption><iframe srcdoc="{escape(html)}"></iframe></figure>'
        for name, html in shown
    )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=["--no-sandbox"]
        )
        page = browser.new_page(viewport={"width": len(shown) * (PHONE + GAP) + GAP, "height": HEIGHT + 92})
        page.set_content(f'<!DOCTYPE html><meta charset="utf-8"><style>{SHEET}</style>{phones}')
        page.wait_for_load_state("networkidle")
        taken = page.screenshot()
        browser.close()
    with Image.open(io.BytesIO(taken)) as picture:
        picture.quantize(128).save(target, optimize=True)


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    draw(pages(), Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "previews.png")
