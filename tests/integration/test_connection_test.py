"""A connection test names the first thing that is wrong with a mailbox's settings, and changes nothing."""

import asyncio
import ssl
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from pydantic import SecretStr
from starlette.applications import Starlette

from shared.config import ImapAccount
from shared.events import MailboxStatus, MailboxStatusChanged
from shared.mailbox.imap.check import Checked, check
from tests.mails import an_enquiry
from tests.servers.certificate import write_certificate
from tests.servers.config_api import ConfigApiServer, Resource, running_config_api, serving
from tests.servers.dovecot import Dovecot, StartDovecot
from tests.servers.dovecot_config import Options
from tests.servers.mail_server import HOST, PASSWORD, account, client, free_ports
from tests.servers.postgres import Postgres
from tests.servers.pymap_server import USER, Pymap
from tests.servers.scripted_imap import CLOSE, Answers, scripted
from tests.servers.web import a_web_server

pytest_plugins = ("tests.servers.fixtures",)

ALL = ["host", "connection", "encryption", "greeting", "login", "folder", "drafts"]
IN_THE_CLEAR = [step for step in ALL if step != "encryption"]
WITH_STARTTLS = ["host", "connection", "greeting", "encryption", "login", "folder", "drafts"]


async def checked(
    account: ImapAccount, folder: str = "INBOX", drafts: str = "", context: ssl.SSLContext | None = None
) -> Checked:
    return await check(account, folder, drafts, private_hosts=True, ssl_context=context, answer_within=2)


def first_fault(result: Checked) -> tuple[str | None, str, str]:
    return result.at, result.reason, result.detail


class TestDovecot:
    @pytest.mark.parametrize(("security", "steps"), [("tls", ALL), ("starttls", WITH_STARTTLS), ("none", IN_THE_CLEAR)])
    async def test_all_is_well(self, dovecot: Dovecot, security: Any, steps: list[str]) -> None:
        user = f"gut-{security}"
        for number in range(3):
            dovecot.deliver(user, an_enquiry(number)[1])
        result = await checked(dovecot.account(user, security), context=dovecot.trust())
        assert (result.steps, result.reason) == (steps, "")
        assert (result.messages, result.drafts_folder) == (3, "Drafts")

    async def test_a_wrong_password(self, dovecot: Dovecot) -> None:
        wrong = dovecot.account("anna", "tls").model_copy(update={"password": SecretStr("falsch")})
        result = await checked(wrong, context=dovecot.trust())
        assert first_fault(result) == ("login", "credentials_refused", "")

    async def test_a_certificate_of_its_own(self, dovecot: Dovecot) -> None:
        assert first_fault(await checked(dovecot.account("anna", "tls"))) == (
            "encryption",
            "certificate_not_valid",
            "self_signed",
        )

    async def test_a_certificate_for_another_name(self, start_dovecot: StartDovecot) -> None:
        dovecot = start_dovecot(Options())
        dovecot.stop()
        write_certificate(dovecot.folder, "imap.anderswo.example", address="192.0.2.1")
        dovecot.start()
        for security in ("tls", "starttls"):
            result = await checked(dovecot.account("anna", security), context=dovecot.trust())
            assert first_fault(result) == ("encryption", "certificate_not_valid", "wrong_name")

    async def test_a_certificate_that_has_expired(self, start_dovecot: StartDovecot) -> None:
        dovecot = start_dovecot(Options())
        dovecot.stop()
        write_certificate(dovecot.folder, expired=True)
        dovecot.start()
        result = await checked(dovecot.account("anna", "tls"), context=dovecot.trust())
        assert first_fault(result) == ("encryption", "certificate_not_valid", "expired")

    async def test_nothing_is_created(self, bare_dovecot: Dovecot) -> None:
        bare_dovecot.deliver("ohne", an_enquiry(1)[1])
        result = await checked(bare_dovecot.account("ohne"))
        assert (result.reason, result.drafts_folder, result.messages) == ("", "", 1)
        with client(bare_dovecot, "ohne") as connection:
            _, folders = connection.list()
            _, (unseen,) = connection.select("INBOX") and connection.search(None, "UNSEEN")
        assert [str(folder).rsplit(" ", 1)[-1] for folder in folders] == ["INBOX'"]
        assert unseen == b"1"

    async def test_the_owners_choice_of_a_drafts_folder(self, dovecot: Dovecot) -> None:
        with client(dovecot, "wahl") as connection:
            connection.create("Vorlagen")
        assert (await checked(dovecot.account("wahl"), drafts="Vorlagen")).drafts_folder == "Vorlagen"

    async def test_a_folder_that_is_missing(self, dovecot: Dovecot) -> None:
        result = await checked(dovecot.account("anna"), folder="Gibt es nicht")
        assert first_fault(result) == ("folder", "folder_missing", "")

    async def test_tls_where_there_is_none(self, dovecot: Dovecot) -> None:
        result = await checked(account(dovecot.port, "anna", "tls"))
        assert first_fault(result) == ("encryption", "tls_failed", "")

    @pytest.mark.parametrize("security", ["starttls", "none"])
    async def test_no_tls_where_there_is_some(self, dovecot: Dovecot, security: Any) -> None:
        result = await checked(account(dovecot.tls_port, "anna", security))
        assert first_fault(result) == ("greeting", "not_imap", "")


