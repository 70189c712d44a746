"""Passwords and content keys: unreadable at rest, rotated with the master key, and in the end destroyed."""

import asyncio
import base64
import logging
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from io import StringIO
from itertools import pairwise
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from config_api.app import ConfigApi
from config_api.crypto import MasterKeys
from config_api.internal.service import Snapshots
from config_api.keys.service import HOURS_AHEAD, ContentKeys
from config_api.rotate import main as rotate
from shared.errors import PermanentError
from shared.sealing import Keyring
from shared.telemetry import configure_logging
from tests.servers.config_api import ConfigApiServer, a_master_key, running_config_api, settings_for
from tests.servers.postgres import Postgres

PASSWORD = "Seeblick-Passwort-4711"


def imap(password: str) -> dict[str, object]:
    return {"host": "127.0.0.1", "port": 1143, "security": "none", "username": "info", "password": password}


def files_with(folder: Path, needles: Iterable[bytes]) -> set[bytes]:
    """Which of the needles lie anywhere in the files below `folder`, the write-ahead log among them."""
    found: set[bytes] = set()
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            data = path.read_bytes()
            found |= {needle for needle in needles if needle in data}
    return found


def table_bytes(postgres: Postgres, database: str, table: str) -> bytes:
    """The table as it lies on disk, with what is not visible in it any more."""
    postgres.execute("CHECKPOINT")
    with psycopg.connect(postgres.conninfo(database)) as connection:
        row = connection.execute("SELECT pg_relation_filepath(%s::regclass)", [table]).fetchone()
    assert row
    return (postgres.data_directory / row[0]).read_bytes()


def wrapped_keys(postgres: Postgres, database: str) -> list[str]:
    with psycopg.connect(postgres.conninfo(database)) as connection:
        query = "SELECT wrapped_key FROM config.content_key WHERE wrapped_key IS NOT NULL ORDER BY valid_from"
        return [row[0] for row in connection.execute(query)]


async def test_no_password_and_no_content_key_is_readable_in_the_data_directory(
    postgres: Postgres, api: ConfigApiServer
) -> None:
    anna = await api.an_assistant(instructions="Anweisung-zum-Wiederfinden")
    await anna.mailbox(imap=imap(PASSWORD))
    keys = await api.internal("/content-keys")
    postgres.execute("CHECKPOINT")
    secrets = [PASSWORD.encode(), base64.b64encode(PASSWORD.encode())]
    for key in keys[:3]:
        secrets += [key["key"].encode(), base64.urlsafe_b64decode(key["key"])]
    visible = b"Anweisung-zum-Wiederfinden"
    found = await asyncio.to_thread(files_with, postgres.data_directory, [*secrets, visible])
    assert found == {visible}, "the search finds what is not encrypted, and nothing else"


async def test_only_the_internal_api_gives_secrets_out(api: ConfigApiServer) -> None:
    anna = await api.an_assistant()
    await anna.mailbox(imap=imap(PASSWORD))
    (mailbox,) = (await api.internal("/config"))["mailboxes"]
    assert mailbox["account"]["password"] == PASSWORD
    async with api.client() as client:
        await client.refresh()
        (known,) = client.mailboxes()
        assert known.account.password.get_secret_value() == PASSWORD
        assert PASSWORD not in repr(known)


async def test_nothing_secret_is_logged(postgres: Postgres, api: ConfigApiServer) -> None:
    """With a statement that fails while it carries the password, and every logger as talkative as it can be."""
    stream, root = StringIO(), logging.getLogger()
    handlers, level = root.handlers[:], root.level
    configure_logging(stream, logging.DEBUG)
    try:
        anna = await api.an_assistant()
        postgres.execute("ALTER TABLE config.mailbox ADD CHECK (folder <> 'INBOX')", api.database)
        body = {"assistant_id": anna.id, "address": "geheim@hotel.example", "imap": imap(PASSWORD)}
        await api.http.post(f"{anna.organisation}/mailboxes", json=body)
        postgres.execute("ALTER TABLE config.mailbox DROP COLUMN drafts_folder", api.database)
        response = await api.http.post(f"{anna.organisation}/mailboxes", json=body)
        assert response.status_code == 500
    finally:
        root.handlers, root.level = handlers, level
    assert "request_failed" in stream.getvalue()
    for secret in (PASSWORD, "geheim@hotel.example", "the admin's token", "the services' token"):
        assert secret not in stream.getvalue()


