"""The settings that a domain publishes itself, as Thunderbird reads them (wiki.mozilla.org, Autoconfiguration).

Both the answer and where it comes from are up to whoever owns the domain, so neither is trusted: only HTTPS, only
public addresses, 64 kB, a few seconds, and XML without a document type, where entities would be.
"""

import re
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from urllib.parse import SplitResult, urljoin, urlsplit

import httpx2

from shared.errors import KinamikError
from shared.mailbox.imap.transport import default_context

if TYPE_CHECKING:
    import ssl
    from xml.etree.ElementTree import Element

FETCHED_WITHIN = 5.0
"""Seconds for each step of a connection; the search bounds the whole."""
LARGEST = 64 * 1024
_REDIRECTS = 2
_ADDRESSES = 2
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
_SECURITY: dict[str | None, Literal["tls", "starttls"]] = {"SSL": "tls", "STARTTLS": "starttls"}
_MOST = 5

Addresses = Callable[[str, int], Awaitable[Sequence[str]]]
"""Resolves a host; raises where one of its addresses is not allowed."""


@dataclass(frozen=True, slots=True)
class Server:
    """An encrypted IMAP server out of such a document."""

    host: str
    port: int
    security: Literal["tls", "starttls"]
    username: str
    oauth_only: bool


class Fetcher:
    """`addresses` says where a host may be reached; the connection goes nowhere else."""

    def __init__(self, addresses: Addresses, *, port: int = 443, ssl_context: "ssl.SSLContext | None" = None) -> None:
        self._addresses = addresses
        self._port = port
        self._ssl_context = ssl_context

    async def get(self, url: str) -> bytes | None:
        """The document, or None where there is none to be had."""
        context = self._ssl_context or default_context()
        async with httpx2.AsyncClient(verify=context, trust_env=False, timeout=FETCHED_WITHIN) as client:
            for _ in range(1 + _REDIRECTS):
                answer = await self._ask(client, urlsplit(url))
                if not isinstance(answer, str):
                    return answer
                url = urljoin(url, answer)
        return None

    async def _ask(self, client: httpx2.AsyncClient, url: SplitResult) -> bytes | str | None:
        """The body, or where to look instead."""
        if (
            url.scheme != "https"
            or url.hostname is None
            or url.netloc != url.hostname
            or not _HOST.fullmatch(url.hostname)
        ):
            return None
        try:
            found = await self._addresses(url.hostname, self._port)
        except KinamikError:
            return None
        for address in found[:_ADDRESSES]:
            try:
                return await _read(client, url, f"[{address}]" if ":" in address else address, self._port)
            except (httpx2.HTTPError, httpx2.InvalidURL, OSError):
                continue
        return None


async def _read(client: httpx2.AsyncClient, url: SplitResult, address: str, port: int) -> bytes | str | None:
    """From this address, with the certificate checked against the host's name."""
    assert url.hostname is not None
    headers = {"Host": url.hostname, "Accept-Encoding": "identity"}
    target = f"https://{address}:{port}{url.path or '/'}" + (f"?{url.query}" if url.query else "")
    async with client.stream(
        "GET", target, headers=headers, extensions={"sni_hostname": url.hostname}, follow_redirects=False
    ) as response:
        if response.has_redirect_location:
            return response.headers["location"]
        if response.status_code != 200 or "content-encoding" in response.headers:
            return None
        body = bytearray()
        async for chunk in response.aiter_raw():
            body += chunk
            if len(body) > LARGEST:
                return None
        return bytes(body)


def read(document: bytes, address: str) -> Iterator[Server]:
    """The encrypted IMAP servers that a document names; none where it is no such document."""
    root = _parsed(document)
    if root is None:
        return
    for entry in root.findall("./emailProvider/incomingServer[@type='imap']")[:_MOST]:
        if (server := _server(entry, address)) is not None:
            yield server


def _parsed(document: bytes) -> "Element | None":
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import ParseError, fromstring

    try:
        return fromstring(document, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError):
        return None


def _server(entry: "Element", address: str) -> Server | None:
    local, _, domain = address.rpartition("@")
    placeholders = {"%EMAILADDRESS%": address, "%EMAILLOCALPART%": local, "%EMAILDOMAIN%": domain}

    def text(name: str) -> str:
        value = (entry.findtext(name) or "").strip()
        for placeholder, meant in placeholders.items():
            value = value.replace(placeholder, meant)
        return value

    host, port, username = text("hostname").lower(), text("port"), text("username") or address
    security = _SECURITY.get(text("socketType"))
    ways = {(way.text or "").strip() for way in entry.findall("authentication")}
    usable = _HOST.fullmatch(host) and port.isdecimal() and 0 < int(port[:6]) < 65536 and username.isprintable()
    if not usable or security is None or "%" in username or len(username) > 200:
        return None
    return Server(host, int(port), security, username, oauth_only=ways == {"OAuth2"})
