"""docs/platforms/wechat.md, section 3: media."""

import pytest
import requests

from tests.sandbox.callers import heavy_picture, picture

MEGABYTE = 1024 * 1024


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_section_3_uploadimg_takes_jpg_and_png_and_serves_the_very_bytes(wechat, kind):
    content = picture(kind)
    # What the file is called does not matter: the bytes are looked at.
    answer = wechat.upload(content, "a.bin", "application/octet-stream")
    assert (answer["errcode"], answer["errmsg"]) == (0, "ok")
    assert requests.get(answer["url"]).content == content


@pytest.mark.parametrize("content", [picture("GIF"), picture("WEBP"), b"not a picture", picture()[:-200]])
def test_section_3_uploadimg_refuses_what_is_not_really_jpg_or_png(wechat, content):
    assert wechat.upload(content)["errcode"] == 40005


def test_section_3_uploadimg_takes_less_than_one_megabyte(wechat):
    assert wechat.upload(picture() + b"\0" * (MEGABYTE - 1 - len(picture())))["errcode"] == 0
    assert wechat.upload(picture() + b"\0" * (MEGABYTE - len(picture())))["errcode"] == 40009


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "BMP"])
def test_section_3_add_material_keeps_images_of_four_kinds(wechat, kind):
    answer = wechat.material(picture(kind))
    assert set(answer) >= {"media_id", "url"}
    assert wechat.send("material/get_material", {"media_id": answer["media_id"]}).content == picture(kind)


def test_section_3_add_material_refuses_webp_and_more_than_ten_megabytes(wechat):
    assert wechat.material(picture("WEBP"))["errcode"] == 40005
    heavy = heavy_picture(1900)
    assert len(heavy) > 10 * MEGABYTE
    assert wechat.material(heavy)["errcode"] == 45001


def test_section_3_a_thumb_is_a_jpg_of_64_kilobytes(wechat):
    assert "media_id" in wechat.material(kind="thumb")
    assert wechat.material(picture("PNG"), kind="thumb")["errcode"] == 40005
    assert wechat.material(picture() + b"\0" * 65536, kind="thumb")["errcode"] == 45001


@pytest.mark.parametrize("kind", ["voice", "video", "", "picture"])
def test_section_3_a_picture_of_another_type_is_refused(wechat, kind):
    assert wechat.material(kind=kind)["errcode"] == 40005


def test_section_3_the_part_is_called_media_and_has_a_filename(wechat):
    assert wechat.call("media/uploadimg", files={"media": (None, picture())})["errcode"] == 41005
    assert (
        wechat.call("media/uploadimg", files={"file": ("a.jpg", picture(), "image/jpeg")})["errcode"] == 47001
    )
    assert wechat.call("media/uploadimg", raw=b"")["errcode"] == 41005


def test_section_3_a_deleted_material_is_no_cover_any_more(wechat):
    media_id = wechat.material()["media_id"]
    assert wechat.call("material/get_materialcount", method="GET")["image_count"] == 1
    assert wechat.call("material/del_material", {"media_id": media_id})["errcode"] == 0
    assert wechat.add_draft(wechat.article(thumb_media_id=media_id))["errcode"] == 40007
    assert wechat.call("material/batchget_material", {"type": "image", "offset": 0, "count": 20}) == {
        "total_count": 0,
        "item_count": 0,
        "item": [],
    }
