"""What a published video says of itself: docs/platforms/yidian.md, section 1."""

import json

FIELDS = ("video_url", "title", "cate_a", "cate_b", "poster_url")


def post_of(body: bytes) -> str:
    """Return what is wrong with the JSON of a video; empty when nothing is."""
    try:
        said = json.loads(body)
    except ValueError:
        return "请求体要用 JSON"
    if not isinstance(said, dict) or set(said) - set(FIELDS):
        return "未知字段"
    missing = [name for name in FIELDS if not isinstance(said.get(name), str) or not said[name]]
    return f"缺少 {'、'.join(missing)}" if missing else ""
