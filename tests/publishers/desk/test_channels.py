"""Platforms as the editor knows them."""

import pytest

from cms import channels
from cms.document.model import VariantText
from publishers.models import Account
from publishers.platforms.wechat.render import final_length, render_wechat
from publishers.testing.documents import OFFICE
from tests.factories import make_office

pytestmark = pytest.mark.django_db
PLAIN = VariantText()


@pytest.fixture
def wechat():
    return channels.get("wechat")


def test_an_article_is_previewed_and_counted_in_the_theme_of_its_offices_account(document, wechat):
    own, other = make_office(OFFICE.code), make_office("elsewhere")
    Account.objects.create(office=other, platform="wechat", name="别处", theme="banyan")
    assert render_wechat(document, PLAIN).html in wechat.preview(document, PLAIN)

    Account.objects.create(office=own, platform="wechat", name="岭南女声", theme="coast")
    html = render_wechat(document, PLAIN, "coast").html
    assert html in wechat.preview(document, PLAIN)
    assert render_wechat(document, PLAIN, "paper").html in wechat.preview(document, PLAIN, "paper")
    assert (
        wechat.body_length(document, PLAIN)
        == final_length(html)
        != final_length(render_wechat(document, PLAIN).html)
    )


def test_of_several_accounts_the_one_that_was_there_first_gives_the_theme(document, wechat):
    office = make_office(OFFICE.code)
    for name, theme in (("岭南女声", "coast"), ("别的名字", "paper")):
        Account.objects.create(office=office, platform="wechat", name=name, theme=theme)
    assert render_wechat(document, PLAIN, "coast").html in wechat.preview(document, PLAIN)


def test_a_theme_that_is_gone_is_the_usual_one(document, wechat):
    Account.objects.create(office=make_office(OFFICE.code), platform="wechat", name="岭南女声", theme="gone")
    assert render_wechat(document, PLAIN).html in wechat.preview(document, PLAIN)


def test_a_channel_has_the_platforms_cover_shapes(wechat):
    assert wechat.covers == ((940, 400), (400, 400))
