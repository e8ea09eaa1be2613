"""How an article of a delivery looks on its platform, for whoever may see the delivery."""

import json
import re

import pytest

from publishers.models import Account
from tests.publishers.desk.conftest import refused, text
from tests.publishers.engine.cast import send, signed_release
from tests.publishers.engine.clock import in_an_hour

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def item(network):
    account = Account.objects.create(
        office=network.city, platform="wechat", name="岭南女声", theme="coast", transport="manual"
    )
    [item] = send(signed_release(7, title="山里的阅览室"), account=account, at=in_an_hour()).items.all()
    return item


def test_it_is_shown_in_the_accounts_theme_and_in_any_other_by_choice(item, network, desk):
    see = desk(network.auditor)
    screen = text(see.get("hub_preview", item.delivery_id, item.pk))
    assert 'aria-current="true">Coast · the account' in " ".join(screen.split())
    own = text(see.get("hub_preview_frame", item.delivery_id, item.pk))
    assert "山里的阅览室" in own and own == text(
        see.get("hub_preview_frame", item.delivery_id, item.pk, theme="coast")
    )
    other = text(see.get("hub_preview_frame", item.delivery_id, item.pk, theme="paper"))
    assert "Songti" in other and "Songti" not in own
    assert text(see.get("hub_preview_frame", item.delivery_id, item.pk, theme="gone")) != other
    item.delivery.account.refresh_from_db()
    assert item.delivery.account.theme == "coast"


def test_its_pictures_are_there_before_it_is_public(item, network, desk):
    see = desk(network.duty)
    addresses = re.findall(
        r'src="(/admin/[^"]+)"', text(see.get("hub_preview_frame", item.delivery_id, item.pk))
    )
    assert addresses
    assert see.client.get(addresses[0])["Content-Type"] == "image/webp"
    others = json.loads(bytes(signed_release(9, pictures=2).assets)).keys() - json.loads(
        bytes(item.release.assets)
    )
    for sha256 in ("0" * 64, *others):
        assert see.get("hub_preview_part", item.delivery_id, item.pk, sha256).status_code == 404, sha256
    assert others


def test_people_who_may_not_see_the_delivery_see_nothing_of_it(item, network, desk):
    for name in ("hub_preview", "hub_preview_frame"):
        assert refused(desk(network.author).get(name, item.delivery_id, item.pk))
    [asset, *_others] = json.loads(bytes(item.release.assets))
    assert refused(desk(network.author).get("hub_preview_part", item.delivery_id, item.pk, asset))
    assert desk(network.duty).get("hub_preview_part", item.delivery_id, item.pk, asset).status_code == 200
