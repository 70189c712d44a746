"""The gate: what needs no answer, and above all what does."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from ingest.gate import Directory, OwnAddresses, judge
from shared.config import ImapAccount, Mailbox
from shared.mail import Address, Attachment, Mail
from shared.mailbox.mime import Parsed

OWN = OwnAddresses(
    own=frozenset({"info@hotel.example", "anfrage@hotel.example"}),
    colleagues=frozenset({"restaurant@hotel.example", "alt@hotel.example"}),
    watched=frozenset({"restaurant@hotel.example"}),
)
ADDRESSES = ("box0", "alias0", "box1", "alias1", "box2", "alias2")
ANNA = "Anna Müller <anna@example.com>"
NOREPLY = "Portal <noreply@portal.example>"
GUEST = "Gast <gast@freemail.example>"
ICS = Attachment(name="reise.ics", content_type="text/calendar", size=9)
PDF = Attachment(name="a.pdf", content_type="application/pdf", size=9)
UNSUBSCRIBE = {"list-unsubscribe": "<https://portal.example/u>"}
OWN_GROUP = {"list-id": "<info.hotel.example>", "list-post": "<mailto:info@hotel.example>", "precedence": "list"}
LIST_ID = {"list-id": "News <news.portal.example>"}
GENERATED = {"auto-submitted": "auto-generated"}
REPORT = "multipart/report; boundary=x"


def address(text: str) -> Address:
    name, _, spec = text.rpartition(" ")
    return Address(name=name, address=spec.strip("<>"))


def mail(
    sender: str | None = ANNA,
    *,
    reply_to: str | None = None,
    to: tuple[str, ...] = ("info@hotel.example",),
    cc: tuple[str, ...] = (),
    headers: dict[str, str] | None = None,
    parts: tuple[str, ...] = ("text/plain",),
    **fields: Any,
) -> Parsed:
    """A customer's question, but for what is given. The first of `parts` is the whole mail's Content-Type."""
    found = {"content-type": parts[0], "from": sender or "", **(headers or {})}
    text = fields.pop("text", "Haben Sie im Mai ein Zimmer frei?")
    return Parsed(
        mail=Mail(
            sender=address(sender) if sender else None,
            reply_to=(address(reply_to),) if reply_to else (),
            to=tuple(address(one) for one in to),
            cc=tuple(address(one) for one in cc),
            **{"subject": "Anfrage", "text": text, "body": text, **fields},
        ),
        headers={name: (value,) for name, value in found.items()},
        content_types=tuple(part.partition(";")[0] for part in parts),
    )


def judged(parsed: Parsed, *flags: str) -> str | None:
    return judge(parsed, flags=frozenset(flags), own=OWN)


CUSTOMERS = {
    "a question": mail(),
    "a firm's info address": mail("info@firma.example"),
    "a name that begins like no-reply": mail("noreen@example.com"),
    "a post address": mail("post@example.com"),
    "a postmaster in person": mail("postmaster@example.com"),
    "a sender who wants no automatic answer": mail(headers={"x-auto-response-suppress": "All"}),
    "declared as a person's": mail(headers={"auto-submitted": "No (person)"}),
    "checked and found good": mail(headers={"x-spam-flag": "NO", "x-spam-status": "No, score=1"}),
    "a return path": mail(headers={"return-path": "<anna@example.com>"}),
    "an ordinary precedence": mail(headers={"precedence": "first-class"}),
    "only a file": mail(subject="", text="", attachments=(PDF,)),
    "only a subject": mail(subject="Zimmer frei?", text=""),
    "blind copy": mail(to=(), cc=()),
    "asks about absence notes": mail(subject="Abwesenheitsnotiz einrichten"),
    "answers one": mail(subject="Re: Automatische Antwort: Anfrage", in_reply_to=("<a@b>",)),
    "asks about a bounce": mail(subject="Mail delivery failed", text="550 5.1.1 steht da. Warum?"),
    "forwards one": mail(subject="Fwd: Undelivered Mail", parts=("multipart/mixed", "message/delivery-status")),
    "forwards one, without a name": mail("anna@example.com", subject="WG: Undelivered Mail", text="550 5.1.1 Warum?"),
    "misses a parcel": mail("anna@example.com", subject="Delivery failed", text="Wo bleibt mein Paket?"),
    "attaches a date": mail(parts=("multipart/mixed", "text/plain", "text/calendar"), attachments=(ICS,)),
    "a supplier's answer from a sales tool": mail(headers=UNSUBSCRIBE, in_reply_to=("<ours@hotel.example>",)),
    "through a group that only has our name": mail(headers={"list-id": "info@hotel.example Mailing List"}),
    "through our own group": mail(headers=OWN_GROUP | UNSUBSCRIBE),
}

GUESTS = {
    "portal": mail(NOREPLY, reply_to=GUEST),
    "portal for a firm": mail(NOREPLY, reply_to="info@firma.example", headers=GENERATED),
    "portal in Britain": mail("noreply@portal.co.uk", reply_to="info@firm.co.uk", headers=GENERATED),
    "declared as generated": mail(NOREPLY, reply_to=GUEST, headers=GENERATED),
    "one can leave the portal": mail(NOREPLY, reply_to=GUEST, headers=UNSUBSCRIBE),
    "sent as bulk": mail(NOREPLY, reply_to=GUEST, headers={"precedence": "bulk"}),
    "all of it": mail(NOREPLY, reply_to=GUEST, headers={**GENERATED, **UNSUBSCRIBE, "precedence": "bulk"}),
    "null return path": mail(NOREPLY, reply_to=GUEST, headers={"return-path": "<>"}),
    "portal's relay": mail(NOREPLY, reply_to="Gast <4f2a91@reply.portal.example>", headers=GENERATED),
    "our web site's form, from our own address": mail("info@hotel.example", reply_to=GUEST),
    "the same from a colleague's": mail("restaurant@hotel.example", reply_to=GUEST),
    "the same from its software": mail("wordpress@hotel.example", reply_to=GUEST, headers=GENERATED),
    "no From at all": mail(None, reply_to=GUEST),
    "a role that can be answered": mail(NOREPLY, reply_to="service@portal.example"),
}


@pytest.mark.parametrize("case", CUSTOMERS)
def test_a_person_gets_an_answer(case: str) -> None:
    assert judged(CUSTOMERS[case]) is None
    assert judged(CUSTOMERS[case], "\\Seen", "\\Recent", "$Forwarded", "NonJunk") is None


@pytest.mark.parametrize("case", GUESTS)
def test_a_machine_that_writes_for_a_guest_gets_an_answer(case: str) -> None:
    assert judged(GUESTS[case]) is None


@pytest.mark.parametrize(
    ("reason", "parsed"),
    [
        ("empty", mail(subject=" ", text="\n")),
        ("spam", mail(headers={"x-spam-flag": "YES"})),
        ("spam", mail(headers={"x-spam-status": "Yes, score=9.1 required=5"})),
        ("out_of_office", mail(subject="Abwesenheitsnotiz: Anfrage", in_reply_to=("<a@b>",))),
        ("out_of_office", mail(subject="Automatische Antwort: Anfrage", headers={"x-auto-response-suppress": "All"})),
        ("out_of_office", mail(subject="Out of Office", text="I am on vacation.")),
        ("out_of_office", mail(subject="Automatic reply: x", reply_to=GUEST, headers=GENERATED)),
        ("auto_submitted", mail(headers={"auto-submitted": "auto-replied; owner"}, reply_to=GUEST)),
        ("auto_submitted", mail(headers={"precedence": "auto_reply"})),
        ("auto_submitted", mail(headers={"x-autoreply": "yes"})),
        ("auto_submitted", mail(headers={"auto-submitted": "Auto-Generated (order)"})),
        ("auto_submitted", mail(NOREPLY, reply_to="service@mail.portal.example", headers=GENERATED)),
        ("auto_submitted", mail(reply_to="anna+42@example.com", headers=GENERATED)),
        ("calendar", mail(parts=("multipart/alternative", "text/plain", "text/calendar"))),
        ("calendar", mail(parts=("text/calendar; method=REPLY",))),
        ("calendar", mail(headers={"content-class": "urn:content-classes:calendarmessage"})),
        ("mailing_list", mail(headers={"list-post": "<mailto:talk@list.example>"})),
        ("mailing_list", mail(headers={"precedence": "list"}, reply_to=GUEST)),
        ("mailing_list", mail(headers={"x-beenthere": "talk@list.example"})),
        ("newsletter", mail(headers=UNSUBSCRIBE)),
        ("newsletter", mail(headers={**UNSUBSCRIBE, **LIST_ID, "list-post": "NO"})),
        ("newsletter", mail(headers={**UNSUBSCRIBE, **LIST_ID}, reply_to=GUEST)),
        ("newsletter", mail(headers={**UNSUBSCRIBE, "precedence": "bulk"}, in_reply_to=("<a@b>",))),
        ("newsletter", mail(NOREPLY, reply_to="service@mail.portal.example", headers=UNSUBSCRIBE)),
        ("newsletter", mail(NOREPLY, reply_to="reply-fe5f157@e.portal.example", headers=UNSUBSCRIBE)),
        ("newsletter", mail("newsletter@shop.example")),
        ("bulk", mail(headers={"precedence": "bulk"})),
        ("bulk", mail(headers=LIST_ID)),
        ("bulk", mail(headers=LIST_ID, reply_to="news@portal.example")),
        ("own_mail", mail("Anfrage <Anfrage+web@HOTEL.example>")),
        ("colleague", mail("restaurant@hotel.example", reply_to="alt@hotel.example")),
        ("no_reply_address", mail(NOREPLY)),
        ("no_reply_address", mail("nicht-antworten@bank.example", reply_to="no_reply@bank.example")),
        ("no_reply_address", mail(NOREPLY, reply_to="info@hotel.example")),
        ("no_sender", mail(None)),
        ("other_mailbox", mail(to=("restaurant@hotel.example",), cc=("info@hotel.example",))),
    ],
)
def test_what_needs_no_answer_says_why(reason: str, parsed: Parsed) -> None:
    assert judged(parsed) == reason


@pytest.mark.parametrize(
    ("reason", "parsed"),
    [
        ("bounce", mail("postmaster@mx.example", parts=(f"{REPORT}; report-type=delivery-status",))),
        ("bounce", mail(parts=(REPORT,))),
        ("read_receipt", mail(parts=(f'{REPORT}; report-type="disposition-notification"',))),
        ("machine_report", mail(parts=(f"{REPORT}; report-type=feedback-report",))),
        ("bounce", mail("Mail Delivery System <MAILER-DAEMON@mx.example>")),
        ("bounce", mail(None, headers={"from": "Mail Robot <>"})),
        ("bounce", mail(headers={"x-failed-recipients": "a@b.example"})),
        ("bounce", mail(headers={"return-path": "<>"})),
        ("bounce", mail(headers={"return-path": "<MAILER-DAEMON>"})),
        ("bounce", mail("postmaster@mx.example", subject="Unzustellbar: Anfrage")),
        ("bounce", mail("postmaster@mx.example", parts=("multipart/mixed", "message/delivery-status"))),
        ("bounce", mail("imss@mx.example", subject="Mail could not be delivered", text="550 5.1.1 unknown user")),
    ],
)
def test_reports_of_mail_systems_are_recognised(reason: str, parsed: Parsed) -> None:
    assert judged(parsed) == reason


@pytest.mark.parametrize(
    ("flag", "reason"),
    [
        ("\\Answered", "already_answered"),
        ("\\ANSWERED", "already_answered"),
        ("\\Draft", "draft"),
        ("\\Deleted", "deleted"),
        ("$Junk", "spam"),
    ],
)
def test_flags_decide_first(flag: str, reason: str) -> None:
    assert judged(mail(NOREPLY, reply_to=GUEST), "\\Seen", flag) == reason


@pytest.mark.parametrize(
    ("to", "cc"),
    [
        (("info@hotel.example", "restaurant@hotel.example"), ()),
        (("info@hotel.example", "restaurant@hotel.example"), ("info@hotel.example",)),
        (("restaurant@hotel.example",), ()),
        (("alt@hotel.example",), ("info@hotel.example",)),
        (("bob@example.com",), ("info@hotel.example",)),
    ],
)
def test_a_copy_is_left_only_to_a_mailbox_that_gets_drafts(to: tuple[str, ...], cc: tuple[str, ...]) -> None:
    assert judged(mail(to=to, cc=cc)) is None


def test_own_addresses_come_from_the_configuration() -> None:
    first, second, third = (mailbox(n) for n in range(3))
    directory = Directory()
    directory.update([first, second, third], on=[first.id, second.id])
    own = directory.as_seen_by(first)
    assert own.own == {"box0@hotel.example", "alias0@hotel.example"}
    assert [own.is_colleague(f"{name}@hotel.example") for name in ADDRESSES] == [False, False, True, True, True, True]
    assert [own.is_watched(f"{name}@hotel.example") for name in ADDRESSES] == [False, False, True, True, False, False]


def test_a_change_among_the_colleagues_is_seen_at_once() -> None:
    first, second = mailbox(0), mailbox(1)
    directory = Directory()
    directory.update([first, second], on=[first.id])
    own = directory.as_seen_by(first)
    assert not own.is_watched("box1@hotel.example")
    directory.update([first, second], on=[first.id, second.id])
    assert own.is_watched("Box1+x@Hotel.example")
    directory.update([first], on=[first.id])
    assert not own.is_colleague("box1@hotel.example")


def test_an_address_that_reaches_two_mailboxes_is_own_and_a_colleagues() -> None:
    first, second = mailbox(0), mailbox(1).model_copy(update={"aliases": ("alias0@hotel.example",)})
    directory = Directory()
    directory.update([first, second], on=[first.id])
    own = directory.as_seen_by(first)
    assert (own.is_own("alias0@hotel.example"), own.is_colleague("alias0@hotel.example")) == (True, True)
    assert not own.is_colleague("box0@hotel.example")


def mailbox(number: int) -> Mailbox:
    return Mailbox(
        id=UUID(int=number + 10),
        organisation_id=UUID(int=1),
        assistant_id=UUID(int=2),
        revision=1,
        address=f"Box{number}@Hotel.example",
        aliases=(f"alias{number}+x@hotel.example",),
        active=True,
        watch_since=datetime(2026, 1, 1, tzinfo=UTC),
        account=ImapAccount(host="imap.example", port=993, username="u", password="secret"),
    )
