"""The article as a reader gets it: stored at sign-off, made from the Document, the same for everybody."""

import datetime as dt
import re

import pytest
import time_machine
from django.utils import timezone, translation

from cms import releases
from cms.document.model import VariantText
from cms.models import Topic, Variant
from readers.models import Reading
from readers.site import channel
from readers.snapshots import render, snapshots
from tests.factories import (
    make_commentary,
    make_document,
    make_event,
    make_image,
    make_policy,
    make_story,
)
from tests.factories_release import make_release

SHANGHAI = dt.timezone(dt.timedelta(hours=8))


def picture(**fields):
    return {"image": make_image(), "alt": "书架前的孩子", "credit": "李梅摄", "caption": "", **fields}


def shown(reader, page) -> str:
    response = reader.get(f"/a/{page.pk}/")
    assert response.status_code == 200
    return response.content.decode()


def test_a_story_is_shown_with_its_source_date_office_and_section(cast, reader):
    story = make_story(
        cast.section,
        cast.editor,
        subtitle="一间屋子的十年",
        byline="何静",
        source_name="南岭女声",
        source_url="https://example.org/1",
        source_licence="转载请注明出处",
    )
    release = make_release(story)
    html = shown(reader, story)
    for words in ("山里的阅览室", "一间屋子的十年", "何静", "南岭女声", "转载请注明出处", "广东省妇联"):
        assert words in html
    assert 'href="https://example.org/1"' in html
    assert f'href="/s/{cast.section.pk}/">女性故事' not in html, "the section is called as the kind is"
    assert f'datetime="{timezone.localtime(release.public_from).isoformat()}"' in html
    assert release.sha256 in html


def test_a_policy_shows_its_facts_its_parts_and_its_clauses(cast, reader):
    policy = make_policy(
        cast.section,
        cast.editor,
        issuing_body="岭南省妇女联合会",
        issued_on=dt.date(2026, 11, 1),
        expires_on=dt.date(2029, 12, 31),
        status="in_force",
        original=[
            ("clause", {"number": "一、", "level": 1, "text": "<p>总体要求</p>"}),
            ("clause", {"number": "（一）", "level": 2, "text": "<p>就近服务。</p>"}),
        ],
        questions=[("qa", {"question": "谁能申请？", "answer": "<p>常住居民。</p>"})],
    )
    make_release(policy)
    html = shown(reader, policy)
    for words in ("粤妇发〔2026〕8号", "岭南省妇女联合会", "2026年11月1日", "2029年12月31日", "有效"):
        assert words in html, words
    for section in ("explanation", "questions", "original"):
        assert f'href="#{section}"' in html and f'id="{section}"' in html
    assert '<p class="clause clause-1 clause-title" role="heading" aria-level="3">' in html
    assert '<span class="clause-number">（一）</span>' in html
    assert "<summary>谁能申请？</summary>" in html


def test_an_event_shows_its_time_in_beijing_and_where_to_sign_up(cast, reader):
    event = make_event(
        cast.section,
        cast.editor,
        starts_at=dt.datetime(2026, 12, 5, 9, 30, tzinfo=SHANGHAI),
        ends_at=dt.datetime(2026, 12, 5, 12, tzinfo=SHANGHAI),
        place="妇女儿童活动中心",
        address="木棉路 16 号",
        capacity=36,
        signup_url="https://example.org/signup",
    )
    make_release(event)
    html = shown(reader, event)
    for words in ("2026年12月5日", "星期六", "09:30", "–12:00", "妇女儿童活动中心", "木棉路 16 号", "36"):
        assert words in html, words
    assert 'class="button" href="https://example.org/signup"' in html


@pytest.mark.parametrize(
    ("starts_at", "ends_at", "end", "no_end"),
    [
        ("2026-12-05T07:30+08:00", "2026-12-05T09:00+08:00", "–09:00", "星期六 09:00"),
        ("2026-12-05T22:00+08:00", "2026-12-06T01:00+08:00", "2026年12月6日 星期日 01:00", "–01:00"),
    ],
    ids=["across eight in the morning", "past midnight"],
)
def test_an_events_days_are_those_of_china(cast, reader, starts_at, ends_at, end, no_end):
    times = {
        "starts_at": dt.datetime.fromisoformat(starts_at),
        "ends_at": dt.datetime.fromisoformat(ends_at),
    }
    event = make_event(cast.section, cast.editor, **times)
    make_release(event)
    html = shown(reader, event)
    assert f"{end}</time>" in html and f"{no_end}</time>" not in html


