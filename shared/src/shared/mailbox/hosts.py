"""Where a connection may go: a customer names the host, so in a hosted edition it must not lead into our own network.

A name is resolved once, every address is looked at, and the connection goes to one of these addresses: who asked
again while connecting could be given another answer (DNS rebinding).
"""

import asyncio
import socket
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from shared.errors import PermanentError, TransientError

RESOLVED_WITHIN = 5.0
"""Seconds after which a name counts as unknown."""

_GLOBAL_UNICAST = IPv6Network("2000::/3")
_TUNNELS = (IPv6Network("2002::/16"), IPv6Network("2001::/32"))  # 6to4 and Teredo: IPv4 in disguise, and out of use
_NOT_HOSTS = (IPv4Network("192.0.0.0/24"), IPv4Network("192.88.99.0/24"))  # protocol assignments, 6to4 relays
_TRANSLATED = IPv6Network("64:ff9b::/96")  # NAT64 (RFC 6052): the IPv4 address is in the last 32 bits


class HostUnknown(TransientError):
    """The name has no address, or no name server answers."""

    def __init__(self) -> None:
        super().__init__("server_unreachable")


def is_public(address: str) -> bool:
    """Whether an address is one of the public internet.

    False for private, loopback, link-local, shared (RFC 6598), multicast, reserved and unspecified addresses, and for
    IPv6 addresses that carry such an IPv4 address. Raises ValueError where it is no address.
    """
    found = ip_address(address.partition("%")[0])
    if isinstance(found, IPv6Address):
        inner = _carried(found)
        if inner is not None:
            return is_public(str(inner))
        return found.is_global and found in _GLOBAL_UNICAST and not _in(found, _TUNNELS)
    return found.is_global and not (found.is_multicast or found.is_reserved or _in(found, _NOT_HOSTS))


async def addresses(host: str, port: int, *, private_hosts: bool) -> list[str]:
    """The host's addresses in the order in which to try them; an address is its own.

    Raises HostUnknown, and PermanentError (`host_not_public`) where one of them is not public and `private_hosts` does
    not allow that.
    """
    found = await _resolve(host, port)
    if not private_hosts and not all(map(is_public, found)):
        raise PermanentError("host_not_public")
    return found


async def _resolve(host: str, port: int) -> list[str]:
    try:
        async with asyncio.timeout(RESOLVED_WITHIN):
            answers = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError, TimeoutError):
        raise HostUnknown from None
    found = list(dict.fromkeys(str(answer[4][0]) for answer in answers))
    if not found:
        raise HostUnknown
    return found


def _carried(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that packets to this one would reach."""
    return IPv4Address(int(address) & 0xFFFFFFFF) if address in _TRANSLATED else address.ipv4_mapped


def _in(address: IPv4Address | IPv6Address, networks: Iterable[IPv4Network | IPv6Network]) -> bool:
    return any(address in network for network in networks)