async def test_pymap(pymap: Pymap) -> None:
    pymap.deliver(USER, an_enquiry(1)[1])
    result = await checked(pymap.account())
    assert (result.steps, result.reason) == (IN_THE_CLEAR, "")
    assert result.messages
    assert first_fault(await checked(account(pymap.port, USER, "starttls"))) == ("encryption", "starttls_missing", "")


class TestNoServer:
    async def test_an_unknown_name(self) -> None:
        nowhere = account(993, "anna", "tls").model_copy(update={"host": "nirgends.invalid"})
        assert first_fault(await checked(nowhere)) == ("host", "host_unknown", "")

    async def test_a_closed_port(self) -> None:
        (port,) = free_ports(1)
        assert first_fault(await checked(account(port, "anna", "tls"))) == ("connection", "port_closed", "")

    async def test_no_encryption_to_another_machine(self) -> None:
        elsewhere = account(143, "anna").model_copy(update={"host": "192.0.2.1"})
        assert first_fault(await checked(elsewhere)) == (None, "tls_required", "")

    async def test_a_web_server(self, tmp_path: Path) -> None:
        """It waits for us to speak first, as silent servers do."""
        async with serving(Starlette()) as url:
            result = await checked(account(int(url.rsplit(":", 1)[1]), "anna"))
        assert first_fault(result) == ("greeting", "not_imap", "")
        async with a_web_server(tmp_path, "localhost") as web:
            result = await checked(account(web.port, "anna", "tls"), context=web.trust)
        assert first_fault(result) == ("greeting", "not_imap", "")

    @pytest.mark.parametrize(
        "greeting", [b"220 mail ESMTP\r\n", b"+OK POP3\r\n", b"SSH-2.0-OpenSSH\r\n", b"\0\1\2\r\n"]
    )
    async def test_another_protocol(self, greeting: bytes) -> None:
        async with scripted(greeting=greeting) as peer:
            assert first_fault(await checked(peer.account())) == ("greeting", "not_imap", "")

    async def test_a_server_that_says_nothing(self) -> None:
        async with a_peer(lambda reader, writer: asyncio.sleep(30)) as port:
            began = time.monotonic()
            result = await checked(account(port, "anna"))
        assert first_fault(result) == ("greeting", "connection_timed_out", "")
        assert time.monotonic() - began < 15

    @pytest.mark.parametrize("security", ["tls", "starttls", "none"])
    async def test_a_server_that_drips(self, security: Any) -> None:
        """Never silent for long, and never done: the whole has a bound of its own."""

        async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            while True:
                writer.write(b"*")
                await writer.drain()
                await asyncio.sleep(0.2)

        async with a_peer(drip) as port:
            began = time.monotonic()
            result = await check(account(port, "anna", security), "INBOX", private_hosts=True)
        assert result.reason in ("connection_timed_out", "tls_failed", "not_imap")
        assert time.monotonic() - began < 15

    async def test_a_server_that_never_ends_its_answer(self) -> None:
        answers: Answers = {"LIST": [b'* LIST () "/" x\r\n'] * 3}
        async with scripted(answers) as peer:
            began = time.monotonic()
            result = await checked(peer.account())
        assert first_fault(result) == ("drafts", "connection_timed_out", "")
        assert time.monotonic() - began < 15


