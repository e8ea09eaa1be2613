"""Pictures in the colours that every screen assumes: what is sent carries no colour profile of its own."""

import io

from PIL import Image, ImageCms

SRGB = ImageCms.createProfile("sRGB")
#: What a camera's or a printer's profile can be read from; other modes are plain already.
WITH_PROFILE = ("RGB", "RGBA", "CMYK")


def opaque(picture: Image.Image) -> Image.Image:
    """Return ``picture`` in a mode that can be scaled, transparent parts on white; RGB, CMYK or L."""
    if picture.has_transparency_data:
        layer = picture.convert("RGBA")
        flat = Image.new("RGB", layer.size, "white")
        flat.paste(layer, mask=layer.getchannel("A"))
        return flat
    if picture.mode in (*WITH_PROFILE, "L"):
        return picture
    if picture.mode.startswith("I"):
        # 16 bits of grey: plain conversion would make everything white that is lighter than 255.
        return picture.point(lambda grey: grey * (1 / 256)).convert("L")
    return picture.convert("RGB")


def in_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """Return ``picture`` (see ``opaque``, or RGBA) in sRGB; ``profile`` is the ICC profile that its file had.

    What is transparent stays so, everything else is RGB. A profile that cannot be read, or is for other
    colours, is left out, as browsers do.
    """
    mode = "RGBA" if picture.mode == "RGBA" else "RGB"
    if profile and picture.mode in WITH_PROFILE:
        try:
            own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            return ImageCms.profileToProfile(picture, own, SRGB, outputMode=mode) or picture
        except (ImageCms.PyCMSError, OSError):
            pass
    return picture.convert(mode)
