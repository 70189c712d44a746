"""The reply draft: who it goes to, how it hangs in its conversation, what it says."""

from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any
from uuid import UUID

import pytest

from shared.config import Assistant, ImapAccount, Mailbox
from shared.events import Draft, DraftProposed
from shared.mail import Address, Mail
from shared.mailbox.protocol import Draft as Saveable
from writer.compose import compose

ORGANISATION = UUID(int=1)
MESSAGE = UUID(int=7)
NOW = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)
ANNA = Address(name="Anna Müller", address="anna@example.com")
MAILBOX = Mailbox(
    id=UUID(int=2),
    organisation_id=ORGANISATION,
    assistant_id=UUID(int=3),
    revision=1,
    address="info@hotel.example",
    aliases=("anfrage@hotel.example",),
    active=True,
    watch_since=NOW,
    account=ImapAccount(host="imap.example", port=993, username="info", password="secret"),
)
ASSISTANT = Assistant(
    id=MAILBOX.assistant_id,
    organisation_id=ORGANISATION,
    revision=1,
    knowledge_revision=1,
    name="Empfang",
    organisation_name="Hotel Seeblick",
    active=True,
    signature="Hotel Seeblick\nSeestraße 1",
)
MAIL = Mail(
    message_id="<question@example.com>",
    date=datetime(2026, 3, 3, 9, 12, tzinfo=UTC),
    sender=ANNA,
    to=(Address(address="info@hotel.example"),),
    subject="Zimmer frei?",
    text="Haben Sie ein Zimmer?",
    body="Haben Sie ein Zimmer?\n\nAnna",
)


def draft(
    answer: str = "Ja, gern.", *, generation: int = 0, language: str = "de", mail: Mail = MAIL, **changes: Any
) -> Saveable:
    """Composes a draft in answer to MAIL with some fields changed."""
    event = DraftProposed.model_validate(
        {
            "organisation_id": ORGANISATION,
            "mailbox_id": MAILBOX.id,
            "assistant_id": ASSISTANT.id,
            "message_id": MESSAGE,
            "generation": generation,
            "received_at": NOW,
            "mail": mail.model_copy(update={k: v for k, v in changes.items() if k in Mail.model_fields}),
            "draft": Draft.model_validate({"body": answer, "language": language}),
        }
    )
    mailbox = MAILBOX.model_copy(update={k: v for k, v in changes.items() if k in Mailbox.model_fields})
    assistant = ASSISTANT.model_copy(update={k: v for k, v in changes.items() if k in Assistant.model_fields})
    return compose(event, mailbox=mailbox, assistant=assistant, now=changes.get("now", NOW))


def read(composed: Saveable) -> EmailMessage:
    parsed = message_from_bytes(composed.raw, policy=policy.default)
    assert isinstance(parsed, EmailMessage)
    return parsed


def plain(composed: Saveable) -> str:
    part = read(composed).get_body(("plain",))
    assert part is not None
    return part.get_content().replace("\r\n", "\n")


def html(composed: Saveable) -> str:
    part = read(composed).get_body(("html",))
    assert part is not None
    return part.get_content().replace("\r\n", "\n")


def addresses(composed: Saveable, header: str) -> list[str]:
    value = read(composed)[header]
    return [] if value is None else [address.addr_spec for address in value.addresses]


def test_the_same_event_gives_the_same_message_id_and_another_generation_another() -> None:
    first, again, retried = draft(), draft("Nein.", now=NOW.replace(hour=15)), draft(generation=1)
    assert first.message_id == again.message_id != retried.message_id
    assert first.message_id.endswith("@hotel.example>")
    assert read(first)["Message-ID"] == first.message_id
    assert read(retried)["X-Kinamik-Draft"] == f"{MESSAGE}/1"


def test_it_is_from_the_organisation_to_the_sender() -> None:
    message = read(draft())
    assert str(message["From"]) == "Hotel Seeblick <info@hotel.example>"
    assert str(message["To"]) == "Anna Müller <anna@example.com>"
    assert message["Cc"] is None
    assert message["Bcc"] is None
    assert message["Date"].datetime == NOW


