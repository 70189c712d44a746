"""Notices by mail: to a real SMTP server, which may be away, refuse, or be no good."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import httpx2
import pytest
from sqlmodel import col, update
from structlog.testing import capture_logs

from config_api.accounts.models import Account
from config_api.notices.service import Kind, notify
from config_api.rotate import main as rotate
from tests.servers.config_api import ConfigApiServer, a_master_key, running_config_api, settings_for
from tests.servers.mail_sink import TAKEN, MailSink
from tests.servers.owner import eventually
from tests.servers.person import Person, a_person
from tests.servers.postgres import Postgres

PUBLIC_URL = "https://kinamik.example"
GREYLISTED = "451 4.7.1 Come back later"
UNKNOWN = "550 5.1.1 No such user here"
LETTER = {"subject": "Neues von Kinamik", "text": "Guten Tag.\n\nEs gibt Neues."}
FORM = "application/x-www-form-urlencoded"
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
async def sink() -> MailSink:
    """It listens once, so that it has a port; a test lets it listen again."""
    sink = MailSink()
    async with sink.listening():
        pass
    return sink


def mail_settings(sink: MailSink, **changes: Any) -> dict[str, Any]:
    values = {"mail_host": "127.0.0.1", "mail_port": sink.port, "mail_security": "none", "public_url": PUBLIC_URL}
    return values | {"mail_from": "Kinamik <hallo@kinamik.example>"} | changes


@pytest.fixture
def api_settings(sink: MailSink) -> dict[str, Any]:
    return mail_settings(sink)


async def send(api: ConfigApiServer, kind: Kind, recipient: str, **options: Any) -> None:
    async with api.service.database.auth() as session:
        await notify(session, api.service.master_keys, kind, recipient, **options)


async def logged(logs: Sequence[Any], event: str) -> None:
    async def found() -> bool:
        return any(entry["event"] == event for entry in logs)

    await eventually(found, True, 10)


async def test_a_notice_arrives_as_text_and_html(api: ConfigApiServer, sink: MailSink) -> None:
    async with sink.listening():
        await send(api, "confirm_registration", "anna@example.org", link="/confirm?token=abc")
        (mail,) = await sink.until(1)
    (envelope,) = sink.envelopes
    assert (envelope.mail_from, envelope.rcpt_tos) == ("hallo@kinamik.example", ["anna@example.org"])
    assert (mail["From"], mail["To"]) == ("Kinamik <hallo@kinamik.example>", "anna@example.org")
    assert mail["Subject"] == "Bitte bestätigen Sie Ihre E-Mail-Adresse"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert re.fullmatch(r"<[0-9a-f-]{36}@kinamik\.example>", mail["Message-ID"])
    assert abs(parsedate_to_datetime(mail["Date"]) - datetime.now(UTC)) < timedelta(minutes=1)
    assert mail["List-Unsubscribe"] is None
    assert mail.get_content_type() == "multipart/alternative"
    text, html = (part.get_content() for part in mail.iter_parts())
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    for words in (text, html):
        assert f"{PUBLIC_URL}/confirm?token=abc" in words


async def test_in_the_language_of_whoever_gets_it(api: ConfigApiServer, sink: MailSink) -> None:
    async with sink.listening():
        await send(api, "password_changed", "anna@example.org", language="en")
        (mail,) = await sink.until(1)
    assert mail["Subject"] == "Your password has been changed"
    assert "Hello," in mail.get_body(("plain",)).get_content()


async def test_a_mail_server_that_is_away_loses_nothing(api: ConfigApiServer, sink: MailSink) -> None:
    people = [f"person{n}@example.org" for n in range(5)]
    with capture_logs() as logs:
        for person in people:
            await send(api, "password_changed", person)
        await logged(logs, "notice_waits")
        async with api.service.database.outside_transactions() as connection:
            assert (await connection.exec_driver_sql("SELECT count(*) FROM config.config_outbox")).scalar() == 5
        async with sink.listening():
            await sink.until(5, seconds=30)
    assert sorted(envelope.rcpt_tos[0] for envelope in sink.envelopes) == people
    assert {"event": "notice_waits", "kind": "password_changed", "reason": "mail_server_unavailable"}.items() <= (
        logs[0].items()
    )
    assert "person" not in str(logs)


async def test_who_is_refused_for_now_gets_it_later_and_who_is_refused_for_ever_does_not(
    api: ConfigApiServer, sink: MailSink
) -> None:
    sink.answers = [GREYLISTED, UNKNOWN, GREYLISTED, TAKEN]
    with capture_logs() as logs:
        async with sink.listening():
            await send(api, "password_changed", "spaeter@example.org")
            await send(api, "password_changed", "niemand@example.org")
            await send(api, "password_changed", "sofort@example.org")
            await sink.until(2, seconds=20)
    assert sink.refused == 3
    dropped = [entry for entry in logs if entry["event"] == "notice_dropped"]
    assert [entry["reason"] for entry in dropped] == ["recipient_refused"]
    assert "example.org" not in str(logs)
    async with api.service.database.outside_transactions() as connection:
        assert (await connection.exec_driver_sql("SELECT count(*) FROM config.config_outbox")).scalar() == 0


async def test_nothing_goes_in_the_clear_where_tls_is_asked_for(
    postgres: Postgres, database: str, sink: MailSink
) -> None:
    settings = mail_settings(sink, mail_security="starttls")
    async with running_config_api(postgres, database, **settings) as api, sink.listening():
        with capture_logs() as logs:
            await send(api, "reset_password", "anna@example.org", link="/reset?token=geheim")
            await logged(logs, "notice_waits")
    assert sink.connections >= 1
    assert (sink.envelopes, logs[0]["reason"]) == ([], "mail_server_unavailable")


async def test_without_a_mail_server_only_the_kind_is_logged(postgres: Postgres, database: str) -> None:
    with capture_logs() as logs:
        async with running_config_api(postgres, database) as api:
            await send(api, "password_changed", "anna@example.org")
            await logged(logs, "notice_not_sent")
    found = [entry for entry in logs if entry["event"] == "notice_not_sent"]
    assert found == [
        {"event": "notice_not_sent", "kind": "password_changed", "reason": "no_mail_server", "log_level": "warning"}
    ]


async def test_addresses_outside_ascii(api: ConfigApiServer, sink: MailSink) -> None:
    async with sink.listening():
        await send(api, "password_changed", "anna@hotel-müller.example")
        await send(api, "password_changed", "müller@example.org")
        await sink.until(2)
    assert sorted(envelope.rcpt_tos[0] for envelope in sink.envelopes) == [
        "anna@xn--hotel-mller-zhb.example",
        "müller@example.org",
    ]


async def test_what_waits_is_rotated_too(postgres: Postgres, database: str, sink: MailSink) -> None:
    old, new = a_master_key("old"), a_master_key("new")
    async with running_config_api(postgres, database, **mail_settings(sink), master_keys=old) as api:
        await send(api, "password_changed", "anna@example.org")
    await rotate(settings_for(postgres.url(database), master_keys=f"{new},{old}"))
    async with running_config_api(postgres, database, **mail_settings(sink), master_keys=new), sink.listening():
        await sink.until(1, seconds=70)
    assert sink.envelopes[0].rcpt_tos == ["anna@example.org"]


class TestNewsletter:
    async def test_it_goes_to_who_asked_for_it_and_ends_with_one_click(
        self, api: ConfigApiServer, sink: MailSink
    ) -> None:
        async with sink.listening():
            anna, bert = await a_person(api, "anna"), await a_person(api, "bert", language="en")
            await a_person(api, "carl")
            await self.subscribe(api, anna, bert)
            assert await self.send_letters(api) == 2
            mails = await self.letters(sink, 2)
        mail = mails[anna.email]
        # As sent, since the parser would decode what mail programs do not.
        sent = b"".join(bytes(each.content or b"") for each in sink.envelopes)
        assert len(re.findall(rb"^List-Unsubscribe: <\S+>\r$", sent, re.MULTILINE)) == 2
        assert (mail["Subject"], mails[bert.email]["Subject"]) == ("Neues von Kinamik", "News of Kinamik")
        assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        url = urlsplit(mail["List-Unsubscribe"].strip("<>"))
        assert f"{url.scheme}://{url.netloc}" == PUBLIC_URL
        assert f"{PUBLIC_URL}/unsubscribe?{url.query}" in mail.get_body(("plain",)).get_content()
        one_click = {"content": "List-Unsubscribe=One-Click", "headers": {"Content-Type": FORM}}
        for _ in range(2):
            async with httpx2.AsyncClient() as mail_program:
                response = await mail_program.post(f"{api.url}{url.path}?{url.query}", **one_click)
            assert response.status_code == 204
        assert await self.send_letters(api) == 1

    async def test_nobody_unsubscribes_somebody_else(self, api: ConfigApiServer, sink: MailSink) -> None:
        async with sink.listening():
            anna, bert = await a_person(api, "anna"), await a_person(api, "bert")
            await self.subscribe(api, anna, bert)
            await self.send_letters(api)
            mails = await self.letters(sink, 2)
        token = mails[anna.email]["List-Unsubscribe"].partition("token=")[2].strip(">")
        forged = token.replace(anna.account_id, bert.account_id)
        for wrong in (forged, token[:-1], anna.account_id, "x", "ä", "." * 40):
            response = await anna.http.post("/newsletter/unsubscribe", params={"token": wrong})
            assert (response.status_code, response.json()["reason"]) == (422, "link_not_valid")
        assert await self.send_letters(api) == 2

    async def test_only_operators_write_it(self, postgres: Postgres, database: str) -> None:
        async with running_config_api(postgres, database) as api:
            anna = await a_person(api, "anna")
            response = await anna.http.post("/newsletter", json={"de": LETTER, "en": LETTER})
        assert (response.status_code, response.json()["reason"]) == (403, "operators_only")

    async def subscribe(self, api: ConfigApiServer, *people: Person) -> None:
        async with api.service.database.auth() as session:
            wanted = update(Account).where(col(Account.id).in_([UUID(each.account_id) for each in people]))
            await session.exec(wanted.values(newsletter_since=NOON))

    async def letters(self, sink: MailSink, count: int) -> dict[str, Any]:
        """By who got them."""
        found = await sink.until(count, lambda mail: mail["List-Unsubscribe"] is not None)
        return {mail["To"]: mail for mail in found}

    async def send_letters(self, api: ConfigApiServer) -> int:
        english = LETTER | {"subject": "News of Kinamik"}
        response = await api.http.post("/newsletter", json={"de": LETTER, "en": english})
        assert response.status_code == 202
        return response.json()["readers"]
