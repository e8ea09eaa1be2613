"""Which address a request comes from, and whether it is in a list of networks.

django-ipware does not ask who connects: a stranger who connects to us directly and ends his X-Forwarded-For
with a proxy's address is believed, and its proxies are a row of fixed length, not networks.
"""

import ipaddress
from collections.abc import Collection
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

from django.conf import settings
from django.http import HttpRequest

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


class NotANetwork(ValueError):
    """The text, which is the message, names no address and no network."""


def parse(lines: str) -> list[Network]:
    """Return the networks in ``lines``, one a line; a single address is a network of one."""
    found = []
    for line in filter(None, map(str.strip, lines.splitlines())):
        try:
            found.append(ipaddress.ip_network(line, strict=False))
        except ValueError:
            raise NotANetwork(line) from None
    return found


def client(request: HttpRequest) -> Address | None:
    """Return who asks; None when that is not known.

    It is who connects to us. Only where that is one of ``settings.TRUSTED_PROXIES``, its word counts:
    the last address of X-Forwarded-For that is not such a proxy. What stands before it anybody can write.
    """
    address = _address(request.META.get("REMOTE_ADDR", ""))
    forwarded = request.headers.get("X-Forwarded-For", "").split(",")
    while forwarded and address is not None and contain(settings.TRUSTED_PROXIES, address):
        last = forwarded.pop().strip()
        address = _address(last) if last else address
    return address


def contain(networks: Collection[Network], address: Address) -> bool:
    return any(address in network for network in networks)


def _address(text: str) -> Address | None:
    try:
        address = ipaddress.ip_address(text.strip())
    except ValueError:
        return None
    # ::ffff:192.0.2.1 is how an IPv4 address looks on a socket that takes both.
    return getattr(address, "ipv4_mapped", None) or address
