"""Credentials that do not fit each other are said when they are given, not at the first message."""

import pytest

from cms.refusals import Refused
from publishers import accounts
from publishers.accounts.credentials import decrypt, encrypt
from publishers.models import Account
from publishers.people.permissions import OPERATOR
from tests.factories import make_office

pytestmark = pytest.mark.django_db
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
WECHAT = {"appid": "wx1", "secret": "s3cret"}
PUSH = {"push_url": "https://p.example/push", "push_key": "k1", "push_secret": "s3cret"}
FEED = {"callback_secret": "s3cret"}
FIGURES = {"figures_url": "https://p.example/in", "figures_key": "k1"}
MISTYPED = (
    "https://h:99999",
    "nonsense",
    "https://x..y/",
    "https:///x",
    "https://exa mple.com/",
    "https://[::1",
    "https://" + "a" * 64 + ".com/",
)

WRONG = {
    "a key that is cut off": ("wechat", "api", {"callback_token": "t", "aes_key": AES_KEY[:-1]}),
    "a key that is none": ("wechat", "api", {"callback_token": "t", "aes_key": "一" * 43}),
    "an earlier key that is none": (
        "wechat",
        "api",
        {"callback_token": "t", "aes_key": AES_KEY, "previous_aes_key": "old"},
    ),
    "the safe mode without a key": ("wechat", "api", {"callback_token": "t", "callback_mode": "safe"}),
    "the compatible mode without": ("wechat", "api", {"callback_token": "t", "callback_mode": "compatible"}),
    "a key without a token": ("wechat", "api", {"aes_key": AES_KEY}),
    "a mode without a token": ("wechat", "api", {"callback_mode": "plain"}),
    "a mode that there is not": ("wechat", "api", {"callback_token": "t", "callback_mode": "secure"}),
    "an open address": ("partner", "push", {"push_url": "http://p.example/push"}),
    **{f"an address that is none: {url[:20]}": ("partner", "push", {"push_url": url}) for url in MISTYPED},
    "a key id in Chinese": ("partner", "push", {"push_key": "榕溪"}),
    "a key id of two words": ("partner", "push", {"push_key": "k 1"}),
    "a key id with a line break": ("partner", "push", {"push_key": "k1\nX-Hub: 1"}),
    "figures without a key id": ("partner", "feed", {"figures_url": "https://p.example/in"}),
    "figures without a secret": ("partner", "feed", {**FIGURES, "callback_secret": ""}),
    "figures at an open address": ("partner", "feed", {**FIGURES, "figures_url": "http://p.example"}),
    "figures at an address that is none": ("partner", "feed", {**FIGURES, "figures_url": "https://[::1"}),
}
FITTING = {
    "no callbacks": ("wechat", "api", {}),
    "plain": ("wechat", "api", {"callback_token": "t", "callback_mode": "plain"}),
    "plain, and a key of before": (
        "wechat",
        "api",
        {"callback_token": "t", "callback_mode": "plain", "aes_key": AES_KEY},
    ),
    "safe": ("wechat", "api", {"callback_token": "t", "callback_mode": "safe", "aes_key": AES_KEY}),
    "a key": ("wechat", "api", {"callback_token": "t", "aes_key": AES_KEY}),
    "a push": ("partner", "push", {}),
    "a feed": ("partner", "feed", {}),
    "a feed with figures": ("partner", "feed", FIGURES),
}
NEEDED = {"wechat": WECHAT, "partner": PUSH}


def add(platform, transport, given, **settings) -> Account:
    needed = FEED if transport == "feed" else NEEDED[platform]
    usual = {"name": "榕溪县女声", "office": settings.get("office") or make_office()}
    return accounts.add(
        platform=platform,
        transport=transport,
        credentials={**needed, **given},
        **usual | settings,
        by=OPERATOR,
    )


@pytest.mark.parametrize("given", WRONG.values(), ids=list(WRONG))
def test_what_does_not_fit_is_refused_with_a_sentence(given):
    with pytest.raises(Refused) as refusal:
        add(*given)
    assert "插件" not in str(refusal.value) and not Account.objects.exists()


@pytest.mark.parametrize("url", [*MISTYPED, "ftp://h.example", "https://h.example/" + "a" * 200])
def test_an_interface_at_an_address_that_is_none_is_refused_whether_new_or_changed(url):
    account = add("wechat", "api", {}, base_url="https://api.example.com")
    with pytest.raises(Refused, match="接口地址"):
        accounts.change(account, base_url=url, by=OPERATOR)
    with pytest.raises(Refused, match="接口地址"):
        add("wechat", "api", {}, base_url=url, name="另一个号", office=account.office)


MISTAKES = [("partner", "push", "合作方的地址"), ("wechat", "api", "接口地址")]


@pytest.mark.parametrize("url", ["https://h:99999", "https://x..y", "https://[::1"])
@pytest.mark.parametrize(("platform", "transport", "field"), MISTAKES)
def test_a_mistyped_address_that_was_stored_before_is_what_the_check_names(platform, transport, field, url):
    """Not the plugin: whoever reads it knows which field to correct."""
    account = add(platform, transport, {})
    stored = {**decrypt(account.credentials), "push_url": url}
    Account.objects.filter(pk=account.pk).update(credentials=encrypt(stored), base_url=url)
    account.refresh_from_db()
    account = accounts.check(account, by=OPERATOR)
    assert field in account.problem and "插件" not in account.problem and account.is_stopped


@pytest.mark.parametrize("given", FITTING.values(), ids=list(FITTING))
def test_what_fits_is_taken(given):
    assert add(*given).pk


def test_what_is_renewed_must_fit_what_is_stored():
    account = add("wechat", "api", {"callback_token": "t"})
    with pytest.raises(Refused):
        accounts.renew_credentials(account, {"callback_mode": "safe"}, by=OPERATOR)
    accounts.renew_credentials(account, {"callback_mode": "safe", "aes_key": AES_KEY}, by=OPERATOR)
    account.refresh_from_db()
    assert decrypt(account.credentials)["callback_mode"] == "safe"


def test_what_was_stored_before_is_said_by_the_check(sandbox):
    sandbox.add_account("wechat", "wx-fitting", "s3cret", "榕溪县女声")
    account = add("wechat", "api", {"appid": "wx-fitting"})
    stored = {**decrypt(account.credentials), "callback_token": "t", "aes_key": "old"}
    Account.objects.filter(pk=account.pk).update(
        credentials=encrypt(stored), base_url=sandbox.base_url("wechat")
    )
    account.refresh_from_db()
    account = accounts.check(account, by=OPERATOR)
    assert "EncodingAESKey" in account.problem and account.capabilities
    sandbox.reset(accounts=True)
