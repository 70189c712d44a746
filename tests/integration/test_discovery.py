"""A mailbox's settings, found from the address alone: by our own table, the domain's file, SRV records and MX."""

import gzip
import time
from collections.abc import AsyncGenerator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from config_api.mailboxes.advice import note
from config_api.mailboxes.discovery import Discovery, Found, ImapSettings, providers
from config_api.mailboxes.discovery.autoconfig import LARGEST, Fetcher, read
from config_api.mailboxes.discovery.lookups import Names
from shared.errors import TransientError
from shared.mailbox import hosts
from tests.servers.config_api import running_config_api
from tests.servers.dns_server import NameServer, a_name_server
from tests.servers.postgres import Postgres
from tests.servers.web import Web, a_web_server

FIRMA = "firma.example"
FILE = f"autoconfig.{FIRMA}/mail/config-v1.1.xml"
WELL_KNOWN = f"{FIRMA}/.well-known/autoconfig/mail/config-v1.1.xml"


def a_file(*servers: str) -> bytes:
    return f'''<?xml version="1.0"?><clientConfig version="1.1"><emailProvider id="{FIRMA}">
        <domain>{FIRMA}</domain>{"".join(servers)}</emailProvider></clientConfig>'''.encode()


def a_server(**changes: str) -> str:
    values = {"hostname": f"imap.{FIRMA}", "port": "993", "socketType": "SSL", "username": "%EMAILADDRESS%"} | changes
    kind = values.pop("type", "imap")
    values.setdefault("authentication", "password-cleartext")
    inside = "".join(f"<{name}>{value}</{name}>" for name, value in values.items())
    return f'<incomingServer type="{kind}">{inside}</incomingServer>'


@pytest.fixture
async def dns() -> AsyncGenerator[NameServer]:
    async with a_name_server({}) as server:
        yield server


@pytest.fixture
async def web(tmp_path: Path) -> AsyncGenerator[Web]:
    async with a_web_server(tmp_path, f"autoconfig.{FIRMA}", FIRMA, "hoster.example") as server:
        yield server


async def on_loopback(host: str, port: int) -> list[str]:
    if not host.endswith(".example"):
        raise TransientError("server_unreachable")
    return ["127.0.0.1"]


@pytest.fixture
def discovery(dns: NameServer, web: Web) -> Discovery:
    return Discovery(Names(dns.resolver()), Fetcher(on_loopback, port=web.port, ssl_context=web.trust))


def said(found: list[Found]) -> list[tuple[str, str, int, str, str]]:
    return [(each.source, *_way(each.settings)) for each in found]


def _way(settings: ImapSettings) -> tuple[str, int, str, str]:
    return settings.host, settings.port, settings.security, settings.username


