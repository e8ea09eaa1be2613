"""A Release rendered for a platform: made once, signed, and verified whenever it is used."""

import dataclasses
import hashlib
import json

from cms import releases, signing
from cms.document.model import Document, VariantText, canonical
from cms.models import Release
from publishers.asking import PluginFails, ask
from publishers.engine.outcomes import Forged
from publishers.interface import Publisher, Rendition
from publishers.models import StoredRendition
from publishers.models.statements import rendition_statement


def rendition_of(release: Release, document: Document, publisher: Publisher, theme: str = "") -> Rendition:
    """Return the stored rendition, rendering first when there is none.

    A ``theme`` that the platform does not have, any more or yet, is its usual one. Raises Rejected, Forged;
    PluginFails, which is no sentence for a run alone: persons are handed what is rendered, too.
    """
    platform = publisher.platform
    theme = theme if theme in platform.themes else next(iter(platform.themes), "")
    known = StoredRendition.objects.filter(
        release=release.pk, platform=platform.slug, version=platform.renderer, theme=theme
    )
    stored = next(iter(known), None)
    return _read(release, stored or _make(release, document, publisher, theme))


def _make(release: Release, document: Document, publisher: Publisher, theme: str) -> StoredRendition:
    variant = releases.variants(release).get(publisher.platform.slug, VariantText())
    rendition = ask(publisher, Publisher.render, document, variant, theme)
    for field, named in (("cover", filter(None, [rendition.cover])), ("assets", rendition.assets)):
        if not document.assets.keys() >= set(named):
            raise PluginFails(publisher, "render", f"Rendition.{field}")
    try:
        content = canonical(dataclasses.asdict(rendition))
    except ValueError as error:  # the one field that is free: what JSON has, but RFC 8785 has not
        raise PluginFails(publisher, "render", "Rendition.extra") from error
    stored = StoredRendition(
        release=release,
        platform=publisher.platform.slug,
        version=publisher.platform.renderer,
        theme=theme,
        content=content,
        sha256=hashlib.sha256(content).hexdigest(),
    )
    stored.key_id, stored.signature = signing.sign(rendition_statement(release, stored))
    # Two workers may render at once; the result is the same.
    StoredRendition.objects.bulk_create([stored], ignore_conflicts=True)
    return stored


def _read(release: Release, stored: StoredRendition) -> Rendition:
    content = bytes(stored.content)
    genuine = hashlib.sha256(content).hexdigest() == stored.sha256 and signing.verify(
        stored.key_id, rendition_statement(release, stored), bytes(stored.signature)
    )
    if not genuine:
        raise Forged(f"Rendition {stored.pk} is not what was rendered from Release {release.pk}.")
    values = json.loads(content)
    pairs = {name: tuple(values[name]) for name in ("assets", "focus") if name in values}
    return Rendition(**values | pairs)
