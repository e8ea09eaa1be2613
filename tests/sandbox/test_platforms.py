"""The sandbox stands for six platforms and a generic partner: accounts, readers' pages, faults."""

import sqlite3
from contextlib import closing

import pytest
import requests

from sandbox.testing import start_sandbox

SLUGS = ("toutiao", "penguin", "netease", "nanfang", "yidian", "partner")


@pytest.mark.parametrize("slug", SLUGS)
def test_a_platform_has_two_offices_and_takes_another(sandbox, slug):
    sandbox.add_account(slug, "another", "s3cret", "榕溪女声")
    listed = [(one["id"], one["name"]) for one in sandbox.accounts() if one["platform"] == slug]
    assert listed == [
        ("another", "榕溪女声"),
        (f"{slug}sandbox0001", "岭南女声"),
        (f"{slug}sandbox0002", "云山女声"),
    ]


@pytest.mark.parametrize("slug", SLUGS)
def test_an_account_has_a_page_for_readers(sandbox, slug):
    page = requests.get(f"{sandbox.base_url(slug)}/u/{slug}sandbox0001", timeout=20)
    assert page.status_code == 200 and "岭南女声" in page.text and "还没有发表过文章。" in page.text
    for missing in ("/u/nobody", "/a/nothing"):
        assert requests.get(sandbox.base_url(slug) + missing, timeout=20).status_code == 404


def test_accounts_and_the_ledger_keep_the_order_of_the_platforms(sandbox):
    order = ["wechat", "toutiao", "penguin", "netease", "nanfang", "yidian", "partner"]
    for listed in (sandbox.accounts(), sandbox.ledger()["accounts"]):
        assert list(dict.fromkeys(one["platform"] for one in listed)) == order


def test_a_ledger_of_an_earlier_release_is_still_read(tmp_path):
    kept = tmp_path / "ledger.sqlite3"
    start_sandbox(kept).stop()
    with closing(sqlite3.connect(kept)) as database:
        database.execute("ALTER TABLE tokens DROP COLUMN scope")
    asked = {"grant_type": "clientcredentials", "client_id": "penguinsandbox0001"}
    asked["client_secret"] = "secret-penguinsandbox0001"
    with start_sandbox(kept) as sandbox:
        url = f"{sandbox.base_url('penguin')}/omoauth2/accesstoken"
        assert requests.post(url, params=asked, timeout=20).json()["data"]["access_token"]