def test_a_commentary_is_signed_with_its_authors_position(cast, reader):
    commentary = make_commentary(cast.section, cast.editor, byline="木棉", author_title="评论员")
    make_release(commentary)
    html = shown(reader, commentary)
    assert "木棉" in html and "评论员" in html


def test_every_kind_of_block_is_shown(cast, reader):
    other = make_story(cast.section, cast.editor, title="另一篇")
    make_release(other)
    table = {
        "data": [["类别", "时间"], ["一类", "每周五天"]],
        "table_header_choice": "row",
        "table_caption": "开放时间",
    }
    story = make_story(
        cast.section,
        cast.editor,
        body=[
            ("paragraph", '<p>一<b>粗</b><a href="https://example.org/">链接</a></p>'),
            ("heading", {"level": 3, "text": "小标题"}),
            ("image", picture(caption="开馆那天")),
            ("gallery", [picture(), picture(image=make_image(colour="#2f6b4f"))]),
            ("quote", {"text": "门一直开着。", "attribution": "管理员"}),
            ("list", "<ol><li>甲<ol><li>乙</li></ol></li></ol>"),
            ("table", table),
            ("callout", {"title": "提醒", "text": "周一闭馆。"}),
            ("attachment", {"document": make_document(), "title": "申请表"}),
            ("video", {"url": "https://video.example/1", "title": "开馆"}),
            ("related", {"page": other, "title": "另一篇"}),
            ("contact", {"name": "妇女维权热线", "hotline": "12338", "address": "", "hours": "工作日"}),
        ],
    )
    make_release(story)
    html = shown(reader, story)
    for words in (
        '<strong>粗</strong><a href="https://example.org/">链接</a>',
        "<h3>小标题</h3>",
        'alt="书架前的孩子"',
        "开馆那天",
        "<blockquote><p>门一直开着。</p></blockquote>",
        "<ol><li>甲<ol><li>乙</li></ol></li></ol>",
        "<caption><span>开放时间</span></caption>",
        "<th>类别</th>",
        "<td>每周五天</td>",
        "周一闭馆。",
        "申请表",
        'href="https://video.example/1"',
        f'href="/a/{other.pk}/"',
        'href="tel:12338"',
    ):
        assert words in html, words


def test_what_somebody_typed_is_text_and_never_markup(cast, reader):
    evil = "<script>alert(1)</script>"
    story = make_story(
        cast.section,
        cast.editor,
        title=f"题{evil}",
        byline=evil,
        digest=f'"{evil}',
        body=[
            ("quote", {"text": evil, "attribution": evil}),
            ("callout", {"title": evil, "text": evil}),
            ("contact", {"name": evil, "hotline": f'12338"{evil}', "address": evil, "hours": evil}),
            ("image", picture(alt=f'"{evil}', credit=evil, caption=evil)),
        ],
    )
    make_release(story)
    html = shown(reader, story)
    assert "<script" not in html
    assert "&lt;script&gt;" in html


def test_the_site_may_have_a_title_of_its_own(cast, reader):
    story = make_story(cast.section, cast.editor, variants=[Variant(channel="site", title="给读者的题目")])
    make_release(story)
    assert "<h1>给读者的题目</h1>" in shown(reader, story)


def test_topics_and_tags_are_named(cast, reader):
    story = make_story(cast.section, cast.editor)
    story.topics.set([Topic.objects.create(name="阅读")])
    story.tags.set(["乡村"])
    story.save_revision(user=cast.editor)
    make_release(story)
    html = shown(reader, story)
    assert "<li>阅读</li>" in html and "<li>乡村</li>" in html


def test_who_needs_help_finds_the_hotline_before_the_text(cast, reader):
    cards = [
        ("contact", {"name": "接待室", "hotline": "", "address": "木棉路 16 号", "hours": ""}),
        ("contact", {"name": "热线", "hotline": "12338（免费）", "address": "", "hours": ""}),
    ]
    story = make_story(cast.section, cast.editor, body=[("paragraph", "<p>正文在此。</p>"), *cards])
    make_release(story)
    html = shown(reader, story)
    assert html.index('<a class="call" href="tel:12338">12338</a>') < html.index("正文在此。")


def test_the_cover_is_not_shown_twice_where_the_text_begins_with_it(cast, reader):
    image = make_image()
    cover = {"cover": image, "cover_alt": "书架", "cover_credit": "李梅摄"}
    twice = make_story(cast.section, cast.editor, body=[("image", picture(image=image))], **cover)
    once = make_story(cast.section, cast.editor, title="另一篇", **cover)
    for page in (twice, once):
        make_release(page)
        assert shown(reader, page).count("<img") == 2, "the site's mark and the picture"