class TestRefusals:
    @pytest.mark.parametrize(
        ("answer", "reason"),
        [
            ("[ALERT] Application-specific password required: https://support.google.com", "app_password_required"),
            ("[AUTHENTICATIONFAILED] Use an app-specific password", "app_password_required"),
            ("[ALERT] Your account is not enabled for IMAP use. Please visit", "imap_switched_off"),
            ("[ALERT] IMAP access is disabled for your domain.", "imap_switched_off"),
            ("You are yet to enable IMAP for your account.", "imap_switched_off"),
            ("[AUTHENTICATIONFAILED] Authentication failed", "credentials_refused"),
            ("[UNAVAILABLE] try later", "server_busy"),
        ],
    )
    async def test_what_providers_say(self, answer: str, reason: str) -> None:
        async with scripted({"AUTHENTICATE": [f"%T NO {answer}\r\n".encode()]}) as peer:
            assert first_fault(await checked(peer.account())) == ("login", reason, "")

    async def test_a_busy_server(self) -> None:
        async with scripted(greeting=b"* BYE too many connections\r\n") as peer:
            assert first_fault(await checked(peer.account())) == ("greeting", "server_busy", "")

    async def test_a_server_that_hangs_up(self) -> None:
        async with scripted({"AUTHENTICATE": [CLOSE]}) as peer:
            assert first_fault(await checked(peer.account())) == ("login", "server_refused", "")


