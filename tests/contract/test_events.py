"""Events as they travel. Yesterday's must be readable tomorrow: a golden example is never edited, only added to."""

import json
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from shared.events import (
    EVENTS,
    AuditRecorded,
    ConfigChanged,
    DeadLettered,
    Draft,
    DraftProposed,
    ErasureRequested,
    Event,
    MailboxChanged,
    MailboxStatus,
    MailboxStatusChanged,
    MessageReceived,
    MessageSettled,
    Outcome,
    RetryRequested,
    Usage,
)
from shared.mail import Address, Attachment, Mail
from shared.sealing import decode, encode, sealed_fields

GOLDEN = Path(__file__).parent / "golden"
WHEN = datetime(2026, 3, 3, 9, 12, tzinfo=UTC)


def an_id(number: int) -> UUID:
    return UUID(int=number)


BASE = {"event_id": an_id(1), "occurred_at": WHEN}
MAILBOX = {**BASE, "organisation_id": an_id(2), "mailbox_id": an_id(3)}
MESSAGE = {**MAILBOX, "assistant_id": an_id(4), "message_id": an_id(5), "generation": 1, "received_at": WHEN}
MAIL = Mail(
    message_id="<frage@example.org>",
    in_reply_to=("<davor@example.org>",),
    references=("<zuerst@example.org>", "<davor@example.org>"),
    date=WHEN,
    sender=Address(name="Anna Müller", address="anna@example.org"),
    reply_to=(Address(address="anna.mueller@example.org"),),
    to=(Address(name="Hotel", address="hotel@example.com"),),
    subject="Zimmer im Mai",
    text="Haben Sie ein Zimmer frei?",
    body="Haben Sie ein Zimmer frei?\n\n> Guten Tag",
    attachments=(Attachment(name="Plan.pdf", content_type="application/pdf", size=1234),),
)
COST = Usage(model="modell", tokens_in=900, tokens_out=120, duration_ms=1500)

EXAMPLES: list[Event] = [
    MessageReceived(**MESSAGE, mail=MAIL),
    DraftProposed(
        **MESSAGE,
        mail=MAIL,
        draft=Draft(body="Guten Tag Anna Müller, ...", language="de", open_questions=("Zimmer im Mai?",)),
        knowledge_ids=(an_id(6),),
        needs_human=True,
        usage=COST,
    ),
    MessageSettled(**MESSAGE, outcome=Outcome.DRAFTED, knowledge_ids=(an_id(6),), needs_human=True, usage=COST),
    RetryRequested(**{name: value for name, value in MESSAGE.items() if name != "received_at"}),
    MailboxStatusChanged(**MAILBOX, status=MailboxStatus.STOPPED, reason="credentials_refused", last_proof_at=WHEN),
    MailboxChanged(**BASE, mailbox_id=an_id(3), in_doubt=True),
    ConfigChanged(**BASE, revision=42),
    AuditRecorded(**BASE, actor="ingest", action="mailbox.stopped", organisation_id=an_id(2), subject=str(an_id(3))),
    ErasureRequested(**BASE, organisation_id=an_id(2), mailbox_ids=(an_id(3),), name_digests=("ab" * 32,)),
    DeadLettered(**BASE, service="drafter", source_topic="message-received.v1", reason="undecodable"),
]


class Plain:
    """Seals nothing: what is golden is the form, not the cipher."""

    def seal(self, content: bytes, context: bytes) -> dict[str, str]:
        return {"key": "none", "data": content.decode()}

    async def open(self, envelope: dict[str, str], context: bytes) -> bytes:
        return envelope["data"].encode()


def golden(event: type[Event]) -> Path:
    return GOLDEN / f"{event.topic}.json"


def test_every_event_has_a_golden_example() -> None:
    assert {type(example) for example in EXAMPLES} == set(EVENTS)
    assert {path.name for path in GOLDEN.iterdir()} == {golden(event).name for event in EVENTS}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda event: event.topic)
async def test_the_golden_example_is_read_as_ever(example: Event) -> None:
    assert await decode(type(example), golden(type(example)).read_bytes(), Plain()) == example


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda event: event.topic)
def test_what_is_written_has_everything_that_was_there(example: Event) -> None:
    written = json.loads(encode(example, Plain()))
    expected = json.loads(golden(type(example)).read_text())
    assert {key: written.get(key) for key in expected} == expected


def test_content_is_sealed() -> None:
    assert sealed_fields(MessageReceived) == {"mail"}
    assert sealed_fields(DraftProposed) == {"mail", "draft"}
    assert not any(sealed_fields(event) for event in EVENTS if event not in (MessageReceived, DraftProposed))
