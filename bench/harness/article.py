"""The article that is measured: 5,000 characters with ten pictures, written as an editor writes."""

import random
from collections.abc import Sequence
from io import BytesIO

import PIL.Image
from django.contrib.auth import get_user_model
from django.core.files.images import ImageFile
from wagtail.images import get_image_model

from cms.models import Release, SectionPage
from tests.factories import make_story
from tests.factories_release import make_release

CHARACTERS, PICTURES = 5000, 10
SENTENCES = (
    "晚上七点，榕树社区妇女之家的灯准时亮起来，最先到的总是住在三楼的何阿姨。",
    "她把老花镜放在桌角，说今天要学会在手机上给女儿转一张照片。",
    "夜校开了六年，来过的人有两千多，最年轻的十九岁，最年长的七十八岁。",
    "课表贴在门边：周一识字，周二记账，周三法律，周四手机，周五唱歌。",
    "讲法律的陈律师从不念条文，她请大家带着自己的合同来，一条一条看。",
    "“看得懂，才敢开口问。”这是她说得最多的一句话，也写在了黑板的最上面。",
    "去年秋天，有十一位学员靠着这里学来的办法，要回了被拖欠的工资。",
    "孩子们在隔壁房间写作业，两位大学生志愿者轮流看着，九点半一起回家。",
)


def text(characters: int) -> str:
    """Return so many characters of running text."""
    whole = "".join(SENTENCES)
    return (whole * (characters // len(whole) + 1))[:characters]


def photo(width: int, height: int, seed: int, quality: int = 88) -> bytes:
    """Return a JPEG that is as hard to pack as a photo: soft shapes under a little grain."""
    shapes = PIL.Image.frombytes("RGB", (32, 24), random.Random(seed).randbytes(32 * 24 * 3))
    picture = shapes.resize((width, height), PIL.Image.Resampling.BICUBIC)
    grain = PIL.Image.effect_noise((width, height), 24).convert("RGB")
    out = BytesIO()
    PIL.Image.blend(picture, grain, 0.25).save(out, "JPEG", quality=quality)
    return out.getvalue()


def make_article(characters: int = CHARACTERS, images: Sequence | None = None):
    """Store the article as a draft of the section's author and return its page."""
    images = images or make_images(PICTURES)
    author = get_user_model().objects.get(username="editor")
    return make_story(
        SectionPage.objects.first(),
        author,
        title="夜校的灯亮到九点半",
        subtitle="榕树社区妇女之家的两千多个晚上",
        digest="课开在她们下班以后，讲她们第二天就用得上的事。",
        byline="林晓岚",
        source_name="岭南女声",
        source_url="https://source.example/a/1",
        body=list(_body(characters, images)),
    )


def release_of(page) -> Release:
    """Bring the page through its review and return what sign-off made."""
    return make_release(page)


def make_images(count: int) -> list:
    """Store so many photos in the collection."""
    files = (ImageFile(BytesIO(photo(1600, 1200, seed)), name=f"{seed}.jpg") for seed in range(count))
    return [get_image_model().objects.create(title=f"夜校 {file.name}", file=file) for file in files]


def _body(characters: int, images: Sequence):
    """Yield a part for each picture: a heading, running text, the picture; in some a list, table or quote."""
    each = characters // max(1, len(images))
    for number, image in enumerate(images):
        words = text(each)
        yield "heading", {"level": 3 if number % 3 else 2, "text": f"第{number + 1}个晚上"}
        yield "paragraph", _paragraphs(words[: each // 2])
        yield "image", {"image": image, "alt": "夜校里的学员", "credit": "何静 摄", "caption": "灯下的一课"}
        yield _other(number, words[each // 2 :])


def _paragraphs(words: str) -> str:
    half = len(words) // 2
    marked = f"{words[:20]}<b>{words[20:26]}</b>{words[26 : half - 8]}"
    linked = f'<a href="https://yunshan.example/night-school">{words[half - 8 : half]}</a>'
    return f"<p>{marked}{linked}</p><p>{words[half:]}</p>"


def _other(number: int, words: str):
    third = len(words) // 3
    thirds = (words[:third], words[third : 2 * third], words[2 * third :])
    match number % 5:
        case 0:
            return "list", "<ul>" + "".join(f"<li>{part}</li>" for part in thirds) + "</ul>"
        case 1:
            return "quote", {"text": words, "attribution": "一位学员"}
        case 2:
            rows = [["晚上", "课"], *([f"周{day}", part] for day, part in zip("一二三", thirds, strict=True))]
            return "table", {"data": rows, "table_header_choice": "row"}
        case 3:
            return "callout", {"title": "提醒", "text": words}
        case _:
            return "paragraph", _paragraphs(words)
