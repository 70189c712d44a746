"""Five minutes from the welcome page to the first draft: by mouse, by keyboard alone, and with a wrong password."""

import imaplib
from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage, Message
from pathlib import Path
from uuid import uuid4

import pytest

from embedded.demo_mail import ACCOUNTS, FOR_NEWCOMERS
from tests.servers.browser import Browsers
from tests.servers.dovecot import Dovecot
from tests.servers.house import House
from tests.servers.mail_server import PASSWORD as MAIL_PASSWORD
from tests.servers.mail_server import free_ports
from tests.servers.owner import drafts
from tests.web.hands import Keyboard, Mouse
from tests.web.way_in import register, see_first_draft, set_up, the_whole_way

FIVE_MINUTES = 300
FIELDS = 3
CLICKS = 9


@pytest.fixture
def newcomers(tmp_path: Path) -> Iterator[House]:
    """A run as `make run` starts it, in which nobody has been yet."""
    imap_port, smtp_port = free_ports(2)
    with House(tmp_path, demo="true", imap_port=str(imap_port), smtp_port=str(smtp_port)) as house:
        yield house


@pytest.mark.parametrize("kind", [Mouse, Keyboard])
async def test_from_the_welcome_page_to_a_draft_in_the_mailbox(
    browsers: Browsers, newcomers: House, kind: type[Mouse] | type[Keyboard]
) -> None:
    async with browsers.window(newcomers.url) as window:
        hands = kind(window.page)
        trip, shown = await the_whole_way(window.page, newcomers.url, hands, "neu")
        assert window.complaints == []
    (draft,) = _drafts_of_newcomers(newcomers)
    assert draft["In-Reply-To"]
    assert trip.seconds < FIVE_MINUTES
    assert trip.fields <= FIELDS
    assert trip.clicks <= CLICKS
    assert "Pension Ammer" in shown


async def test_a_wrong_password_is_said_and_cured_in_place(
    browsers: Browsers, newcomers: House, dovecot: Dovecot
) -> None:
    user = f"user{uuid4().hex[:8]}"
    dovecot.deliver(user, _enquiry())
    async with browsers.window(newcomers.url) as window:
        hands = Mouse(window.page)
        await window.page.goto(newcomers.url)
        await register(hands, "neu")
        await set_up(hands)
        await hands.fill("E-Mail-Adresse", f"{user}@pension-ammer.example")
        await hands.fill("Passwort", "falsch")
        await window.page.get_by_text("Zu dieser Adresse haben wir nichts gefunden").wait_for()
        await hands.fill("Server für eingehende Mails", "127.0.0.1")
        await hands.fill("Port", str(dovecot.port))
        await hands.press("combobox", "Verschlüsselung")
        await hands.press("option", "Keine")
        await hands.fill("Benutzername", user)
        await hands.press("button", "Verbindung prüfen und weiter")
        alert = window.page.get_by_role("alert").filter(has_text="Passwort")
        await alert.first.wait_for()
        await hands.fill("Passwort", MAIL_PASSWORD)
        await hands.press("button", "Verbindung prüfen und weiter")
        await see_first_draft(hands)
    (draft,) = drafts(dovecot, user)
    assert draft["In-Reply-To"] == "<frage@example.net>"


def _enquiry() -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"] = "Jonas Weiß <jonas.weiss@example.net>", "info@pension-ammer.example"
    mail["Subject"], mail["Message-ID"] = "Hund", "<frage@example.net>"
    mail.set_content("Guten Tag,\n\ndürfen wir unseren Hund mitbringen?\n\nJonas Weiß\n")
    return mail.as_bytes()


def _drafts_of_newcomers(house: House) -> list[Message]:
    with imaplib.IMAP4("127.0.0.1", int(house.settings["imap_port"]), timeout=10) as client:
        client.login(FOR_NEWCOMERS, ACCOUNTS[FOR_NEWCOMERS])
        folders = [line.decode() for line in client.list()[1] if isinstance(line, bytes)]
        (drafts_folder,) = (line.rpartition(" ")[2] for line in folders if "Drafts" in line or "Entw" in line)
        assert client.select(drafts_folder, readonly=True)[0] == "OK"
        parts = client.fetch("1:*", "(BODY.PEEK[])")[1]
    return [message_from_bytes(part[1]) for part in parts if isinstance(part, tuple)]