async def test_a_statement_that_fails_does_not_quote_what_it_carried(api: ConfigApiServer) -> None:
    async with api.service.database.service() as session:
        connection = await session.connection()
        with pytest.raises(DBAPIError) as refused:
            await connection.execute(text("INSERT INTO config.organisation (name) VALUES (:name)"), {"name": PASSWORD})
        await session.rollback()
    assert PASSWORD not in str(refused.value)


async def test_rotation_needs_the_old_key_once_more_and_never_again(postgres: Postgres, database: str) -> None:
    old, new = a_master_key("2026a"), a_master_key("2026b")
    async with running_config_api(postgres, database, master_keys=old) as api:
        anna = await api.an_assistant()
        await anna.mailbox(imap=imap(PASSWORD))
        before = await api.internal("/content-keys"), await api.internal("/config")
    url = postgres.url(database)
    with pytest.raises(PermanentError, match="master_key_missing"):
        await start_and_stop(ConfigApi.of(settings_for(url, master_keys=new)))
    with pytest.raises(PermanentError, match="master_key_missing"):
        await rotate(settings_for(url, master_keys=new))
    await rotate(settings_for(url, master_keys=f"{new},{old}"))
    async with running_config_api(postgres, database, master_keys=new) as api:
        assert (await api.internal("/content-keys"), await api.internal("/config")) == before
    assert all(wrapped.startswith("2026b:") for wrapped in wrapped_keys(postgres, database))


async def start_and_stop(service: ConfigApi) -> None:
    async def nowhere(_: object) -> None: ...

    async with service.running(nowhere):
        pass


async def test_one_unreadable_password_does_not_hold_up_the_others(postgres: Postgres, api: ConfigApiServer) -> None:
    anna = await api.an_assistant()
    broken, whole = await anna.mailbox("kaputt"), await anna.mailbox("heil")
    change = f"UPDATE config.mailbox SET imap_password = 'first:AAAA' WHERE id = '{broken['id']}'"
    postgres.execute(change, api.database)
    delta = await api.internal("/config")
    assert [mailbox["id"] for mailbox in delta["mailboxes"]] == [whole["id"]]


async def test_a_password_of_another_mailbox_does_not_open(postgres: Postgres, api: ConfigApiServer) -> None:
    """Whoever can write to the table cannot have one mailbox's password sent to another's server."""
    anna = await api.an_assistant()
    rich, poor = await anna.mailbox("reich"), await anna.mailbox("arm")
    stolen = f"SELECT imap_password FROM config.mailbox WHERE id = '{rich['id']}'"
    postgres.execute(f"UPDATE config.mailbox SET imap_password = ({stolen}) WHERE id = '{poor['id']}'", api.database)
    assert [mailbox["id"] for mailbox in (await api.internal("/config"))["mailboxes"]] == [rich["id"]]


async def test_keys_are_issued_a_day_ahead_and_once(api: ConfigApiServer) -> None:
    keys = api.service.content_keys
    moment = (await keys.usable())[0].valid_from
    await asyncio.gather(*(keys.issue(moment + timedelta(hours=5)) for _ in range(4)))
    issued = await keys.usable()
    assert len(issued) == HOURS_AHEAD + 1 + 5
    for earlier, later in pairwise(issued):
        assert earlier.valid_until == later.valid_from
        assert earlier.key != later.key
    assert issued[0].valid_from <= moment < issued[0].valid_until
    assert all(len(base64.urlsafe_b64decode(key.key.get_secret_value())) == 32 for key in issued)
    assert issued[-1].valid_until - moment > timedelta(hours=29)


