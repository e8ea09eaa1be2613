"""docs/platforms/wechat.md, section 8: what becomes of the HTML."""

import pytest

from tests.sandbox.callers import WeChat


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("<p>一<script>alert(1)</script></p>", "<p>一</p>"),
        ('<p onclick="go()">一</p>', "<p>一</p>"),
        ("<style>p{color:red}</style><p>一</p>", "<p>一</p>"),
        ('<p class="a" id="b" style="color:#111">一</p>', '<p style="color:#111">一</p>'),
        ('<p>一</p><iframe src="https://example.org">二</iframe>', "<p>一</p>"),
        ("<p>一</p><video>二</video><audio>三</audio>", "<p>一</p>"),
        ("<form><p>一</p><input></form>", "<p>一</p>"),
        ('<p style="position:fixed;filter:blur(1px);display:flex">一</p>', '<p style="display:flex">一</p>'),
        ('<p>一<a href="https://example.org">二</a></p>', "<p>一二</p>"),
        ('<p><a href="javascript:go()">一</a></p>', "<p>一</p>"),
        ('<p>一</p><img src="https://example.org/a.jpg">', "<p>一</p>"),
        ('<p data-x="1">一</p>', '<p data-x="1">一</p>'),
        ("<details><summary>一</summary>二</details>", "一二"),
        ('<p>一<a href="https://mp.weixin.qq.com/s/x">二</a></p>', '<p>一<a href="https://mp.weixin.qq.com/s/x">二</a></p>'),
    ],
)  # fmt: skip
def test_section_8_html_is_filtered(wechat, sent, kept):
    assert wechat.stored(content=sent)["content"] == kept


def test_section_8_only_the_accounts_own_uploaded_pictures_stay(wechat, sandbox):
    own, foreign = wechat.upload()["url"], WeChat(sandbox, "wxsandbox0002").upload()["url"]
    sent = f'<p>一</p><img src="{own}"><img src="{foreign}"><svg><image href="{own}"></image></svg>'
    kept = f'<p>一</p><img src="{own}"><svg><image href="{own}"></image></svg>'
    assert wechat.stored(content=sent)["content"] == kept


def test_section_8_a_background_picture_from_elsewhere_goes(wechat):
    sent = "<p style=\"background:url('https://example.org/a.jpg');color:red\">一</p>"
    assert wechat.stored(content=sent)["content"] == '<p style="color:red">一</p>'


@pytest.mark.parametrize("content", ['<p><a href="#two">一</a></p>', "<p> </p>", "<script>1</script>"])
def test_section_8_an_anchor_and_an_empty_body_are_refused_with_45166(wechat, content):
    assert wechat.add_draft(wechat.article(content=content))["errcode"] == 45166


def test_section_8_reports_differ_on_foreign_links_so_a_setting_refuses_them(wechat, sandbox):
    sandbox.settings(wechat_foreign_links="refuse")
    article = wechat.article(content='<p>一<a href="https://example.org">二</a></p>')
    assert wechat.add_draft(article)["errcode"] == 45166