@pytest.mark.parametrize(
    ("reply_to", "expected"),
    [
        ((), ["anna@example.com"]),
        (("guest@example.org",), ["guest@example.org"]),
        (("guest@example.org", "Info@Hotel.example"), ["guest@example.org"]),
        (("info@hotel.example", "anfrage+web@hotel.example"), ["anna@example.com"]),
        (("guest@example.org", "GUEST@example.org"), ["guest@example.org"]),
        (("gäste@example.org",), ["anna@example.com"]),
        (("not an address",), ["anna@example.com"]),
        (("guest@gäste.example",), ["guest@xn--gste-loa.example"]),
    ],
)
def test_reply_to_is_honoured_without_our_own_addresses(reply_to: tuple[str, ...], expected: list[str]) -> None:
    assert addresses(draft(reply_to=tuple(Address(address=a) for a in reply_to)), "To") == expected


def test_without_anybody_to_answer_the_draft_is_still_written() -> None:
    assert read(draft(sender=None))["To"] is None
    assert read(draft(sender=Address(address="info@hotel.example")))["To"] is None
    assert "schrieb der Absender:" in plain(draft(sender=None))


def test_others_are_copied_only_where_the_owner_wants_it() -> None:
    others = {
        "to": (Address(address="info@hotel.example"), Address(name="Bob, Dr.", address="bob@example.com")),
        "cc": (ANNA, Address(address="carl@example.com"), Address(address="Bob@example.com")),
    }
    assert addresses(draft(**others), "Cc") == []
    copied = draft(**others, reply_all=True)
    assert addresses(copied, "Cc") == ["bob@example.com", "carl@example.com"]
    assert addresses(copied, "To") == ["anna@example.com"]


@pytest.mark.parametrize(
    ("subject", "german", "english"),
    [
        ("x", "AW: x", "Re: x"),
        ("AW: Re: AW: x", "AW: x", "Re: x"),
        ("RE[2]: re : x", "AW: x", "Re: x"),
        ("WG: x", "AW: WG: x", "Re: WG: x"),
        ("Re: Fwd: Re: x", "AW: Fwd: Re: x", "Re: Fwd: Re: x"),
        ("Reise: Rom", "AW: Reise: Rom", "Re: Reise: Rom"),
        ("", "AW: Ihre Nachricht", "Re: Your message"),
        ("Re:", "AW: Ihre Nachricht", "Re: Your message"),
        ("a\r\nBcc: x@example.com", "AW: a Bcc: x@example.com", "Re: a Bcc: x@example.com"),
        ("=?utf-8?q?a=0D=0AX?=", "AW: =?utf-8?q?a=0D=0AX?=", "Re: =?utf-8?q?a=0D=0AX?="),
    ],
)
def test_the_subject_has_exactly_one_prefix(subject: str, german: str, english: str) -> None:
    assert read(draft(subject=subject))["Subject"] == german
    assert read(draft(subject=subject, language="en"))["Subject"] == english


def test_references_are_the_parents_and_the_parent() -> None:
    message = read(draft(references=("<a@x>", "<b@x>"), in_reply_to=("<b@x>",)))
    assert message["In-Reply-To"] == "<question@example.com>"
    assert message["References"].split() == ["<a@x>", "<b@x>", "<question@example.com>"]


@pytest.mark.parametrize(
    ("in_reply_to", "expected"),
    [((), []), (("<a@x>",), ["<a@x>"]), (("<a@x>", "<b@x>"), [])],
)
def test_a_single_in_reply_to_stands_in_for_missing_references(
    in_reply_to: tuple[str, ...], expected: list[str]
) -> None:
    message = read(draft(in_reply_to=in_reply_to))
    assert message["References"].split() == [*expected, "<question@example.com>"]


