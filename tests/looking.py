"""Mail as it lies in a mailbox that is looked into, and drafts as the writer composes them."""

from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any
from uuid import uuid4

from config_api.activity.recorder import ActivityRecorder
from config_api.app import ConfigApi
from shared.config import Account, Assistant, Mailbox
from shared.events import Draft, DraftProposed, MessageSettled, Outcome
from shared.mail import Address, Mail
from shared.mailbox.protocol import Draft as Composed
from writer.compose import compose

NOW = datetime.now(UTC).replace(microsecond=0)
OF_MACHINES = (
    {"Auto_Submitted": "auto-replied"},
    {"List_Id": "<liste.example>"},
    {"List_Unsubscribe": "<https://liste.example>"},
    {"Precedence": "Bulk"},
    {"X_Spam_Flag": "YES"},
)


def a_mail(
    subject: str, sender: str = "Gast <gast@example.org>", text: str = "Haben Sie geöffnet?", **more: str
) -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, "info@hotel-seeblick.example", subject
    for name, value in more.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message.as_bytes()


def ago(**span: float) -> datetime:
    """Before this moment: `NOW` may be long past when a test comes to its turn."""
    return datetime.now(UTC).replace(microsecond=0) - timedelta(**span)


def a_draft(mailbox_id: str, **values: Any) -> DraftProposed:
    mail = Mail(
        message_id="<frage@example.org>",
        sender=Address(name="Gast, Anna", address="gast@example.org"),
        subject="Frage zum Frühstück",
        text="Wann gibt es Frühstück?",
        body="Wann gibt es Frühstück?\n\nAnna Gast",
    )
    ids = {"organisation_id": uuid4(), "assistant_id": uuid4(), "mailbox_id": mailbox_id, "message_id": uuid4()}
    draft = Draft(body="Guten Tag,\n\nab sieben Uhr.")
    return DraftProposed.model_validate(ids | {"received_at": NOW, "mail": mail, "draft": draft} | values)


async def settled(
    service: ConfigApi, event: DraftProposed, organisation: str, assistant: str, outcome: Outcome = Outcome.DRAFTED
) -> None:
    """config-api hears how the message ended. `organisation` and `assistant` are ids."""
    values = event.model_dump(include={"mailbox_id", "message_id", "generation", "received_at"})
    values |= {"organisation_id": organisation, "assistant_id": assistant, "outcome": outcome}
    recorder = ActivityRecorder(service.database, service.master_keys)
    await recorder.on_message_settled(MessageSettled.model_validate(values))


def composed(event: DraftProposed, account: Account, address: str = "info@hotel-seeblick.example") -> Composed:
    """As the writer does it."""
    ids = {"organisation_id": event.organisation_id, "revision": 1, "active": True}
    mailbox = Mailbox(
        **ids,
        id=event.mailbox_id,
        assistant_id=event.assistant_id,
        address=address,
        watch_since=NOW,
        account=account,
    )
    assistant = Assistant(
        **ids,
        id=event.assistant_id,
        organisation_name="Hotel",
        name="Anna",
        knowledge_revision=1,
        signature="Ihr Team vom Hotel",
    )
    return compose(event, mailbox=mailbox, assistant=assistant, now=NOW)
