"""Tokens of Google and Microsoft: sealed at rest, rotated with the master key, and shown to nobody but our services."""

import asyncio
import logging
from io import StringIO
from typing import Any

import pytest

from config_api.app import ConfigApi
from config_api.rotate import main as rotate
from shared.errors import PermanentError
from shared.telemetry import configure_logging
from tests.integration.test_config_api_secrets import files_with
from tests.servers.canaries import forms
from tests.servers.config_api import ConfigApiServer, a_master_key, running_config_api, settings_for
from tests.servers.connecting import Accounts, House, a_house, access_token
from tests.servers.person import Person, a_person, sql
from tests.servers.postgres import Postgres

pytest_plugins = ("tests.servers.fixtures",)


@pytest.fixture
def api_settings(accounts: Accounts) -> dict[str, Any]:
    return accounts.settings()


@pytest.fixture
async def house(anna: Person) -> House:
    return await a_house(anna)


async def tokens_of(accounts: Accounts, api: ConfigApiServer, email: str, mailbox_id: str) -> list[str]:
    """Refresh token and access token of a Google mailbox."""
    (refresh_token,) = accounts.google.google.grants(email)
    return [refresh_token, (await access_token(api, mailbox_id)).json()["token"]]


async def test_no_token_is_readable_in_the_data_directory(
    accounts: Accounts, postgres: Postgres, api: ConfigApiServer, house: House
) -> None:
    email = accounts.next()
    secrets = await tokens_of(accounts, api, email, await house.connected("gmail", email))
    postgres.execute("CHECKPOINT")
    needles = [form for secret in secrets for form in forms(secret)]
    found = await asyncio.to_thread(files_with, postgres.data_directory, [*needles, email.encode()])
    assert found == {email.encode()}, "the search finds what is not encrypted, and nothing else"


async def test_no_token_is_in_a_log_line_or_an_answer(accounts: Accounts, api: ConfigApiServer, house: House) -> None:
    """With every logger as talkative as it can be, also of what goes wrong."""
    stream, root = StringIO(), logging.getLogger()
    handlers, level = root.handlers[:], root.level
    configure_logging(stream, logging.DEBUG)
    try:
        email = accounts.next()
        mailbox_id = await house.connected("gmail", email)
        secrets = await tokens_of(accounts, api, email, mailbox_id)
        await sql(api, "UPDATE config.mailbox SET access_token = NULL")
        secrets += await tokens_of(accounts, api, email, mailbox_id)
        accounts.google.person(email).revoke()
        await sql(api, "UPDATE config.mailbox SET access_token = NULL")
        assert (await access_token(api, mailbox_id)).status_code == 409
        await sql(api, "UPDATE config.mailbox SET refresh_token = 'first:AAAA'")
        assert (await access_token(api, mailbox_id)).status_code == 503
        told = await house.connect("gmail", accounts.next(), return_to="start")
        shown = [await house.mailboxes(), await house.mailbox(mailbox_id), told]
        shown.append((await house.person.http.get(f"{house.path}/mailboxes/{mailbox_id}/health")).json())
    finally:
        root.handlers, root.level = handlers, level
    assert "mailbox_token_unreadable" in stream.getvalue()
    for secret in (*secrets, "the operator's secret", email):
        assert secret not in stream.getvalue()
    for secret in secrets:
        assert secret not in repr(shown)
    assert not [field for field in shown[1] if "token" in field]


async def test_tokens_change_hands_with_the_master_key(accounts: Accounts, postgres: Postgres, database: str) -> None:
    old, new = a_master_key("2026a"), a_master_key("2026b")
    settings = accounts.settings()
    async with running_config_api(postgres, database, master_keys=old, **settings) as api:
        house = await a_house(await a_person(api))
        mailbox_id = await house.connected("gmail", accounts.next())
        before = (await access_token(api, mailbox_id)).json()
    url = postgres.url(database)
    with pytest.raises(PermanentError, match="master_key_missing"):
        await rotate(settings_for(url, master_keys=new))
    await rotate(settings_for(url, master_keys=f"{new},{old}"))
    with pytest.raises(PermanentError, match="master_key_missing"):
        async with ConfigApi.of(settings_for(url, master_keys=old)).running(nowhere):
            pass
    async with running_config_api(postgres, database, master_keys=new, **settings) as api:
        columns = "SELECT refresh_token, access_token FROM config.mailbox"
        assert all(sealed.startswith("2026b:") for row in await sql(api, columns) for sealed in row)
        assert (await access_token(api, mailbox_id)).json() == before
        await sql(api, "UPDATE config.mailbox SET access_token = NULL")
        renewed = await access_token(api, mailbox_id)
        assert renewed.status_code == 200, "the refresh token is readable, too"
        assert renewed.json()["token"] != before["token"]


async def nowhere(_: object) -> None: ...


async def test_a_token_of_another_mailbox_does_not_open(accounts: Accounts, api: ConfigApiServer, house: House) -> None:
    """Whoever can write to the table cannot have one mailbox read as another."""
    rich, poor = await house.connected("gmail", accounts.next()), await house.connected("gmail", accounts.next())
    columns = ("refresh_token", "access_token")
    stolen = ", ".join(f"{each} = (SELECT {each} FROM config.mailbox WHERE id = '{rich}')" for each in columns)
    await sql(api, f"UPDATE config.mailbox SET {stolen} WHERE id = '{poor}'")
    assert (await access_token(api, poor)).status_code == 503
    assert (await access_token(api, rich)).status_code == 200


async def test_the_internal_api_is_for_services_only(accounts: Accounts, api: ConfigApiServer, house: House) -> None:
    mailbox_id = await house.connected("gmail", accounts.next())
    url = f"{api.url}/internal/v1/mailboxes/{mailbox_id}/access-token"
    for http in (house.person.http, api.http):
        assert (await http.post(url, json={})).status_code == 401
