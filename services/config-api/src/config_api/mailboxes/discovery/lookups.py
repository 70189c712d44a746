"""What the DNS says about a domain. No answer, and none in time, count as nothing there."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dns.asyncresolver import Resolver
    from dns.resolver import Answer

ANSWERED_WITHIN = 4.0
"""Seconds for one name, with all repetitions."""
MOST = 5


class Names:
    """Asks the system's name servers, unless it is given others."""

    def __init__(self, resolver: "Resolver | None" = None) -> None:
        self._resolver = resolver

    async def services(self, name: str) -> list[tuple[str, int]]:
        """Host and port of each SRV record (RFC 2782), the preferred one first."""
        records = sorted(await self._ask(name, "SRV"), key=lambda record: (record.priority, -record.weight))
        found = [(_host(record.target), int(record.port)) for record in records]
        return [(host, port) for host, port in found if host and port][:MOST]

    async def exchangers(self, domain: str) -> list[str]:
        """The MX hosts, the preferred one first."""
        records = sorted(await self._ask(domain, "MX"), key=lambda record: record.preference)
        return [host for record in records if (host := _host(record.exchange))][:MOST]

    async def _ask(self, name: str, kind: str) -> "Answer | Sequence[object]":
        from dns.exception import DNSException  # for few requests only: the library costs 6 MB

        try:
            return await self._system().resolve(f"{name}.", kind, lifetime=ANSWERED_WITHIN, search=False)
        except (DNSException, OSError):
            return ()

    def _system(self) -> "Resolver":
        from dns.asyncresolver import Resolver

        self._resolver = self._resolver or Resolver()
        return self._resolver


def _host(name: object) -> str:
    """Empty for the root, which says that there is no such service (RFC 6186, 3.4; RFC 7505)."""
    return str(name).rstrip(".").lower()