class TestOverTheApi:
    @pytest.fixture
    async def api(self, postgres: Postgres, database: str) -> AsyncGenerator[ConfigApiServer]:
        async with running_config_api(postgres, database) as server:
            yield server

    @pytest.fixture
    async def assistant(self, api: ConfigApiServer) -> Resource:
        return await api.an_assistant()

    async def tried(self, assistant: Resource, language: str = "de", **body: Any) -> Any:
        headers = {"Accept-Language": language}
        response = await assistant.api.http.post(
            f"{assistant.organisation}/mailboxes/test", json=body, headers=headers, timeout=20
        )
        assert response.status_code == 200, response.text
        return response.json()

    async def test_new_settings(self, assistant: Resource, dovecot: Dovecot) -> None:
        dovecot.deliver("neu", an_enquiry(1)[1])
        result = await self.tried(assistant, imap=imap("neu", dovecot.port))
        assert (result["ok"], result["messages"], result["drafts_folder"]) == (True, 1, "Drafts")
        assert result["sentence"] == "Die Verbindung funktioniert."
        assert [step["ok"] for step in result["steps"]] == [True] * len(IN_THE_CLEAR)

    async def test_the_fault_in_words(self, assistant: Resource, dovecot: Dovecot) -> None:
        tls = imap("anna", dovecot.tls_port) | {"security": "tls"}
        result = await self.tried(assistant, "en", imap=tls)
        assert (result["ok"], result["reason"], result["detail"]) == (False, "certificate_not_valid", "self_signed")
        assert result["sentence"].startswith("The mail server has issued its certificate itself")
        assert result["steps"] == [
            {"step": "host", "ok": True},
            {"step": "connection", "ok": True},
            {"step": "encryption", "ok": False},
        ]

    async def test_without_a_drafts_folder(self, assistant: Resource, bare_dovecot: Dovecot) -> None:
        result = await self.tried(assistant, imap=imap("ohne", bare_dovecot.port))
        assert (result["ok"], result["drafts_folder"]) == (True, "")
        assert "wird mit dem ersten Entwurf angelegt" in result["advice"]

    async def test_a_stored_mailbox_with_its_stored_password(self, assistant: Resource, dovecot: Dovecot) -> None:
        mailbox = await assistant.mailbox(imap=imap("alt", dovecot.port))
        assert (await self.tried(assistant, mailbox_id=mailbox["id"]))["ok"]
        result = await self.tried(assistant, mailbox_id=mailbox["id"], folder="Fehlt")
        assert result["reason"] == "folder_missing"
        result = await self.tried(assistant, mailbox_id=mailbox["id"], imap={"password": "falsch"})
        assert result["reason"] == "credentials_refused"

    @pytest.mark.parametrize("field", ["host", "port", "security", "username"])
    async def test_the_stored_password_goes_to_no_other_server(
        self, assistant: Resource, dovecot: Dovecot, field: str
    ) -> None:
        mailbox = await assistant.mailbox(imap=imap("alt", dovecot.port))
        async with scripted() as thief:
            other = {"host": "localhost", "port": thief.port, "security": "starttls", "username": "anna"}
            body = {"mailbox_id": mailbox["id"], "imap": {"port": thief.port, field: other[field]}}
            response = await assistant.api.http.post(f"{assistant.organisation}/mailboxes/test", json=body)
            assert (response.status_code, response.json()["reason"]) == (422, "password_required")
            assert thief.received == []

    async def test_nobody_elses_mailbox(self, api: ConfigApiServer, assistant: Resource, dovecot: Dovecot) -> None:
        mailbox = await assistant.mailbox(imap=imap("alt", dovecot.port))
        other = await api.an_assistant("Nachbar")
        response = await api.http.post(f"{other.organisation}/mailboxes/test", json={"mailbox_id": mailbox["id"]})
        assert (response.status_code, response.json()["reason"]) == (404, "mailbox_unknown")

    @pytest.mark.parametrize(
        ("host", "reason", "code"),
        [
            ("imap.mail.me.com", "app_password_required", "app_password_required"),
            ("outlook.office365.com", "oauth_required", "oauth_only"),
            ("imap.gmx.net", "credentials_refused", "imap_must_be_switched_on"),
        ],
    )
    async def test_what_is_known_of_the_provider_is_added(
        self, assistant: Resource, monkeypatch: pytest.MonkeyPatch, host: str, reason: str, code: str
    ) -> None:
        """These say no more than that they refuse."""

        async def refused(*_: Any, **__: Any) -> Checked:
            return Checked(["host", "connection", "encryption", "greeting", "login"], "credentials_refused")

        monkeypatch.setattr("config_api.mailboxes.endpoints.check", refused)
        result = await self.tried(assistant, imap=imap("anna", 993) | {"host": host, "security": "tls"})
        assert (result["reason"], result["notes"][0]["code"]) == (reason, code)

    async def test_a_few_at_once_and_no_more(self, assistant: Resource) -> None:
        async with a_peer(lambda reader, writer: asyncio.sleep(30)) as port:
            path = f"{assistant.organisation}/mailboxes/test"
            body = {"imap": imap("anna", port)}
            running = [asyncio.create_task(assistant.api.http.post(path, json=body, timeout=20)) for _ in range(3)]
            await asyncio.sleep(0.5)
            response = await assistant.api.http.post(path, json=body)
            assert (response.status_code, response.json()["reason"]) == (429, "too_many_at_once")
            assert {task.result().status_code for task in (await asyncio.wait(running))[0]} == {200}
        assert (await assistant.api.http.post(path, json=body)).status_code == 200

    @pytest.mark.parametrize(
        "body",
        [{}, {"imap": {}}, {"mailbox_id": "keine"}, {"imap": {"host": "x", "username": "a", "password": ""}}, []],
    )
    async def test_what_is_missing(self, assistant: Resource, body: Any) -> None:
        response = await assistant.api.http.post(f"{assistant.organisation}/mailboxes/test", json=body)
        assert response.status_code == 422, response.text