@pytest.mark.parametrize("message_id", [None, "", "<>", "<with space@x>", "<ü@x>", "<a@x>\r\nBcc: <b@x>"])
def test_there_is_no_threading_without_a_usable_message_id(message_id: str | None) -> None:
    message = read(draft(message_id=message_id, references=("<a@x>",)))
    assert message["In-Reply-To"] is None
    assert message["References"] is None
    assert message["Bcc"] is None


def test_missing_brackets_are_repaired_and_repeats_left_out() -> None:
    message = read(draft(message_id="q@x", references=("a@x", "<q@x>", "<a@x>")))
    assert message["In-Reply-To"] == "<q@x>"
    assert message["References"].split() == ["<a@x>", "<q@x>"]


def test_long_references_keep_the_first_and_the_latest() -> None:
    composed = draft(references=tuple(f"<{n}-{'x' * 200}@example.com>" for n in range(500)))
    ids = read(composed)["References"].split()
    assert [ids[0][:3], ids[1][:4], ids[-2][:4], ids[-1]] == ["<0-", "<482", "<499", "<question@example.com>"]
    assert max(map(len, composed.raw.split(b"\r\n"))) < 300


def test_draft_then_signature_then_the_original() -> None:
    assert plain(draft("Ja.\r\nGern.")) == (
        "Ja.\nGern.\n\nHotel Seeblick\nSeestraße 1\n\n"
        "Am 3. März 2026 um 10:12 schrieb Anna Müller <anna@example.com>:\n"
        "> Haben Sie ein Zimmer?\n>\n> Anna\n"
    )
    page = html(draft())
    assert page.index("Ja, gern.") < page.index("Seestraße 1") < page.index("schrieb Anna") < page.index("<blockquote")
    assert '<blockquote type="cite"' in page


def test_the_attribution_follows_language_and_time_zone() -> None:
    assert "On 3 March 2026 at 04:12, Anna Müller <anna@example.com> wrote:" in plain(
        draft(language="en", time_zone="America/New_York")
    )
    for broken in ("", "Mars/Phobos", "../../etc/passwd", "Europe", "x" * 300):
        assert "Am 3. März 2026 um 10:12 schrieb" in plain(draft(time_zone=broken))
    assert "Am 3. März 2026 um 13:00 schrieb" in plain(draft(date=None))
    assert "Am 3. März 2026 um 13:00 schrieb" in plain(draft(date=datetime.max.replace(tzinfo=UTC)))


def test_a_long_original_is_cut_with_a_mark() -> None:
    long = draft(body=f"Anfang {'x' * 30_000} Ende")
    assert "> [gekürzt]" in plain(long)
    assert "Ende" not in plain(long)
    assert "[gekürzt]" not in plain(draft())
    assert "> [gekürzt]" in plain(draft(truncated=True))


def test_html_is_escaped_and_open_points_are_highlighted() -> None:
    page = html(
        draft(
            "<b>Ja</b> https://hotel.example/a?b=1&c=2. javascript:alert(1) [bitte ergänzen: <Preis>]",
            body="<script>alert(1)</script> https://evil.example/",
        )
    )
    assert "<script" not in page
    assert "&lt;b&gt;Ja&lt;/b&gt;" in page
    assert '<a href="https://hotel.example/a?b=1&amp;c=2">https://hotel.example/a?b=1&amp;c=2</a>. java' in page
    assert 'background-color:#fff59d">[bitte ergänzen: &lt;Preis&gt;]</span>' in page
    assert page.count("<a ") == 1


def test_the_size_is_bounded() -> None:
    huge = "\N{PILE OF POO}" * 1_000_000
    composed = draft(
        huge,
        subject=huge,
        signature=huge,
        organisation_name=huge,
        reply_all=True,
        to=tuple(Address(name=huge, address=f"a{n}@{'b' * 60}.example") for n in range(1000)),
    )
    assert len(composed.raw) < 2_000_000
    assert len(addresses(composed, "Cc")) == 50
