"""Shorter titles and digests: whole parts of what was written, as the channel counts."""

import pytest

from cms.checks.suggestions import digests, titles

OFFICIAL = "岭南省妇女联合会关于建设女性求职服务驿站的通知"


def halves(text):
    """Count as a channel that takes two ASCII letters for one character."""
    return -(-sum(1 if letter.isascii() else 2 for letter in text) // 2)


@pytest.mark.parametrize(
    ("title", "limit", "offered"),
    [
        ("夜校的灯亮到九点半", 20, []),
        ("夜校的灯亮到九点半：一间教室和四十位女工", 12, ["夜校的灯亮到九点半"]),
        ("夜校的灯亮到九点半——一间教室和四十位女工", 12, ["夜校的灯亮到九点半"]),
        ("【女声】夜校的灯亮到九点半（附报名表）", 12, ["夜校的灯亮到九点半"]),
        (OFFICIAL, 20, ["关于建设女性求职服务驿站的通知"]),
        (
            "政策问答，一次看懂，三分钟，不绕弯子",
            14,
            ["政策问答，一次看懂，三分钟", "政策问答，一次看懂", "政策问答"],
        ),
        ("三件事：去哪里、找谁办、要带什么", 9, ["三件事"]),
        ("她说“先听孩子说完，再说自己”的那个晚上", 12, []),
        ("没有任何停顿的标题谁也不能替编辑裁掉", 8, []),
        ("够了！夜校的灯亮到九点半", 5, ["够了"]),
        ("：——", 1, []),
        ("(女声)夜校的灯亮到九点半[附报名表]", 12, ["夜校的灯亮到九点半"]),
        ("转发《省妇联关于夜校的通知》的那封信", 15, []),
        ("读《夜校，一盏灯》的那个漫长的晚上", 12, []),
        ("夜校（晚上，七点）开到九点半的故事", 8, []),
        *((f"夜校的灯{pause}亮到九点半的晚上", 6, ["夜校的灯"]) for pause in "，；：,;:。 \u3000｜|—"),
        *((f"夜校的灯{pause}亮到九点半的晚上", 6, ["夜校的灯"]) for pause in "！？!?"),
        ("夜校的灯 - 亮到九点半的晚上", 4, ["夜校的灯"]),
        ("夜校的灯、亮到九点半的晚上", 6, []),
    ],
)
def test_titles_that_fit_are_whole_parts_of_the_title(title, limit, offered):
    assert titles(title, limit, len) == offered


def test_at_most_three_titles_are_offered_the_fullest_first():
    assert titles("一，二二，三三三，四四四四，五五五五五", 12, len) == ["一，二二，三三三", "一，二二", "一"]


def test_a_title_that_is_too_short_for_the_channel_is_not_offered():
    assert titles("夜校：一间教室和四十位女工", 8, len, at_least=3) == []
    assert titles("夜校：一间教室和四十位女工", 8, len, at_least=2) == ["夜校"]


def test_lengths_are_the_channels():
    assert titles("ABCDEFGH：夜校的灯亮到九点半", 5, halves) == ["ABCDEFGH"]


@pytest.mark.parametrize(
    ("texts", "limit", "offered"),
    [
        (["第一句。第二句。第三句。"], 8, ["第一句。第二句。"]),
        (["她问：“来得及吗？”他点头。"], 10, ["她问：“来得及吗？”"]),
        (["这一句就已经太长了。短。"], 5, []),
        (["没有句号的一行"], 10, ["没有句号的一行"]),
        (["甲。", "乙。", "甲。"], 5, ["甲。", "乙。"]),
        (["", "  "], 5, []),
        (["甲。", "乙。", "丙。", "丁。"], 5, ["甲。", "乙。", "丙。"]),
        ([" 第一\n行。第二行。"], 6, ["第一 行。"]),
    ],
)
def test_a_digest_is_made_of_whole_sentences(texts, limit, offered):
    assert digests(texts, limit, len) == offered