class TestProviders:
    @pytest.mark.parametrize(
        ("address", "host", "username"),
        [
            ("anna@gmx.de", "imap.gmx.net", "anna@gmx.de"),
            ("anna@GMX.net", "imap.gmx.net", "anna@GMX.net"),
            ("anna@web.de", "imap.web.de", "anna"),
            ("anna@t-online.de", "secureimap.t-online.de", "anna@t-online.de"),
            ("anna@posteo.de", "posteo.de", "anna@posteo.de"),
            ("anna@mailbox.org", "imap.mailbox.org", "anna@mailbox.org"),
            ("anna@freenet.de", "mx.freenet.de", "anna@freenet.de"),
            ("anna@icloud.com", "imap.mail.me.com", "anna"),
            ("anna@googlemail.com", "imap.gmail.com", "anna@googlemail.com"),
            ("anna@arcor.de", "imap.vodafonemail.de", "anna@arcor.de"),
        ],
    )
    async def test_are_known_without_asking_anybody(
        self, discovery: Discovery, dns: NameServer, web: Web, address: str, host: str, username: str
    ) -> None:
        assert said(await discovery.find(address)) == [("provider", host, 993, "tls", username)]
        assert (dns.asked, web.asked) == ([], [])

    def test_each_domain_has_one_provider_and_each_note_its_words(self) -> None:
        domains = [domain for provider in providers.PROVIDERS for domain in provider.domains]
        exchangers = [domain for provider in providers.PROVIDERS for domain in provider.exchangers]
        assert len(set(domains)) == len(domains)
        assert len(set(exchangers)) == len(exchangers)
        for provider in providers.PROVIDERS:
            assert all(note(code, "de") != note(code, "en") for code in provider.notes)

    @pytest.mark.parametrize(
        ("exchanger", "provider", "host"),
        [
            ("mx00.ionos.de", "IONOS", "imap.ionos.de"),
            ("mx01.kundenserver.de", "IONOS", "imap.ionos.de"),
            ("smtpin.rzone.de", "Strato", "imap.strato.de"),
            ("w0123456.kasserver.com", "All-Inkl", "w0123456.kasserver.com"),
            ("mxlb.ispgateway.de", "DomainFactory", "sslin.df.eu"),
            ("www12.your-server.de", "Hetzner", "mail.your-server.de"),
            ("mx1.agenturserver.de", "Mittwald", "mail.agenturserver.de"),
            ("aspmx.l.google.com", "Gmail", "imap.gmail.com"),
            ("firma-example.mail.protection.outlook.com", "Outlook, Microsoft 365", "outlook.office365.com"),
            ("mxext1.mailbox.org", "mailbox.org", "imap.mailbox.org"),
        ],
    )
    async def test_of_a_domain_of_ones_own_are_known_by_its_mx(
        self, discovery: Discovery, dns: NameServer, exchanger: str, provider: str, host: str
    ) -> None:
        dns.zone = {(FIRMA, "MX"): [f"10 {exchanger}.", "20 mx.anderswo.example."]}
        (found,) = await discovery.find(f"info@{FIRMA}")
        assert said([found]) == [("mx", host, 993, "tls", f"info@{FIRMA}")]
        assert found.provider
        assert found.provider.name == provider
        assert found.oauth_only == (host == "outlook.office365.com")

    async def test_a_name_that_only_ends_alike_is_nobodys(self, discovery: Discovery, dns: NameServer) -> None:
        dns.zone = {(FIRMA, "MX"): ["10 mx.notionos.de.", "20 ."]}
        assert await discovery.find(f"info@{FIRMA}") == []


class TestServices:
    async def test_srv_records_by_preference(self, discovery: Discovery, dns: NameServer) -> None:
        dns.zone = {
            (f"_imaps._tcp.{FIRMA}", "SRV"): ["20 0 993 zweiter.firma.example.", "10 5 9993 Erster.firma.example."],
            (f"_imap._tcp.{FIRMA}", "SRV"): ["10 0 143 dritter.firma.example."],
        }
        assert said(await discovery.find(f"info@{FIRMA}")) == [
            ("srv", f"erster.{FIRMA}", 9993, "tls", f"info@{FIRMA}"),
            ("srv", f"zweiter.{FIRMA}", 993, "tls", f"info@{FIRMA}"),
            ("srv", f"dritter.{FIRMA}", 143, "starttls", f"info@{FIRMA}"),
        ]

    async def test_a_target_of_the_root_says_that_there_is_none(self, discovery: Discovery, dns: NameServer) -> None:
        dns.zone = {(f"_imaps._tcp.{FIRMA}", "SRV"): ["0 0 0 ."]}
        assert await discovery.find(f"info@{FIRMA}") == []

    async def test_a_name_server_that_is_silent_holds_nobody_up_for_long(
        self, discovery: Discovery, dns: NameServer, web: Web
    ) -> None:
        web.pages = {FILE: a_file(a_server())}
        dns.silent = {FIRMA, f"_imap._tcp.{FIRMA}", f"_imaps._tcp.{FIRMA}"}
        began = time.monotonic()
        assert [each.source for each in await discovery.find(f"info@{FIRMA}")] == ["autoconfig"]
        assert time.monotonic() - began < 8.5

    @pytest.mark.parametrize("address", ["a@[127.0.0.1]", "a@127.0.0.1", "a@localhost", "a@x..de", f"a@{64 * 'a'}.de"])
    async def test_what_is_no_domain_is_not_asked_for(
        self, discovery: Discovery, dns: NameServer, web: Web, address: str
    ) -> None:
        assert await discovery.find(address) == []
        assert (dns.asked, web.asked) == ([], [])

    async def test_a_domain_with_umlauts(self, discovery: Discovery, dns: NameServer) -> None:
        dns.zone = {("xn--mller-kva.example", "MX"): ["10 mx00.ionos.de."]}
        assert said(await discovery.find("info@Müller.example")) == [
            ("mx", "imap.ionos.de", 993, "tls", "info@Müller.example")
        ]


