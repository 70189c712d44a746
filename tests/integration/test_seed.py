"""The demo hotel, made through config-api's public API."""

from typing import Any

import pytest

from embedded.demo_drafts import without_quote
from embedded.demo_mails import demo_messages
from embedded.seed import load_demo, seed
from tests.servers.config_api import ADMIN_TOKEN, ConfigApiServer, running_config_api
from tests.servers.postgres import Postgres


async def items(api: ConfigApiServer, path: str) -> list[dict[str, Any]]:
    return (await api.http.get(path, params={"limit": 500})).json()["items"]


async def hotel(api: ConfigApiServer) -> dict[str, list[dict[str, Any]]]:
    (organisation,) = await items(api, "/organisations")
    root = f"/organisations/{organisation['id']}"
    (assistant,) = await items(api, f"{root}/assistants")
    return {
        "path": [f"{root}/assistants/{assistant['id']}"],
        "mailboxes": await items(api, f"{root}/mailboxes"),
        "knowledge": await items(api, f"{root}/assistants/{assistant['id']}/knowledge"),
    }


async def test_the_hotel_is_made_once_and_its_owner_has_the_last_word(postgres: Postgres, database: str) -> None:
    async with running_config_api(postgres, database) as api:
        await seed(api.url, ADMIN_TOKEN, imap_port=2143)
        made = await hotel(api)
        assert len(made["knowledge"]) >= 20
        (mailbox,) = made["mailboxes"]
        assert (mailbox["address"], mailbox["imap"]["port"]) == ("demo@hotel-seeblick.example", 2143)

        deleted = made["knowledge"][0]["id"]
        assert (await api.http.delete(f"{made['path'][0]}/knowledge/{deleted}")).status_code == 204
        await seed(api.url, ADMIN_TOKEN, imap_port=2143)
        again = await hotel(api)
        assert again["mailboxes"] == made["mailboxes"]
        assert [entry["id"] for entry in again["knowledge"]] == [entry["id"] for entry in made["knowledge"][1:]]


async def test_another_imap_port_is_followed(postgres: Postgres, database: str) -> None:
    async with running_config_api(postgres, database) as api:
        await seed(api.url, ADMIN_TOKEN, imap_port=2143)
        await seed(api.url, ADMIN_TOKEN, imap_port=3143)
        (mailbox,) = (await hotel(api))["mailboxes"]
        assert mailbox["imap"]["port"] == 3143


def test_every_entry_is_worth_having() -> None:
    entries = load_demo()["knowledge"]
    assert len({entry["question"] for entry in entries}) == len(entries) >= 20
    assert all(entry["examples"] and len(entry["answer"]) > 80 for entry in entries)


def test_every_run_of_the_demo_has_message_ids_of_its_own() -> None:
    first, second = ([mail.message_id for mail in demo_messages()] for _ in range(2))
    assert len({*first, *second}) == 10


@pytest.mark.parametrize(
    "introduction",
    ["Am 3. März 2026 um 10:12 schrieb Eva Huber <e@example.org>:", "On 3 March 2026 at 10:12, Eva wrote:", "> Hallo"],
)
def test_the_screen_shows_a_draft_without_the_original(introduction: str) -> None:
    assert without_quote(f"Guten Tag,\n\ngern.\n\n{introduction}\n> Frage?\n") == "Guten Tag,\n\ngern."
