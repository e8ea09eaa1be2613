"""The article as readers of each channel would see it: the unsaved page through the channel's own code."""

import re
from io import BytesIO
from typing import Any

from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from PIL import Image as Picture
from PIL import ImageOps
from wagtail.images import get_image_model
from wagtail.images.models import AbstractImage

from cms import channels
from cms.channels import SITE
from cms.document.build import Built, Unbuildable, build
from cms.document.model import VariantText
from cms.media.colours import in_srgb, opaque
from cms.models import Anybody, BeforePage

WIDEST = 1080  # pixels: a 390 px phone at its real density
ASSET = re.compile(r"asset:([0-9a-f]{64})")


class Previewed(BeforePage):
    """Lets the editor preview a page on every registered channel, the micro-site first."""

    @property
    def preview_modes(self) -> list[tuple[str, str]]:
        """The channels, and each of their themes beside the one that the office's account has."""
        known = sorted(channels.all_channels(), key=lambda channel: channel.slug != SITE)
        modes = []
        for channel in known:
            modes.append((channel.slug, channel.name))
            modes += [
                (f"{channel.slug}.{theme}", f"{channel.name} · {name}")
                for theme, name in channel.themes.items()
            ]
        return modes

    @property
    def preview_sizes(self) -> list[dict[str, Any]]:  # as Wagtail reads them
        sizes = super().preview_sizes
        phone = {**sizes[0], "device_width": 390, "label": _("Preview on a phone")}
        return [phone, *sizes[1:]]

    def serve_preview(self, request: HttpRequest, mode_name: str) -> HttpResponse:
        slug, _dot, theme = mode_name.partition(".")
        try:
            channel = channels.get(slug)
        except KeyError as error:
            raise PermissionDenied from error
        if theme and theme not in channel.themes:
            raise PermissionDenied
        try:
            built = build(self)
        except Unbuildable as error:
            return _sentences(request, error.sentences)
        html = channel.preview(built.document, built.variants.get(slug, VariantText()), theme)
        return HttpResponse(filled(html, built, request.user, self.full_url or "#"))


def _sentences(request: HttpRequest, sentences: list[str]) -> TemplateResponse:
    return TemplateResponse(request, "cms/editor/unbuildable.html", {"sentences": sentences})


def filled(html: str, built: Built, user: Anybody, source_url: str) -> str:
    """Put addresses that only ``user`` can open in place of ``asset:`` and ``source:``."""

    def address(match: re.Match[str]) -> str:
        sha256 = match[1]
        if sha256 not in built.files or not built.document.assets[sha256].width:
            return "#"  # a file to download: there is nothing to look at
        return picture_url(built.files[sha256].instance, sha256, user)

    return ASSET.sub(address, html).replace("source:", source_url)


def picture_url(image: AbstractImage, sha256: str, user: Anybody) -> str:
    """Return an address of the picture for this user alone."""
    token = signing.dumps([image.pk, sha256], salt=_salt(user))
    return reverse("hub_preview_picture", args=[token])


def _salt(user: Anybody) -> str:
    return f"cms.previews:{user.pk}"  # as ever: addresses that were made before are opened with it


def preview_picture(request: HttpRequest, token: str) -> HttpResponse:
    """Serve a picture to the user for whom its address was made; admin access is checked before."""
    try:
        pk, _sha256 = signing.loads(token, salt=_salt(request.user))
    except signing.BadSignature as error:
        raise PermissionDenied from error
    image = get_object_or_404(get_image_model(), pk=pk)
    return HttpResponse(_scaled(image), content_type="image/webp")


def _scaled(image: AbstractImage) -> bytes:
    out = BytesIO()
    with image.file.open("rb") as opened, Picture.open(opened) as picture:
        profile = picture.info.get("icc_profile")
        picture.draft("RGB", (WIDEST, WIDEST))
        turned = ImageOps.exif_transpose(picture)
        turned = turned.convert("RGBA") if turned.has_transparency_data else opaque(turned)
        turned.thumbnail((WIDEST, 4 * WIDEST), reducing_gap=2)
        in_srgb(turned, profile).save(out, "WEBP", quality=80, method=0)
    return out.getvalue()