class TestAutoconfig:
    @pytest.mark.parametrize("where", [FILE, WELL_KNOWN])
    async def test_the_domains_own_file_comes_first(
        self, discovery: Discovery, dns: NameServer, web: Web, where: str
    ) -> None:
        dns.zone = {(f"_imaps._tcp.{FIRMA}", "SRV"): [f"1 1 993 imap.{FIRMA}.", f"2 1 993 andere.{FIRMA}."]}
        web.pages = {
            where: a_file(a_server(), a_server(port="143", socketType="STARTTLS", username="%EMAILLOCALPART%"))
        }
        assert said(await discovery.find(f"info@{FIRMA}")) == [
            ("autoconfig", f"imap.{FIRMA}", 993, "tls", f"info@{FIRMA}"),
            ("autoconfig", f"imap.{FIRMA}", 143, "starttls", "info"),
            ("srv", f"andere.{FIRMA}", 993, "tls", f"info@{FIRMA}"),
        ]

    async def test_the_address_is_told_to_nobody(self, discovery: Discovery, dns: NameServer, web: Web) -> None:
        await discovery.find(f"geheimnisvoll@{FIRMA}")
        assert web.asked
        assert "geheimnisvoll" not in str((web.asked, dns.asked))

    @pytest.mark.parametrize(
        "changes",
        [
            {"type": "pop3"},
            {"socketType": "plain"},
            {"port": "0"},
            {"port": "65536"},
            {"port": "993 " * 100},
            {"hostname": "-"},
            {"hostname": "imap.firma.example/pfad"},
            {"hostname": "%REALNAME%.firma.example"},
            {"username": "%REALNAME%"},
            {"username": "a" * 300},
        ],
    )
    def test_what_cannot_be_used_is_left_out(self, changes: dict[str, str]) -> None:
        document = a_file(a_server(**changes), a_server())
        assert [server.host for server in read(document, f"info@{FIRMA}")] == [f"imap.{FIRMA}"]

    def test_oauth_only(self) -> None:
        document = a_file(a_server(authentication="OAuth2"))
        assert [server.oauth_only for server in read(document, f"info@{FIRMA}")] == [True]

    @pytest.mark.parametrize(
        "document",
        [
            b"",
            b"<html><body>nicht gefunden",
            b"<clientConfig/>",
            b'<!DOCTYPE c [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><clientConfig>&b;</clientConfig>',
            b'<!DOCTYPE c SYSTEM "file:///etc/passwd"><clientConfig/>',
            "<!DOCTYPE c [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><clientConfig>&a;</clientConfig>".encode("utf-16"),
            b"<a>" * 20_000,
            b"\xff\xfe\x00",
        ],
    )
    def test_what_is_no_such_document_says_nothing(self, document: bytes) -> None:
        assert list(read(document, f"info@{FIRMA}")) == []

    def test_an_entity_in_a_real_document_is_not_expanded(self) -> None:
        bomb = a_file(a_server(hostname="&a;")).replace(
            b"<clientConfig", b'<!DOCTYPE clientConfig [<!ENTITY a "boese.example">]><clientConfig', 1
        )
        assert list(read(bomb, f"info@{FIRMA}")) == []


