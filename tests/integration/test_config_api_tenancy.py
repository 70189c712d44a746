"""Row-level security holds below the application: raw SQL in the tenant's role reaches no other organisation."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, ProgrammingError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col, select, update

from config_api.accounts.models import Account
from config_api.api_keys.models import ApiKey
from config_api.app import ConfigApi
from config_api.database import Database
from config_api.idempotency.models import IdempotencyKey
from config_api.members.models import Invitation, Membership
from config_api.models import Assistant, Mailbox, now
from config_api.privacy.models import ExportJob
from shared.events import MessageSettled, Outcome
from tests.servers.config_api import ConfigApiServer, Resource, settings_for
from tests.servers.postgres import Postgres

OWNED = (
    "organisation",
    "assistant",
    "mailbox",
    "knowledge_entry",
    "settled_message",
    "membership",
    "invitation",
    "api_key",
    "knowledge_change_set",
    "knowledge_change",
    "plan",
    "plan_change",
    "usage_day",
    "export_job",
    "idempotency_key",
)


@pytest.fixture
async def two(api: ConfigApiServer) -> tuple[Resource, Resource]:
    """Two organisations, each with one row in every table."""
    both = await api.an_assistant("Hotel Seeblick"), await api.an_assistant("Pension Bergblick")
    settled = next(each for each in api.service.subscriptions() if each.event is MessageSettled)
    for each in both:
        mailbox = await each.mailbox()
        await each.entry("Gibt es Parkplätze?")
        await settled.handler(a_settled_message(each, mailbox["id"]))
        await people(api.service.database, UUID(each.organisation_id))
    return both


async def people(database: Database, organisation_id: UUID) -> None:
    """Somebody who belongs to it, somebody who is invited, and a program."""
    name = uuid4().hex
    account = Account(email=f"{name}@example.org", user_name=name, password_hash="", terms_version="1")
    async with database.auth() as session:
        session.add(account)
    async with database.tenant(organisation_id) as session:
        session.add(Membership(organisation_id=organisation_id, account_id=account.id, role="owner"))
        gone = {"token_digest": name.encode(), "expires_at": now()}
        session.add(Invitation(organisation_id=organisation_id, email="neu@example.org", role="member", **gone))
        session.add(ApiKey(organisation_id=organisation_id, name="Kasse", start="kin_", **gone))
        session.add(ExportJob(organisation_id=organisation_id, state="failed", expires_at=now() + timedelta(days=1)))
        key = {"digest": name.encode(), "sealed_request": "", "expires_at": now()}
        session.add(IdempotencyKey(organisation_id=organisation_id, **key))


def a_settled_message(owner: Resource, mailbox_id: str) -> MessageSettled:
    return MessageSettled.model_validate(
        {
            "organisation_id": owner.organisation_id,
            "mailbox_id": mailbox_id,
            "assistant_id": owner.id,
            "message_id": uuid4(),
            "outcome": Outcome.DRAFTED,
            "received_at": "2026-11-22T10:00:00Z",
        }
    )


async def count(connection: AsyncConnection, table: str) -> int:
    return (await connection.execute(text(f"SELECT count(*) FROM config.{table}"))).scalar_one()


def owner_column(table: str) -> str:
    return "id" if table == "organisation" else "organisation_id"


@pytest.mark.parametrize("table", OWNED)
async def test_a_tenant_sees_and_changes_its_own_rows_only(
    api: ConfigApiServer, two: tuple[Resource, Resource], table: str
) -> None:
    mine, other = two
    async with api.service.database.tenant(UUID(mine.organisation_id)) as session:
        connection = await session.connection()
        assert await count(connection, table) == 1
        theirs = {"other": other.organisation_id}
        where = f"WHERE {owner_column(table)} = :other"
        assert (await connection.execute(text(f"SELECT * FROM config.{table} {where}"), theirs)).all() == []
        for statement in (
            f"UPDATE config.{table} SET {owner_column(table)} = {owner_column(table)} {where}",
            f"DELETE FROM config.{table} {where}",
        ):
            assert (await connection.execute(text(statement), theirs)).rowcount == 0
    async with api.service.database.service() as session:
        assert await count(await session.connection(), table) == 2


@pytest.mark.parametrize("table", OWNED)
async def test_a_tenant_can_give_no_row_to_another_organisation(
    api: ConfigApiServer, two: tuple[Resource, Resource], table: str
) -> None:
    mine, other = two
    owner, key = owner_column(table), "message_id" if table == "settled_message" else "id"
    changes = f"jsonb_build_object('{key}', gen_random_uuid()) || jsonb_build_object('{owner}', CAST(:other AS text))"
    statements = (
        f"UPDATE config.{table} SET {owner} = :other",
        f"INSERT INTO config.{table} SELECT (jsonb_populate_record(t, {changes})).* FROM config.{table} t",
    )
    for statement in statements:
        with pytest.raises(ProgrammingError, match="row-level security"):
            async with api.service.database.tenant(UUID(mine.organisation_id)) as session:
                await (await session.connection()).execute(text(statement), {"other": other.organisation_id})


@pytest.mark.parametrize("table", OWNED)
async def test_with_no_organisation_there_is_nothing_to_see(
    api: ConfigApiServer, two: tuple[Resource, Resource], table: str
) -> None:
    async with api.service.database.outside_transactions() as connection:
        await connection.execute(text("SET ROLE kinamik_tenant"))
        assert await count(connection, table) == 0
        await connection.execute(text("SET kinamik.organisation_id = ''"))
        assert await count(connection, table) == 0
        await connection.execute(text("RESET ROLE"))


@pytest.mark.parametrize("table", OWNED)
async def test_it_is_the_policy_that_holds(
    postgres: Postgres, api: ConfigApiServer, two: tuple[Resource, Resource], table: str
) -> None:
    """The other tests can fail: with the policy opened, the tenant sees both organisations."""
    postgres.execute(f"DROP POLICY tenant ON config.{table}", api.database)
    postgres.execute(f"CREATE POLICY everybody ON config.{table} TO kinamik_tenant USING (true)", api.database)
    async with api.service.database.tenant(UUID(two[0].organisation_id)) as session:
        assert await count(await session.connection(), table) == 2


async def test_every_table_with_an_organisation_is_protected(postgres: Postgres, api: ConfigApiServer) -> None:
    """So that a table that a later migration adds is not forgotten."""
    query = text("""
        SELECT relname, relrowsecurity AND relforcerowsecurity FROM pg_class
        WHERE relnamespace = 'config'::regnamespace AND relkind = 'r' AND (relname = 'organisation' OR EXISTS (
            SELECT FROM pg_attribute WHERE attrelid = pg_class.oid AND attname = 'organisation_id'))
    """)
    async with api.service.database.outside_transactions() as connection:
        protected = {row.relname: row[1] for row in await connection.execute(query)}
    assert protected == dict.fromkeys(OWNED, True)


async def test_the_role_and_the_organisation_end_with_the_transaction(
    api: ConfigApiServer, two: tuple[Resource, Resource]
) -> None:
    async with api.service.database.tenant(UUID(two[0].organisation_id)) as session:
        backend = (await (await session.connection()).execute(text("SELECT pg_backend_pid()"))).scalar_one()
    for _ in range(20):
        async with api.service.database.outside_transactions() as connection:
            row = (
                await connection.execute(
                    text("SELECT pg_backend_pid(), current_user, current_setting('kinamik.organisation_id', true)")
                )
            ).one()
        if row[0] == backend:
            break
    assert tuple(row) == (backend, "postgres", "")


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM config.content_key",
        "SELECT payload FROM config.config_outbox",
        "DELETE FROM config.config_outbox",
        "DELETE FROM config.revision",
        "TRUNCATE config.assistant CASCADE",
        "ALTER TABLE config.mailbox DISABLE ROW LEVEL SECURITY",
        "CREATE TABLE config.mine (id int)",
    ],
)
async def test_a_tenant_has_no_business_there(
    api: ConfigApiServer, two: tuple[Resource, Resource], statement: str
) -> None:
    with pytest.raises(DBAPIError, match=r"permission denied|must be owner"):
        async with api.service.database.tenant(UUID(two[0].organisation_id)) as session:
            await (await session.connection()).execute(text(statement))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE config.assistant SET active = true",
        "UPDATE config.mailbox SET imap_host = 'mail.evil.example'",
        "DELETE FROM config.knowledge_entry",
        "UPDATE config.revision SET n = 0",
    ],
)
async def test_the_services_role_reads_and_does_not_write(
    api: ConfigApiServer, two: tuple[Resource, Resource], statement: str
) -> None:
    with pytest.raises(DBAPIError, match="permission denied"):
        async with api.service.database.service() as session:
            await (await session.connection()).execute(text(statement))


async def test_a_foreign_key_does_not_reach_into_another_organisation(
    api: ConfigApiServer, two: tuple[Resource, Resource]
) -> None:
    """Foreign keys look past row-level security, so they carry the organisation."""
    mine, other = two
    async with api.service.database.tenant(UUID(mine.organisation_id)) as session:
        moved = update(Mailbox).values(assistant_id=UUID(other.id))
        with pytest.raises(DBAPIError, match="foreign key"):
            await session.exec(moved)
        await session.rollback()


async def test_an_owner_who_is_no_superuser_is_held_to_the_policies_too(postgres: Postgres) -> None:
    """As on a database server that somebody else runs: the service owns its schema and may create roles."""
    postgres.execute("CREATE ROLE tester LOGIN CREATEROLE")
    database = postgres.create(owner="tester")
    try:
        for role in ("kinamik_tenant", "kinamik_service", "kinamik_account", "kinamik_auth"):
            postgres.execute(f"GRANT {role} TO tester WITH ADMIN TRUE, INHERIT FALSE, SET FALSE")
        service = ConfigApi.of(settings_for(postgres.url(database, user="tester")))

        async def nowhere(_: object) -> None: ...

        async with service.running(nowhere):
            organisation = uuid4()
            async with service.database.tenant(organisation) as session:
                connection = await session.connection()
                insert = (
                    "INSERT INTO config.organisation (id, created_at, updated_at, name, active)"
                    " VALUES (:id, now(), now(), 'Haus', true)"
                )
                await connection.execute(text(insert), {"id": organisation})
                assert await count(connection, "organisation") == 1
            async with service.database.tenant(uuid4()) as session:
                assert await count(await session.connection(), "organisation") == 0
            async with service.database.service() as session:
                assert (await session.exec(select(col(Assistant.id)))).all() == []
                assert await count(await session.connection(), "organisation") == 1
            async with service.database.outside_transactions() as connection:
                assert await count(connection, "organisation") == 0
    finally:
        postgres.drop(database)
        postgres.execute("DROP ROLE tester")
