"""No customer's host leads into our own network: at saving, at testing, and again when somebody connects."""

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from pydantic import SecretStr

from shared.config import ImapAccount
from shared.errors import PermanentError, TransientError
from shared.events import AuditRecorded
from shared.mailbox import hosts
from shared.mailbox.imap import open_draft_store, open_watch
from shared.mailbox.imap.check import check
from tests.servers.config_api import ConfigApiServer

PRIVATE = [
    *("127.0.0.1", "127.8.9.1", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.0.1", "169.254.169.254"),
    *("100.64.0.1", "100.127.255.255", "0.0.0.0", "224.0.0.1", "239.1.2.3", "240.0.0.1", "255.255.255.255"),
    *("192.0.0.8", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "192.88.99.1"),
    *("::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "fec0::1", "ff02::1", "2001:db8::1", "100::1"),
    *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:100.64.0.1", "::127.0.0.1", "::ffff:0:10.0.0.1"),
    *("64:ff9b::127.0.0.1", "64:ff9b::10.0.0.1", "64:ff9b:1::8.8.8.8", "2002:7f00:1::", "2002:808:808::"),
    *("2001:0:4136:e378:8000:63bf:3fff:fdd2", "5f00::1"),
]
PUBLIC = ["8.8.8.8", "193.99.144.80", "100.63.255.255", "100.128.0.1", "172.32.0.1", "2a01:4f8::1", "::ffff:8.8.8.8"]
SPELLINGS = ["localhost", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "::1", "127.0.0.1"]


@pytest.mark.parametrize("address", PRIVATE)
def test_is_not_public(address: str) -> None:
    assert not hosts.is_public(address)


@pytest.mark.parametrize("address", [*PUBLIC, "64:ff9b::8.8.8.8"])
def test_is_public(address: str) -> None:
    assert hosts.is_public(address)


class Resolver:
    """Stands in for the system's: `answers` are given one after the other, the last one for ever."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.asked = 0
        self._real = socket.getaddrinfo
        monkeypatch.setattr(socket, "getaddrinfo", self._answer)

    def _answer(self, host: str, port: int, *args: Any, **options: Any) -> Any:
        if host != "mail.firma.example":
            return self._real(host, port, *args, **options)
        self.asked += 1
        found = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return [answer for address in found for answer in self._real(address, port, type=socket.SOCK_STREAM)]


@asynccontextmanager
async def a_listener(address: str = "127.0.0.1") -> AsyncGenerator[tuple[int, list[str]]]:
    """Its port, and the addresses at which it was reached."""
    reached: list[str] = []

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        reached.append(writer.get_extra_info("sockname")[0])
        writer.close()

    server = await asyncio.start_server(connected, address, 0)
    async with server:
        yield server.sockets[0].getsockname()[1], reached


def an_account(host: str, port: int) -> ImapAccount:
    return ImapAccount(host=host, port=port, security="starttls", username="anna", password=SecretStr("geheim"))


class TestConnecting:
    @pytest.mark.parametrize("host", SPELLINGS)
    async def test_no_spelling_of_loopback_is_connected_to(self, host: str) -> None:
        async with a_listener() as (port, reached):
            for opening in (open_watch(an_account(host, port), "INBOX"), open_draft_store(an_account(host, port))):
                with pytest.raises(PermanentError, match=r"^host_not_public$"):
                    await opening
            assert (await check(an_account(host, port), "INBOX", private_hosts=False)).reason == "host_not_public"
        assert reached == []

    @pytest.mark.parametrize("answer", [["10.1.2.3"], ["8.8.8.8", "127.0.0.1"], ["127.0.0.1", "8.8.8.8"], ["::1"]])
    async def test_one_private_address_is_enough(self, monkeypatch: pytest.MonkeyPatch, answer: list[str]) -> None:
        Resolver(monkeypatch, answer)
        with pytest.raises(PermanentError, match=r"^host_not_public$"):
            await open_watch(an_account("mail.firma.example", 143), "INBOX")

    async def test_a_name_that_changes_its_answer_does_not_change_where_we_go(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The first answer is what was looked at, so only the first answer is gone to."""
        async with a_listener("0.0.0.0") as (port, reached):
            resolver = Resolver(monkeypatch, ["127.0.0.1"], ["127.0.0.2"])
            with pytest.raises(TransientError):
                await open_watch(an_account("mail.firma.example", port), "INBOX", private_hosts=True, answer_within=2)
        assert (reached, resolver.asked) == (["127.0.0.1"], 1)

    async def test_the_next_address_is_tried(self, monkeypatch: pytest.MonkeyPatch) -> None:
        async with a_listener("127.0.0.2") as (port, reached):
            Resolver(monkeypatch, ["127.0.0.3", "127.0.0.2"])
            with pytest.raises(TransientError):
                await open_watch(an_account("mail.firma.example", port), "INBOX", private_hosts=True, answer_within=2)
        assert reached == ["127.0.0.2"]

    async def test_a_name_without_an_address(self) -> None:
        with pytest.raises(hosts.HostUnknown):
            await hosts.addresses("nirgends.invalid", 993, private_hosts=True)


class TestSaving:
    @pytest.fixture
    def api_settings(self) -> dict[str, Any]:
        return {"private_hosts": False}

    async def test_a_private_host_is_neither_saved_nor_tested(self, api: ConfigApiServer) -> None:
        assistant = await api.an_assistant()
        imap = {"host": "127.0.0.1", "port": 993, "username": "anna", "password": "geheim"}
        path = f"{assistant.organisation}/mailboxes"
        body = {"assistant_id": assistant.id, "address": "anna@firma.example", "imap": imap}
        response = await api.http.post(path, json=body)
        assert (response.status_code, response.json()["reason"]) == (422, "host_not_public")
        public = await api.add(path, **body | {"imap": imap | {"host": "8.8.8.8"}})
        response = await api.http.patch(f"{path}/{public['id']}", json={"imap": {"host": "10.0.0.1", "password": "x"}})
        assert (response.status_code, response.json()["reason"]) == (422, "host_not_public")
        result = (await api.http.post(f"{path}/test", json={"imap": imap})).json()
        assert (result["ok"], result["reason"], result["steps"]) == (
            False,
            "host_not_public",
            [{"step": "host", "ok": False}],
        )
        assert [row["imap"]["host"] for row in (await api.http.get(path)).json()["items"]] == ["8.8.8.8"]

    async def test_the_security_log_is_told(self, api: ConfigApiServer) -> None:
        assistant = await api.an_assistant()
        imap = {"host": "localhost", "port": 993, "username": "anna", "password": "geheim"}
        await api.http.post(f"{assistant.organisation}/mailboxes/test", json={"imap": imap})
        async with asyncio.timeout(10):
            while True:
                event = await api.published.get()
                if isinstance(event, AuditRecorded) and event.action == "mailbox.host_refused":
                    break
        assert (event.outcome, str(event.organisation_id)) == ("host_not_public", assistant.organisation_id)

    async def test_a_name_that_is_not_known_yet_can_be_saved(self, api: ConfigApiServer) -> None:
        """DNS may be down for a moment; whoever connects looks again."""
        assistant = await api.an_assistant()
        imap = {"host": "nirgends.invalid", "port": 993, "username": "anna", "password": "geheim"}
        body = {"assistant_id": assistant.id, "address": "anna@firma.example", "imap": imap}
        await api.add(f"{assistant.organisation}/mailboxes", **body)