class TestHealth:
    @pytest.fixture
    async def api(self, postgres: Postgres, database: str) -> AsyncGenerator[ConfigApiServer]:
        async with running_config_api(postgres, database) as server:
            yield server

    async def test_from_the_first_hour_to_the_last(self, api: ConfigApiServer) -> None:
        assistant = await api.an_assistant()
        mailbox = await assistant.mailbox()
        path = f"{assistant.organisation}/mailboxes/{mailbox['id']}"

        async def health(language: str = "de") -> Any:
            response = await api.http.get(f"{path}/health", headers={"Accept-Language": language})
            assert response.status_code == 200, response.text
            return response.json()

        async def report(status: MailboxStatus, reason: str = "") -> None:
            event = MailboxStatusChanged(
                organisation_id=UUID(assistant.organisation_id),
                mailbox_id=UUID(mailbox["id"]),
                status=status,
                reason=reason,
            )
            proof = event.occurred_at if status is MailboxStatus.WATCHING else None
            await handler(event.model_copy(update={"last_proof_at": proof}))

        handler: Callable[[MailboxStatusChanged], Any] = next(
            each.handler for each in api.service.subscriptions() if each.event is MailboxStatusChanged
        )
        assert [(await health())[key] for key in ("state", "reason")] == ["waiting", "not_tried_yet"]
        await report(MailboxStatus.WATCHING)
        first = await health()
        assert (first["state"], first["sentence"]) == ("working", "Alles in Ordnung: Das Postfach wird überwacht.")
        await report(MailboxStatus.WATCHING)
        again = await health()
        assert again["since"] == first["since"]
        assert again["last_proof_at"] > first["last_proof_at"]
        await report(MailboxStatus.STOPPED, "credentials_refused")
        stopped = await health("en")
        assert (stopped["state"], stopped["reason"]) == ("stopped", "credentials_refused")
        assert stopped["since"] > again["last_proof_at"] == stopped["last_proof_at"]
        assert stopped["sentence"] == "The mail server refuses the user name or the password."
        assert stopped["advice"]
        await report(MailboxStatus.RETRYING, "something_new")
        assert (await health())["sentence"] == "Der Mailserver meldet einen Fehler."
        switches = {path: "mailbox_off", assistant.path: "assistant_off", assistant.organisation: "organisation_off"}
        for switch, reason in switches.items():
            await api.change(switch, active=False)
            assert [(await health())[key] for key in ("state", "reason")] == ["off", reason]

    async def test_silence_is_no_health(self, api: ConfigApiServer) -> None:
        assistant = await api.an_assistant()
        mailbox = await assistant.mailbox()
        async with api.service.database.outside_transactions() as connection:
            await connection.exec_driver_sql(
                "UPDATE config.mailbox SET status = 'watching', status_at = now() - interval '40 minutes',"
                " last_proof_at = now() - interval '40 minutes'"
            )
        health = (await api.http.get(f"{assistant.organisation}/mailboxes/{mailbox['id']}/health")).json()
        assert (health["state"], health["reason"]) == ("waiting", "no_proof_lately")
        assert health["since"] == health["last_proof_at"]


def imap(user: str, port: int) -> dict[str, Any]:
    return {"host": HOST, "port": port, "security": "none", "username": user, "password": PASSWORD}


@asynccontextmanager
async def a_peer(behaviour: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Any]) -> AsyncGenerator[int]:
    tasks: set[asyncio.Task[None]] = set()

    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(ConnectionError):
                await behaviour(reader, writer)
        finally:
            writer.transport.abort()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(asyncio.create_task(behave(reader, writer)))

    server = await asyncio.start_server(connected, HOST, 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
