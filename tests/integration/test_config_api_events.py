"""What config-api keeps of what the other services report."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from shared.events import MailboxStatus, MailboxStatusChanged, MessageSettled, Outcome, Usage
from tests.servers.config_api import ConfigApiServer, Resource

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


async def handle(api: ConfigApiServer, event: Any) -> None:
    (handler,) = (s.handler for s in api.service.subscriptions() if s.event is type(event))
    assert await handler(event) is None


def status(owner: Resource, mailbox_id: str, status: MailboxStatus, minute: int, **values: Any) -> MailboxStatusChanged:
    return MailboxStatusChanged(
        organisation_id=UUID(owner.organisation_id),
        mailbox_id=UUID(mailbox_id),
        status=status,
        occurred_at=NOON + timedelta(minutes=minute),
        **values,
    )


def settled(owner: Resource, minute: int, **values: Any) -> MessageSettled:
    return MessageSettled(
        **{
            "organisation_id": UUID(owner.organisation_id),
            "mailbox_id": uuid4(),
            "assistant_id": UUID(owner.id),
            "message_id": uuid4(),
            "outcome": Outcome.DRAFTED,
            "received_at": NOON,
            "occurred_at": NOON + timedelta(minutes=minute),
        }
        | values
    )


async def test_a_mailbox_shows_how_it_is(api: ConfigApiServer) -> None:
    anna = await api.an_assistant()
    mailbox = await anna.mailbox()
    path = f"{anna.organisation}/mailboxes/{mailbox['id']}"
    revision = (await api.internal("/config"))["revision"]
    watching = status(anna, mailbox["id"], MailboxStatus.WATCHING, 1, last_proof_at=NOON)
    stopped = status(anna, mailbox["id"], MailboxStatus.STOPPED, 3, reason="login_refused")
    late = status(anna, mailbox["id"], MailboxStatus.RETRYING, 2, reason="server_gone")
    for event in (watching, stopped, late, watching):
        await handle(api, event)
    shown = (await api.http.get(path)).json()
    assert (shown["status"], shown["status_reason"]) == ("stopped", "login_refused")
    assert datetime.fromisoformat(shown["last_proof_at"]) == NOON
    assert shown["updated_at"] == mailbox["updated_at"]
    assert (await api.internal("/config"))["revision"] == revision


async def test_an_event_in_the_wrong_organisations_name_changes_nothing(api: ConfigApiServer) -> None:
    anna, other = await api.an_assistant(), await api.an_assistant("Pension Bergblick")
    mailbox = await anna.mailbox()
    await handle(api, status(other, mailbox["id"], MailboxStatus.STOPPED, 1))
    assert (await api.http.get(f"{anna.organisation}/mailboxes/{mailbox['id']}")).json()["status"] is None


async def test_activity_counts_each_settled_message_once(api: ConfigApiServer) -> None:
    anna, other = await api.an_assistant(), await api.an_assistant("Pension Bergblick")
    usage = Usage(model="m", tokens_in=10, tokens_out=20, duration_ms=30)
    entry = uuid4()
    first = settled(anna, 1, usage=usage, knowledge_ids=(entry,), needs_human=True)
    failed = settled(anna, 2, outcome=Outcome.FAILED, reason="quota_exceeded")
    again = failed.model_copy(update={"generation": 1, "outcome": Outcome.DRAFTED, "occurred_at": NOON, "reason": ""})
    for event in (first, failed, first, again, settled(other, 1)):
        await handle(api, event)
    items = (await api.http.get(f"{anna.organisation}/activity")).json()["items"]
    assert [(item["message_id"], item["generation"], item["outcome"], item["reason"]) for item in items] == [
        (str(failed.message_id), 0, "failed", "quota_exceeded"),
        (str(first.message_id), 0, "drafted", ""),
        (str(failed.message_id), 1, "drafted", ""),
    ]
    assert (
        items[1].items()
        >= {
            "knowledge_ids": [str(entry)],
            "needs_human": True,
            "model": "m",
            "tokens_in": 10,
            "tokens_out": 20,
            "duration_ms": 30,
        }.items()
    )


async def test_pages_of_activity_go_back_in_time(api: ConfigApiServer) -> None:
    anna = await api.an_assistant()
    same_moment = [settled(anna, 1) for _ in range(3)]
    for event in (settled(anna, 0), *same_moment, settled(anna, 2)):
        await handle(api, event)
    seen: list[str] = []
    cursor: str | None = None
    for _ in range(3):
        page = (await api.http.get(f"{anna.organisation}/activity", params={"limit": 2, "cursor": cursor or ""})).json()
        seen += [item["settled_at"] for item in page["items"]]
        cursor = page["next_cursor"]
    assert (len(seen), cursor) == (5, None)
    assert seen == sorted(seen, reverse=True)
