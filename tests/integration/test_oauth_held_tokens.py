"""What a service holds of a mailbox's tokens carries it through an outage of config-api, for half of their life."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from shared.config import AccessToken
from shared.config_client import ConfigClient
from shared.errors import AuthError, TransientError
from shared.mailbox import tokens
from shared.mailbox.tokens import HeldTokens
from tests.servers.config_api import ConfigApiServer, running_config_api
from tests.servers.connecting import Accounts, House, a_house
from tests.servers.faults import Faults, server_error
from tests.servers.person import a_person, sql
from tests.servers.postgres import Postgres

pytest_plugins = ("tests.servers.fixtures",)

TOKEN = "/token$"


class Stand:
    """A service with a Google mailbox's tokens (`held`), and the config-api that it asks for them, until `stop`."""

    def __init__(self, stack: AsyncExitStack, api: ConfigApiServer, house: House, mailbox: str, email: str) -> None:
        self._stack = stack
        self.api, self.house, self.mailbox, self.email = api, house, mailbox, email
        self.client = ConfigClient(api.url, api.service.settings.service_token)
        self.held = HeldTokens(UUID(mailbox), self._ask)
        self.asked = 0
        self.got: AccessToken | None = None

    async def _ask(self, mailbox_id: UUID, refused: str) -> AccessToken:
        self.asked += 1
        self.got = await self.client.access_token(mailbox_id, refused)
        return self.got

    async def until_half_life(self) -> None:
        assert self.got is not None
        await until(self.got.renew_at)

    async def stop(self) -> None:
        """config-api is away from now on."""
        await self._stack.aclose()

    async def half_life_in(self, seconds: float, *, whole: float = 3600.0) -> None:
        """The access token that config-api has is good for `whole` seconds in all, half of it in so many from now."""
        statement = (
            "UPDATE config.mailbox SET access_token_from = now() + make_interval(secs => :half - :whole / 2),"
            " access_token_until = now() + make_interval(secs => :half + :whole / 2)"
        )
        await sql(self.api, statement, half=seconds, whole=whole)


async def until(moment: datetime) -> None:
    await asyncio.sleep(max(0.0, (moment - datetime.now(UTC)).total_seconds()) + 0.05)


@asynccontextmanager
async def standing(accounts: Accounts, postgres: Postgres, database: str) -> AsyncGenerator[Stand]:
    async with AsyncExitStack() as stack:
        api = await stack.enter_async_context(running_config_api(postgres, database, **accounts.settings()))
        house, email = await a_house(await a_person(api)), accounts.next()
        stand = Stand(stack, api, house, await house.connected("gmail", email), email)
        accounts.google.google.faults.clear()
        try:
            yield stand
        finally:
            await stand.client.close()


@pytest.fixture
def google(accounts: Accounts) -> Faults:
    return accounts.google.google.faults


async def test_a_token_is_asked_for_once_in_half_of_its_life(
    accounts: Accounts, postgres: Postgres, database: str
) -> None:
    async with standing(accounts, postgres, database) as stand:
        await stand.half_life_in(5)
        first = await stand.held.get()
        assert [await stand.held.get() for _ in range(5)] == [first] * 5
        assert stand.asked == 1
        await stand.until_half_life()
        second = await stand.held.get()
        assert second != first
        assert await stand.held.get() == second
        assert stand.asked == 2


async def test_while_config_api_is_away_the_held_one_goes_on(
    accounts: Accounts, postgres: Postgres, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And it is not asked again for every single request."""
    monkeypatch.setattr(tokens, "PATIENCE", timedelta(seconds=3))
    async with standing(accounts, postgres, database) as stand:
        await stand.half_life_in(5)
        first = await stand.held.get()
        await stand.stop()
        await stand.until_half_life()
        assert [await stand.held.get() for _ in range(5)] == [first] * 5
        assert stand.asked == 2
        await asyncio.sleep(3)
        assert await stand.held.get() == first
        assert stand.asked == 3


async def test_so_it_does_while_the_provider_is_in_trouble(
    accounts: Accounts, postgres: Postgres, database: str, google: Faults
) -> None:
    async with standing(accounts, postgres, database) as stand:
        await stand.half_life_in(5)
        first = await stand.held.get()
        google.plan("POST", TOKEN, server_error(), times=100)
        await stand.until_half_life()
        assert await stand.held.get() == first


async def test_but_not_beyond_its_end(accounts: Accounts, postgres: Postgres, database: str) -> None:
    """A minute before it is over it is not handed out any more: a request may take its time."""
    async with standing(accounts, postgres, database) as stand:
        await stand.half_life_in(5, whole=2 * (tokens.MARGIN.total_seconds() + 5))
        await stand.held.get()
        await stand.stop()
        await stand.until_half_life()
        await stand.held.get()
        assert stand.got is not None
        await until(stand.got.expires_at - tokens.MARGIN)
        with pytest.raises(TransientError):
            await stand.held.get()


async def test_a_token_that_was_refused_is_followed_by_another(
    accounts: Accounts, postgres: Postgres, database: str, google: Faults
) -> None:
    async with standing(accounts, postgres, database) as stand:
        first = await stand.held.get()
        stand.held.refused(first)
        assert await stand.held.get() != first
        assert google.count("POST", TOKEN) == 1
        stand.held.refused(first)
        assert await stand.held.get() != first
        assert google.count("POST", TOKEN) == 1, "what came too late is no reason for a third one"


async def test_a_token_that_was_refused_is_not_held_while_config_api_is_away(
    accounts: Accounts, postgres: Postgres, database: str
) -> None:
    async with standing(accounts, postgres, database) as stand:
        stand.held.refused(await stand.held.get())
        await stand.stop()
        with pytest.raises(TransientError):
            await stand.held.get()


async def test_a_grant_that_was_revoked_ends_it(accounts: Accounts, postgres: Postgres, database: str) -> None:
    async with standing(accounts, postgres, database) as stand:
        first = await stand.held.get()
        accounts.google.person(stand.email).revoke()
        stand.held.refused(first)
        for _ in range(2):
            with pytest.raises(AuthError, match="access_revoked"):
                await stand.held.get()
        assert await stand.house.connect("gmail", stand.email, mailbox_id=stand.mailbox)
        assert await stand.held.get() != first