def test_the_first_column_of_a_wide_table_is_known_also_beside_merged_cells(cast, reader):
    data = [
        ["类别", "范围", "时间", "人员"],
        ["流动", "甲", "周一", "1"],
        ["", "乙", "周二", "2"],
        ["固定", "丙", "周三", "3"],
    ]
    merged = [{"row": 1, "col": 0, "rowspan": 2, "colspan": 1}]
    wide = {"data": data, "mergeCells": merged, "table_header_choice": "row"}
    narrow = {"data": [row[:3] for row in data], "table_header_choice": "row"}
    story = make_story(cast.section, cast.editor, body=[("table", wide), ("table", narrow)])
    make_release(story)
    first, second = shown(reader, story).split('<div class="table')[1:]
    assert re.findall(r'class="first">([^<]*)<', first) == ["类别", "流动", "固定"]
    assert "first" not in second


def test_pictures_keep_their_ratio_and_come_in_the_width_that_fits(cast, reader):
    story = make_story(
        cast.section, cast.editor, body=[("image", picture(image=make_image(size=(900, 600))))]
    )
    [asset] = releases.document(make_release(story)).named_assets()
    html = shown(reader, story)
    assert f'srcset="/b/{asset}/360 360w, /b/{asset}/720 720w, /b/{asset}/1080 900w"' in html
    assert 'width="900" height="600"' in html


def test_an_article_costs_one_query_and_is_the_stored_bytes(cast, reader, django_assert_num_queries):
    story = make_story(cast.section, cast.editor)
    make_release(story)
    reader.get(f"/a/{story.pk}/")
    with django_assert_num_queries(1):
        response = reader.get(f"/a/{story.pk}/")
    assert response.content == bytes(Reading.objects.get().html)


def test_the_page_does_not_depend_on_the_language_or_zone_of_whoever_signs_off(cast):
    release = make_release(make_story(cast.section, cast.editor))
    here = bytes(Reading.objects.get().html)
    with translation.override("en"), timezone.override("America/New_York"):
        snapshots.make(release, section_id=cast.section.pk)
    assert bytes(Reading.objects.get().html) == here


def test_the_preview_is_the_page_that_readers_get(cast):
    release = make_release(make_story(cast.section, cast.editor, byline="何静"))
    document = releases.document(release)
    preview = channel.MicroSite().preview(document, VariantText())
    served = bytes(Reading.objects.get().html).decode()

    def text(html):
        return html[html.index('<section class="text') : html.index('<footer class="article-foot')]

    assert text(preview) == text(served)
    assert 'name="robots" content="noindex"' in preview
    assert render.article(document, VariantText()) == preview.replace("asset:", "/b/")


def _local(moment) -> str:
    return timezone.localtime(moment).isoformat()


def test_a_correction_replaces_the_text_and_says_so(cast, reader):
    story = make_story(cast.section, cast.editor)
    with time_machine.travel(timezone.now() - dt.timedelta(days=3), tick=True):
        first = make_release(story)
    before = reader.get(f"/a/{story.pk}/")
    story.refresh_from_db()
    story = story.get_latest_revision_as_object()
    story.title = "更正后的题目"
    story.save_revision(user=cast.editor)
    second = make_release(story)
    after = reader.get(f"/a/{story.pk}/")
    html = after.content.decode()
    assert "更正后的题目" in html
    notice = f'<p class="corrected"><strong>更正</strong> <time datetime="{_local(second.public_from)}">'
    assert notice in html and 'class="corrected"' not in before.content.decode()
    assert "山里的阅览室</h1>" not in html
    assert f'datetime="{_local(first.public_from)}"' in html, "the first date stays"
    assert after["ETag"] != before["ETag"]
    assert second.sha256 in html


def test_a_browser_that_has_the_page_is_told_so_and_one_with_an_old_page_is_not(cast, reader):
    story = make_story(cast.section, cast.editor)
    make_release(story)
    first = reader.get(f"/a/{story.pk}/")
    again = reader.get(f"/a/{story.pk}/", headers={"if-none-match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert "max-age=60" in again["Cache-Control"]
    assert reader.get(f"/a/{story.pk}/", headers={"if-none-match": '"other"'}).status_code == 200


def test_the_page_may_run_no_script_and_load_nothing_from_elsewhere(cast, reader):
    story = make_story(cast.section, cast.editor)
    make_release(story)
    response = reader.get(f"/a/{story.pk}/")
    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "script-src" not in policy and "unsafe" not in policy
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Type"] == "text/html; charset=utf-8"
    assert "public" in response["Cache-Control"] and "max-age=60" in response["Cache-Control"]
    assert not response.cookies
    html = response.content.decode()
    assert "<script" not in html and " style=" not in html
