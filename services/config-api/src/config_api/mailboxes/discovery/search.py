"""Where to look, in which order, and which of the answers to believe."""

import asyncio
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Literal, Self

from config_api.mailboxes.discovery import providers
from config_api.mailboxes.discovery.autoconfig import Fetcher, read
from config_api.mailboxes.discovery.lookups import Names
from config_api.mailboxes.discovery.providers import Provider
from shared.mailbox import hosts

if TYPE_CHECKING:
    from config_api.mailboxes.discovery.autoconfig import Server

FOUND_WITHIN = 8.0
"""Seconds that all look-ups together may take; what is not answered by then is not known."""
MOST = 8

Source = Literal["provider", "autoconfig", "srv", "mx"]
_DOMAIN = re.compile(r"(?=.{1,253}\Z)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")


@dataclass(frozen=True, slots=True)
class ImapSettings:
    """How an IMAP server is reached, and who logs in."""

    host: str
    port: int
    security: Literal["tls", "starttls"]
    username: str


@dataclass(frozen=True, slots=True)
class Found:
    """ImapSettings, where they come from, and whose server it is as far as that is known."""

    source: Source
    settings: ImapSettings
    provider: Provider | None = None
    oauth_only: bool = False


class Discovery:
    """`names` asks the DNS, `fetcher` the web."""

    def __init__(self, names: Names, fetcher: Fetcher) -> None:
        self._names = names
        self._fetcher = fetcher

    @classmethod
    def of(cls, *, private_hosts: bool) -> Self:
        """With the system's name servers, and HTTPS to where mailboxes may lie too."""
        return cls(Names(), Fetcher(partial(hosts.addresses, private_hosts=private_hosts)))

    async def find(self, address: str) -> list[Found]:
        """What may open this mailbox, the best first; nothing where nothing is known.

        Of a big provider's own domain everything is known. Other domains are asked, all at once: what they say over
        HTTPS counts most, since nobody on the way can have changed it.
        """
        local, _, written = address.rpartition("@")
        domain = _ascii(written)
        if domain is None:
            return []
        if (provider := providers.of_domain(domain)) is not None:
            return [_of_provider("provider", provider, address, local, provider.host)]
        looked_up = [
            asyncio.create_task(look(address, local, domain))
            for look in (self._by_autoconfig, self._by_srv, self._by_exchanger)
        ]
        await asyncio.wait(looked_up, timeout=FOUND_WITHIN)
        for late in (task for task in looked_up if not task.done()):
            late.cancel()
        answers = (task.result() for task in looked_up if task.done())
        return list(_distinct(found for answer in answers for found in answer))[:MOST]

    async def _by_autoconfig(self, address: str, local: str, domain: str) -> list[Found]:
        urls = (
            f"https://autoconfig.{domain}/mail/config-v1.1.xml",
            f"https://{domain}/.well-known/autoconfig/mail/config-v1.1.xml",
        )
        documents = await asyncio.gather(*map(self._fetcher.get, urls))
        servers = (server for document in documents if document for server in read(document, address))
        return [_of_server(server) for server in servers]

    async def _by_srv(self, address: str, local: str, domain: str) -> list[Found]:
        """RFC 6186, 3.2 and 3.4: the user name to begin with is the whole address."""
        tls, starttls = await asyncio.gather(
            self._names.services(f"_imaps._tcp.{domain}"), self._names.services(f"_imap._tcp.{domain}")
        )
        found = [ImapSettings(host, port, "tls", address) for host, port in tls]
        found += [ImapSettings(host, port, "starttls", address) for host, port in starttls]
        return [Found("srv", settings, providers.of_host(settings.host)) for settings in found]

    async def _by_exchanger(self, address: str, local: str, domain: str) -> list[Found]:
        hosts = await self._names.exchangers(domain)
        known = [(providers.of_exchanger(host), host) for host in hosts]
        return [
            # Whose domain is their own logs in with the whole address.
            _of_provider("mx", provider, address, address, provider.host or host)
            for provider, host in known
            if provider is not None
        ]


def _of_provider(source: Source, provider: Provider, address: str, local: str, host: str) -> Found:
    settings = ImapSettings(host, 993, "tls", local if provider.local else address)
    return Found(source, settings, provider, oauth_only=provider.authentication == "oauth2")


def _of_server(server: "Server") -> Found:
    settings = ImapSettings(server.host, server.port, server.security, server.username)
    return Found("autoconfig", settings, providers.of_host(server.host), oauth_only=server.oauth_only)


def _distinct(all_found: Iterable[Found]) -> Iterator[Found]:
    """Each way in once, from the source that counts most."""
    known: set[ImapSettings] = set()
    for found in all_found:
        if found.settings not in known:
            known.add(found.settings)
            yield found


def _ascii(domain: str) -> str | None:
    """The domain as the DNS knows it (RFC 5890), None where it can be none: an address in brackets, a single word."""
    try:
        name = domain.lower().rstrip(".").encode("idna").decode("ascii")
    except UnicodeError:
        return None
    return name if _DOMAIN.fullmatch(name) else None
