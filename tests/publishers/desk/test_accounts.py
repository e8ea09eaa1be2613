"""Accounts at the desk: administrators add, check, pause and change them; secrets are never shown."""

import pytest

from publishers.credentials import unseal
from publishers.models import Account
from tests.publishers.desk.conftest import refused, text, turned_away
from tests.publishers.engine.cast import SECRET

pytestmark = pytest.mark.django_db(transaction=True)


def new(network, server, **changed):
    return {
        "office": network.city.pk,
        "name": "市妇联新号",
        "base_url": server.url,
        "credential-appid": "wx2",
        "credential-secret": SECRET,
    } | changed


def test_an_administrator_adds_an_account_and_checks_it(network, desk, server):
    see = desk(network.administrator)
    see.post("hub_account_add", "tiny", said=new(network, server))
    account = Account.objects.get(name="市妇联新号")
    assert unseal(account.credentials)["secret"] == SECRET
    shown = text(see.post("hub_account", account.pk, said={"action": "check"}))
    assert "The platform answers." in shown and SECRET not in shown
    account.refresh_from_db()
    assert account.capabilities == ["draft", "publish"]


def test_a_taken_name_and_a_missing_credential_are_said_and_nothing_is_kept(network, desk, server):
    see = desk(network.administrator)
    shown = text(see.post("hub_account_add", "tiny", said=new(network, server, name="市号")))
    assert "There is an account 市号 on this platform already." in shown
    shown = text(see.post("hub_account_add", "tiny", said=new(network, server, **{"credential-secret": ""})))
    assert "This field is required." in shown
    assert Account.objects.count() == 2


def test_an_administrator_pauses_with_a_reason_and_resumes(network, desk):
    see = desk(network.administrator)
    shown = text(see.post("hub_account", network.of_city.pk, said={"action": "pause", "reason": ""}))
    assert "Say why the account stops." in shown
    see.post("hub_account", network.of_city.pk, said={"action": "pause", "reason": "换号主体。"})
    network.of_city.refresh_from_db()
    assert network.of_city.is_paused
    assert "换号主体。" in text(desk(network.liaison).get("hub_accounts"))
    see.post("hub_account", network.of_city.pk, said={"action": "resume"})
    network.of_city.refresh_from_db()
    assert not network.of_city.is_paused


def test_credentials_left_empty_stay_as_they_are(network, desk):
    see = desk(network.administrator)
    said = {
        "name": "市号改名",
        "base_url": network.of_city.base_url,
        "credential-appid": "",
        "credential-secret": "",
    }
    see.post("hub_account", network.of_city.pk, said=said)
    network.of_city.refresh_from_db()
    assert network.of_city.name == "市号改名" and unseal(network.of_city.credentials)["secret"] == SECRET
    see.post("hub_account", network.of_city.pk, said=said | {"credential-secret": "a-new-one"})
    network.of_city.refresh_from_db()
    assert unseal(network.of_city.credentials)["secret"] == "a-new-one"


@pytest.mark.parametrize("who", ["duty", "liaison", "auditor", "author"])
def test_only_administrators_change_accounts(who, network, desk, server):
    see = desk(getattr(network, who))
    assert refused(see.get("hub_account_add", "tiny"))
    assert turned_away(see.post("hub_account_add", "tiny", said=new(network, server)))
    for action in ("check", "pause", "resume", ""):
        answer = see.post(
            "hub_account", network.of_city.pk, said={"action": action, "reason": "停", "name": "x"}
        )
        assert turned_away(answer)
    network.of_city.refresh_from_db()
    assert Account.objects.count() == 2 and not network.of_city.is_paused and network.of_city.name == "市号"


def test_an_account_of_an_office_above_is_not_there(network, desk, server):
    see = desk(network.administrator)
    assert see.get("hub_account", network.of_province.pk).status_code == 404
    assert see.post("hub_account", network.of_province.pk, said={"action": "pause"}).status_code == 404
    see.post("hub_account_add", "tiny", said=new(network, server, office=network.province.pk))
    assert Account.objects.count() == 2
