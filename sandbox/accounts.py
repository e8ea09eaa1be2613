"""Accounts of the stand-ins: shipped, registered, listed without secrets.

Shipped are invented offices. The secret of each is ``secret-`` and its id:

========  ===================  ==========  =========================
platform  id                   name        may
========  ===================  ==========  =========================
wechat    wxsandbox0001        岭南女声    everything
wechat    wxsandbox0002        云山女声    draft, publish
wechat    wxsandbox0003        清溪女声    draft only
========  ===================  ==========  =========================

Every other platform has ``<slug>sandbox0001`` 岭南女声 and ``<slug>sandbox0002`` 云山女声; both may publish.
"""

import hashlib
import json
from collections.abc import Sequence

from .platforms import ORDER
from .store import Row, Store

CAPABILITIES = dict.fromkeys(ORDER, ("publish",)) | {
    "wechat": ("draft", "publish", "comment", "mass", "statistics")
}
DEMO_ACCOUNTS = (
    ("wechat", "wxsandbox0001", "岭南女声", CAPABILITIES["wechat"]),
    ("wechat", "wxsandbox0002", "云山女声", ("draft", "publish")),
    ("wechat", "wxsandbox0003", "清溪女声", ("draft",)),
    *(
        (slug, f"{slug}sandbox{number}", name, ("publish",))
        for slug in ORDER
        if slug != "wechat"
        for number, name in (("0001", "岭南女声"), ("0002", "云山女声"))
    ),
)


def register(
    store: Store,
    platform: str,
    account_id: str,
    secret: str,
    name: str,
    capabilities: Sequence[str] | None = None,
) -> None:
    """Add an account, or replace the one with this id. ``capabilities`` None grants all."""
    granted = CAPABILITIES[platform] if capabilities is None else capabilities
    # Derived, so that an account has the same openid after a reset.
    openid = hashlib.sha256(f"{platform}:{account_id}".encode()).hexdigest()[:28]
    store.run(
        "REPLACE INTO accounts (platform, id, secret, name, capabilities, openid) VALUES (?, ?, ?, ?, ?, ?)",
        platform,
        account_id,
        secret,
        name,
        json.dumps(list(granted)),
        openid,
    )


def add_demo_accounts(store: Store) -> None:
    """Add the shipped accounts that are missing; those changed by the control stay as they are."""
    for platform, account_id, name, capabilities in DEMO_ACCOUNTS:
        if store.account(platform, account_id) is None:
            register(store, platform, account_id, f"secret-{account_id}", name, capabilities)


def rows(store: Store) -> list[Row]:
    """Return every account, in the order of the platforms."""
    found = store.all("SELECT * FROM accounts ORDER BY id")
    return sorted(found, key=lambda row: ORDER.index(row["platform"]))


def listing(store: Store) -> list[Row]:
    """Return every account as a dict without its secret, in the order of the platforms."""
    return [
        {
            "platform": row["platform"],
            "id": row["id"],
            "name": row["name"],
            "capabilities": json.loads(row["capabilities"]),
            "openid": row["openid"],
        }
        for row in rows(store)
    ]
