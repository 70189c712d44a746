"""Microsoft's word that a mailbox has changed: it has to be theirs, and brings nothing but a look."""

import json
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest

from shared.events import MailboxChanged
from shared.mailbox.graph.notifications import client_state, secret_of
from tests.servers.config_api import ConfigApiServer
from tests.servers.person import a_browser, sql

PATH = "/graph/notifications"
MAILBOX = uuid4()


def notice(api: ConfigApiServer, mailbox: UUID = MAILBOX, **values: Any) -> dict[str, Any]:
    """As Graph sends it (https://learn.microsoft.com/graph/change-notifications-delivery-webhooks)."""
    return {
        "subscriptionId": str(uuid4()),
        "clientState": client_state(str(mailbox), secret_of(api.service.settings.service_token)),
        "changeType": "created",
        "resource": "me/mailFolders('inbox')/messages/AAMk",
    } | values


async def tell(api: ConfigApiServer, *notices: Any) -> httpx2.Response:
    """Without any cookie or token, as from Microsoft."""
    return await a_browser(api).post(PATH, json={"value": list(notices)})


async def heard(api: ConfigApiServer) -> list[tuple[UUID, bool]]:
    """What is told on the bus, and whether the subscription is in doubt."""
    for _ in range(500):
        if await sql(api, "SELECT count(*) FROM config.config_outbox") == [(0,)]:
            break
    events = [api.published.get_nowait() for _ in range(api.published.qsize())]
    return [(event.mailbox_id, event.in_doubt) for event in events if isinstance(event, MailboxChanged)]


@pytest.mark.parametrize("token", ["Validation: Testing client application reachability", "<b>ä</b>&x=1"])
async def test_the_question_whether_we_are_there_is_answered_with_its_own_words(
    api: ConfigApiServer, token: str
) -> None:
    answer = await a_browser(api).post(PATH, params={"validationToken": token})
    assert (answer.status_code, answer.text) == (200, token)
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_a_change_is_told_on_the_bus(api: ConfigApiServer) -> None:
    other = uuid4()
    answer = await tell(api, notice(api), notice(api), notice(api, other))
    assert (answer.status_code, answer.content) == (202, b"")
    assert sorted(await heard(api)) == sorted([(MAILBOX, False), (other, False)])


@pytest.mark.parametrize(
    ("event", "in_doubt"), [("reauthorizationRequired", True), ("subscriptionRemoved", True), ("missed", False)]
)
async def test_what_becomes_of_the_subscription_is_told(api: ConfigApiServer, event: str, in_doubt: bool) -> None:
    assert (await tell(api, notice(api, lifecycleEvent=event), notice(api))).status_code == 202
    assert await heard(api) == [(MAILBOX, in_doubt)]


async def test_what_is_forged_is_not_heard(api: ConfigApiServer) -> None:
    real = notice(api)["clientState"]
    named, _, proof = real.rpartition(".")
    others = client_state(str(MAILBOX), secret_of(type(api.service.settings.service_token)("another's")))
    forged = ["", "x", others, f"{uuid4()}.{named.partition('.')[2]}.{proof}", f"{named}.{'0' * 64}", proof, None, 7]
    for state in (*forged, f"{named}.ä", f"{named}.\ud800", {"a": real}, [real]):
        body = json.dumps({"value": [notice(api, clientState=state)]}).encode()
        assert (await a_browser(api).post(PATH, content=body)).status_code == 202, state
    assert (await tell(api, {"subscriptionId": "x"})).status_code == 202
    assert await heard(api) == []


NONSENSE = {
    "empty": b"",
    "cut off": b"{",
    "null": b"null",
    "list": b"[]",
    "no value": b'{"value": null}',
    "text": b'{"value": "x"}',
    "no objects": b'{"value": [1, null, []]}',
    "no UTF-8": b"\xff\xfe{",
    "deep": b"[" * 100_000,
}


@pytest.mark.parametrize("body", NONSENSE)
async def test_a_body_that_makes_no_sense(api: ConfigApiServer, body: str) -> None:
    answer = await a_browser(api).post(PATH, content=NONSENSE[body])
    assert answer.status_code == 202
    assert await heard(api) == []


async def test_a_huge_body_and_a_long_token(api: ConfigApiServer) -> None:
    huge = b'{"value": [' + b"{}," * 6_000_000 + b"{}]}"
    assert (await a_browser(api).post(PATH, content=huge)).status_code == 413
    assert (await a_browser(api).post(PATH, params={"validationToken": "x" * 5000})).status_code == 422
    assert await heard(api) == []
