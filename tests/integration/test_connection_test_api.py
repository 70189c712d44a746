"""The connection test and a mailbox's health over the API, with the fault and what to do about it in words."""

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from shared.events import MailboxStatus, MailboxStatusChanged
from shared.mailbox.imap.check import Checked
from tests.mails import an_enquiry
from tests.servers.config_api import ConfigApiServer, Resource
from tests.servers.dovecot import Dovecot
from tests.servers.mail_server import HOST, PASSWORD
from tests.servers.peer import a_peer
from tests.servers.scripted_imap import scripted


class TestOverTheApi:
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
        assert [step["ok"] for step in result["steps"]] == [True] * 6, "each but encryption"

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
        connected = asyncio.Semaphore(0)

        async def silent(_: asyncio.StreamReader, __: asyncio.StreamWriter) -> None:
            connected.release()
            await asyncio.sleep(30)

        async with a_peer(silent) as port:
            path = f"{assistant.organisation}/mailboxes/test"
            body = {"imap": imap("anna", port)}
            running = [asyncio.create_task(assistant.api.http.post(path, json=body, timeout=20)) for _ in range(3)]
            for _ in running:
                await asyncio.wait_for(connected.acquire(), 10)
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
