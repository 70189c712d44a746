"""Looking into mailboxes at Google and Microsoft for somebody who waits. Nothing there is changed."""

import logging
import time
from datetime import datetime, timedelta
from typing import Any

import httpx2
import pytest

from shared.events import DraftProposed
from tests.looking import NOW, OF_MACHINES, a_mail, ago, settled
from tests.servers.config_api import ConfigApiServer
from tests.servers.connecting import Accounts, House, a_house, aged
from tests.servers.looked_into import AtGoogle, AtMicrosoft, LookedInto
from tests.servers.person import Person

pytest_plugins = ("tests.servers.fixtures",)

KINDS = {"gmail": AtGoogle, "graph": AtMicrosoft}
GONE = ("change_draft", "replace_draft", "send_draft", "delete_draft")


@pytest.fixture
def api_settings(accounts: Accounts) -> dict[str, Any]:
    return accounts.settings()


@pytest.fixture
async def house(anna: Person) -> House:
    return await a_house(anna)


@pytest.fixture(params=KINDS)
async def box(request: pytest.FixtureRequest, accounts: Accounts, house: House) -> LookedInto:
    address = accounts.next()
    return KINDS[request.param](accounts, await house.connected(request.param, address), address)


async def last(house: House, box: LookedInto) -> httpx2.Response:
    return await house.person.http.post(f"{house.path}/mailboxes/{box.id}/last-unanswered", timeout=20)


async def subject(house: House, box: LookedInto) -> str | None:
    response = await last(house, box)
    assert response.status_code in (200, 204), response.text
    return response.json()["subject"] if response.status_code == 200 else None


async def draft(house: House, message: object) -> httpx2.Response:
    return await house.person.http.get(f"{house.path}/activity/{message}/draft", timeout=20)


async def watching(house: House, box: LookedInto, folder: str) -> None:
    response = await house.person.http.patch(f"{house.path}/mailboxes/{box.id}", json={"folder": folder})
    assert response.status_code == 200, response.text


async def drafted(house: House, event: DraftProposed) -> None:
    await settled(house.person.api.service, event, house.path.rsplit("/", 1)[-1], house.assistant)


def refusal(response: httpx2.Response) -> tuple[int, str]:
    return response.status_code, response.json()["reason"]


