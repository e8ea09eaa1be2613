"""What platforms and partners tell the hub: verified, kept, acted upon by a worker. The door of the room."""

from publishers.callbacks.receiving import (
    SALT,
    account_of,
    address_of,
    handle,
    handle_open,
    key_of,
    receive,
    receive_signed,
)

__all__ = [
    "SALT",
    "account_of",
    "address_of",
    "handle",
    "handle_open",
    "key_of",
    "receive",
    "receive_signed",
]