async def test_services_seal_and_open_with_the_keys(api: ConfigApiServer) -> None:
    async with api.client() as client:
        keyring = Keyring(client.content_keys)
        await keyring.refresh()
        envelope = keyring.seal(b"Haben Sie ein Zimmer frei?", b"context")
        assert await Keyring(client.content_keys).open(envelope, b"context") == b"Haben Sie ein Zimmer frei?"
        await api.service.content_keys.destroy(datetime.now(UTC) + timedelta(hours=25))
        with pytest.raises(PermanentError, match="content_key_destroyed"):
            await Keyring(client.content_keys).open(envelope, b"context")


async def test_a_key_is_destroyed_after_its_retention_and_not_before(postgres: Postgres, api: ConfigApiServer) -> None:
    first, second = (await api.service.content_keys.usable())[:2]
    sealed, kept = wrapped_keys(postgres, api.database)[:2]
    assert sealed.encode() in table_bytes(postgres, api.database, "config.content_key")
    day = timedelta(days=1)
    assert await api.service.content_keys.destroy(first.valid_until + day - timedelta(seconds=1)) == 0
    assert await api.service.content_keys.destroy(first.valid_until + day) == 1
    on_disk = table_bytes(postgres, api.database, "config.content_key")
    assert sealed.encode() not in on_disk
    assert kept.encode() in on_disk
    assert (await api.service.content_keys.usable())[0].id == second.id


async def test_no_destroyed_key_stays_on_disk_hour_after_hour(postgres: Postgres, api: ConfigApiServer) -> None:
    """A plain VACUUM moves rows about within a page and leaves copies of them where they were."""
    keys = (await api.service.content_keys.usable())[:8]
    sealed = wrapped_keys(postgres, api.database)[:8]
    for gone, key in enumerate(keys, 1):
        assert await api.service.content_keys.destroy(key.valid_until + timedelta(days=1)) == 1
        for _ in range(20):
            on_disk = table_bytes(postgres, api.database, "config.content_key")
            left = [wrapped for wrapped in sealed[:gone] if wrapped.encode() in on_disk]
            if not left:
                break
            # A transaction that was open just then still sees the old row; the next upkeep's VACUUM removes it.
            await asyncio.sleep(0.1)
            postgres.execute("VACUUM FULL config.content_key", api.database)
        assert left == []


async def test_what_vacuum_full_is_for(postgres: Postgres, api: ConfigApiServer) -> None:
    """The test before this one can fail: after an UPDATE alone, the old row still lies in its page."""
    sealed = wrapped_keys(postgres, api.database)[0]
    postgres.execute(f"UPDATE config.content_key SET wrapped_key = NULL WHERE wrapped_key = '{sealed}'", api.database)
    assert sealed.encode() in table_bytes(postgres, api.database, "config.content_key")


async def test_an_old_key_in_the_log_is_no_use_without_the_master_key(postgres: Postgres, api: ConfigApiServer) -> None:
    first = (await api.service.content_keys.usable())[0]
    sealed = wrapped_keys(postgres, api.database)[0]
    await api.service.content_keys.destroy(first.valid_until + timedelta(days=1))
    strangers = MasterKeys({"first": AESGCM.generate_key(256)})
    with pytest.raises(PermanentError, match="sealed_value_broken"):
        strangers.open(sealed, first.id, "wrapped_key")


async def test_destruction_is_on_record_for_a_while(postgres: Postgres, api: ConfigApiServer) -> None:
    first = (await api.service.content_keys.usable())[0]
    moment = first.valid_until + timedelta(days=1)
    await api.service.content_keys.destroy(moment)
    assert await destroyed(api) == [first.id]
    await ContentKeys(api.service.database, api.service.master_keys, timedelta(days=90)).destroy(
        moment + timedelta(days=31)
    )
    assert await destroyed(api) == []


async def destroyed(api: ConfigApiServer) -> list[UUID]:
    async with api.service.database.service() as session:
        query = text("SELECT id FROM config.content_key WHERE destroyed_at IS NOT NULL AND wrapped_key IS NULL")
        return list((await (await session.connection()).execute(query)).scalars())


async def test_a_database_that_was_restored_gives_everything_again(api: ConfigApiServer) -> None:
    anna = await api.an_assistant()
    delta = await Snapshots(api.service.database, api.service.master_keys).changes(1000)
    assert delta.revision == 1
    assert [str(assistant.id) for assistant in delta.assistants] == [anna.id]