class TestLastUnanswered:
    async def test_it_is_shown_and_nothing_is_marked(
        self, api: ConfigApiServer, house: House, box: LookedInto, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        text = "Guten Tag, wann öffnen Sie?\n\n" + "Wir freuen uns. " * 400
        received = ago(hours=5)
        box.deliver(a_mail("Öffnungszeiten", "Karin Albrecht <k.albrecht@example.org>", text), received)
        box.deliver(a_mail("ältere"), ago(hours=6))
        response = await last(house, box)
        assert response.status_code == 200, response.text
        found = response.json()
        assert (found["from_name"], found["subject"]) == ("Karin Albrecht", "Öffnungszeiten")
        assert found["body_text"].startswith("Guten Tag, wann öffnen Sie?")
        assert len(found["body_text"]) == 4000
        assert datetime.fromisoformat(found["received_at"]) == received
        assert datetime.fromisoformat(found["watch_since"]) == received - timedelta(seconds=1)
        assert box.unread() == 2
        assert ("mailbox.looked_into", box.id) in [(event.action, event.subject) for event in await api.recorded()]
        assert "Albrecht" not in caplog.text

    async def test_what_is_answered_or_in_the_junk_folder_is_passed_over(self, house: House, box: LookedInto) -> None:
        box.deliver(a_mail("offen"), ago(hours=3))
        box.answer(box.deliver(a_mail("beantwortet"), ago(hours=2)))
        box.to_junk(box.deliver(a_mail("Spam"), ago(hours=1)))
        assert await subject(house, box) == "offen"

    async def test_in_a_watched_junk_folder_nobody_waits(self, house: House, box: LookedInto) -> None:
        box.to_junk(box.deliver(a_mail("Spam"), ago(hours=1)))
        await watching(house, box, box.junk)
        assert await subject(house, box) is None

    async def test_machines_and_ourselves_are_passed_over(self, house: House, box: LookedInto) -> None:
        path = f"{house.path}/mailboxes/{box.id}"
        response = await house.person.http.patch(path, json={"aliases": ["Chef@hotel-seeblick.example"]})
        assert response.status_code == 200, response.text
        senders = (f"Wir <{box.address.upper()}>", "Chef <chef@hotel-seeblick.example>")
        others: list[dict[str, str]] = [*OF_MACHINES, *({"sender": sender} for sender in senders)]
        for number, headers in enumerate(others):
            box.deliver(a_mail(f"Mensch {number}", Auto_Submitted="no"), ago(days=7 - number))
            box.deliver(a_mail("von keinem Menschen", **headers), ago(days=7 - number) + timedelta(hours=1))
            assert await subject(house, box) == f"Mensch {number}", headers

    async def test_behind_many_newsletters(self, house: House, box: LookedInto) -> None:
        """More than are read at once."""
        box.deliver(a_mail("offen"), ago(days=1))
        for number in range(27):
            box.deliver(a_mail("Ausgabe", List_Id="<liste.example>"), ago(hours=20) + timedelta(minutes=number))
        assert await subject(house, box) == "offen"

    async def test_what_is_too_old_or_not_there(self, house: House, box: LookedInto) -> None:
        assert await subject(house, box) is None
        box.deliver(a_mail("alt"), ago(days=14, minutes=1))
        assert await subject(house, box) is None
        box.deliver(a_mail("gerade noch"), ago(days=14) + timedelta(minutes=3))
        assert await subject(house, box) == "gerade noch"

    async def test_what_only_just_came_and_no_search_knows_yet(self, accounts: Accounts, house: House) -> None:
        address = accounts.next()
        box = AtGoogle(accounts, await house.connected("gmail", address), address)
        accounts.google.google.gmail.unsearchable.add(box.deliver(a_mail("neu"), NOW))
        assert await subject(house, box) == "neu"


class TestDraft:
    async def test_it_is_shown_as_it_lies_there(self, api: ConfigApiServer, house: House, box: LookedInto) -> None:
        event = await box.save()
        await drafted(house, event)
        response = await draft(house, event.message_id)
        assert response.status_code == 200, response.text
        found = response.json()
        assert found["text"] == "Guten Tag,\n\nab sieben Uhr.\n\nIhr Team vom Hotel"
        quoted = found["quoted"].split("\n")
        assert any(line.startswith("> ") for line in quoted)
        assert "Haben Sie geöffnet?" in found["quoted"] or "Wann gibt es Frühstück?" in found["quoted"]
        assert found["to"] == ["Gast, Anna <gast@example.org>"]
        assert (found["folder"], found["mailbox_id"]) == (box.drafts, box.id)
        assert found["subject"].endswith(": Frage zum Frühstück")
        assert ("draft.read", str(event.message_id)) in [(each.action, each.subject) for each in await api.recorded()]

    async def test_each_message_has_its_own(self, house: House, box: LookedInto) -> None:
        first, second = await box.save(), await box.save()
        for event in (first, second, first.model_copy(update={"generation": 1, "message_id": second.mailbox_id})):
            await drafted(house, event)
        assert [(await draft(house, event.message_id)).json()["message_id"] for event in (first, second)] == [
            str(first.message_id),
            str(second.message_id),
        ]
        assert refusal(await draft(house, second.mailbox_id)) == (404, "draft_gone")

    @pytest.mark.parametrize("what", GONE)
    async def test_what_a_person_has_changed_sent_or_deleted_is_gone(
        self, house: House, box: LookedInto, what: str
    ) -> None:
        event = await box.save()
        await drafted(house, event)
        assert (await draft(house, event.message_id)).status_code == 200
        getattr(box, what)()
        assert refusal(await draft(house, event.message_id)) == (404, "draft_gone")


class TestInTrouble:
    async def test_a_provider_that_takes_its_time(
        self, house: House, box: LookedInto, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("config_api.mailboxes.looking.WITHIN", 1.5)
        box.delay(8)
        began = time.monotonic()
        assert refusal(await last(house, box)) == (409, "mailbox_not_readable")
        assert time.monotonic() - began < 8

    async def test_a_token_that_has_ended_is_renewed(self, house: House, box: LookedInto) -> None:
        box.deliver(a_mail("offen"), ago(hours=3))
        box.expire()
        assert await subject(house, box) == "offen"

    async def test_a_grant_that_is_no_more(self, house: House, box: LookedInto) -> None:
        event = await box.save()
        await drafted(house, event)
        box.revoke()
        await aged(house.person.api, minutes=31)
        assert refusal(await last(house, box)) == (409, "access_revoked")
        response = await draft(house, event.message_id)
        assert refusal(response) == (409, "access_revoked")
        assert "neu" in response.json()["detail"]

    async def test_a_folder_that_is_not_there(self, house: House, box: LookedInto) -> None:
        await watching(house, box, "Fehlt")
        assert refusal(await last(house, box)) == (409, "mailbox_not_readable")