class TestFetching:
    @pytest.fixture
    def fetcher(self, web: Web) -> Fetcher:
        return Fetcher(on_loopback, port=web.port, ssl_context=web.trust)

    async def test_a_redirect_is_followed(self, fetcher: Fetcher, web: Web) -> None:
        web.pages = {FILE: "https://hoster.example/conf.xml", "hoster.example/conf.xml": b"<x/>"}
        assert await fetcher.get(f"https://{FILE}") == b"<x/>"

    async def test_redirects_end_somewhere(self, fetcher: Fetcher, web: Web) -> None:
        web.pages = {FILE: f"https://{FILE}"}
        assert await fetcher.get(f"https://{FILE}") is None
        assert len(web.asked) == 3

    @pytest.mark.parametrize(
        "elsewhere",
        ["http://hoster.example/", "file:///etc/passwd", "https://a:b@hoster.example/", "https://hoster.example:22/"],
    )
    async def test_not_to_just_anywhere(self, fetcher: Fetcher, web: Web, elsewhere: str) -> None:
        web.pages = {FILE: elsewhere, "hoster.example/": b"<x/>"}
        assert await fetcher.get(f"https://{FILE}") is None
        assert len(web.asked) == 1

    async def test_not_more_than_fits(self, fetcher: Fetcher, web: Web) -> None:
        web.pages = {FILE: b"x" * LARGEST, WELL_KNOWN: b"x" * (LARGEST + 1)}
        assert await fetcher.get(f"https://{FILE}") == b"x" * LARGEST
        assert await fetcher.get(f"https://{WELL_KNOWN}") is None

    async def test_nothing_that_would_have_to_be_unpacked(self, fetcher: Fetcher, web: Web) -> None:
        web.pages, web.headers = {FILE: gzip.compress(b"x" * 10**6)}, {"Content-Encoding": "gzip"}
        assert await fetcher.get(f"https://{FILE}") is None

    async def test_from_nobody_without_the_right_certificate(self, web: Web) -> None:
        web.pages = {"anderswo.example/": b"<x/>"}
        fetcher = Fetcher(on_loopback, port=web.port, ssl_context=web.trust)
        assert await fetcher.get("https://anderswo.example/") is None
        untrusting = Fetcher(on_loopback, port=web.port)
        assert await untrusting.get(f"https://{FILE}") is None
        assert web.asked == []

    @pytest.mark.parametrize("url", ["https://localhost/", "https://127.0.0.1/"])
    async def test_in_the_hosted_edition_nothing_from_our_own_network(self, web: Web, url: str) -> None:
        web.pages = {"localhost/": b"<x/>", "127.0.0.1/": b"<x/>"}
        allowed = Fetcher(partial(hosts.addresses, private_hosts=True), port=web.port, ssl_context=web.trust)
        assert await allowed.get("https://127.0.0.1/") == b"<x/>"
        web.asked.clear()
        guarded = Fetcher(partial(hosts.addresses, private_hosts=False), port=web.port, ssl_context=web.trust)
        assert await guarded.get(url) is None
        assert web.asked == []

    async def test_a_redirect_into_our_own_network_is_not_followed(self, web: Web) -> None:
        async def addresses(host: str, port: int) -> list[str]:
            if host == "hoster.example":
                return await hosts.addresses("127.0.0.1", port, private_hosts=False)
            return ["127.0.0.1"]

        web.pages = {FILE: "https://hoster.example/", "hoster.example/": b"<x/>"}
        assert await Fetcher(addresses, port=web.port, ssl_context=web.trust).get(f"https://{FILE}") is None
        assert len(web.asked) == 1


async def test_over_the_api(postgres: Postgres, database: str, discovery: Discovery, dns: NameServer) -> None:
    dns.zone = {(FIRMA, "MX"): ["10 mx00.ionos.de."]}
    async with running_config_api(postgres, database) as api:
        api.app.state.discovery = discovery
        organisation = await api.add("/organisations", name="Hotel Seeblick")
        path = f"/organisations/{organisation['id']}/mailboxes/discover"

        async def asked(address: str, language: str = "de") -> Any:
            response = await api.http.post(path, json={"address": address}, headers={"Accept-Language": language})
            assert response.status_code == 200, response.text
            return response.json()["items"]

        (gmx,) = await asked("info@gmx.de")
        assert gmx["provider"] == "GMX"
        assert gmx["notes"][0]["code"] == "imap_must_be_switched_on"
        assert gmx["notes"][0]["text"].startswith("IMAP muss beim Anbieter erst eingeschaltet werden")
        (gmail,) = await asked("info@gmail.com", "en-GB")
        assert (gmail["authentication"], gmail["notes"][0]["text"][:12]) == ("app_password", "The provider")
        (microsoft,) = await asked("info@outlook.de")
        assert microsoft["authentication"] == "oauth2"
        (own,) = await asked(f"info@{FIRMA}")
        assert own == {
            "source": "mx",
            "provider": "IONOS",
            "imap": {"host": "imap.ionos.de", "port": 993, "security": "tls", "username": f"info@{FIRMA}"},
            "authentication": "password",
            "connect": None,
            "notes": [],
            "help_url": "",
        }
        assert await asked("info@nirgends.example") == []
        response = await api.http.post(path, json={"address": "keine Adresse"})
        assert response.status_code == 422
