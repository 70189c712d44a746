"""Trials and plans: who has which, what ends when, who hears of it, and how much it allows."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx2
import pytest
from sqlalchemy import text

from config_api.plans.keeper import PlanKeeper
from drafter.handlers import Handlers as Drafter
from shared.events import MessageReceived
from shared.mail import Mail
from tests.problems import is_problem
from tests.servers.config_api import ConfigApiServer, Resource
from tests.servers.person import Person, a_person, notices
from tests.servers.postgres import Postgres

DAY = timedelta(days=1)
KINDS = ("trial_ends_in_7_days", "trial_ends_tomorrow", "trial_ended")


@dataclass
class House:
    """A person's organisation with its first assistant, and its trial."""

    owner: Person
    anna: Resource

    @property
    def api(self) -> ConfigApiServer:
        return self.owner.api

    @property
    def path(self) -> str:
        return self.anna.organisation

    async def plan(self) -> Any:
        response = await self.owner.http.get(f"{self.path}/plan")
        assert response.status_code == 200, response.text
        return response.json()

    async def grant(self, **values: Any) -> Any:
        return await self.api.change(f"/operator{self.path}/plan", **values)

    async def ends(self, moment: datetime) -> Any:
        return await self.grant(trial_ends_at=moment.isoformat())

    async def upgrade(self, price_terms: str = "2026-11") -> httpx2.Response:
        return await self.owner.http.post(f"{self.path}/plan/upgrade", json={"price_terms": price_terms})

    async def told(self, person: Person | None = None) -> list[str]:
        """What notices about the trial were sent."""
        sent = await notices(self.api, (person or self.owner).email)
        return [notice.kind for notice in sent if notice.kind in KINDS]

    async def keep(self, at: datetime, *, replicas: int = 1) -> None:
        """What the background does at that moment."""
        service = self.api.service
        keepers = [PlanKeeper(service.database, service.master_keys, clock=lambda: at) for _ in range(replicas)]
        await asyncio.gather(*(keeper.turn() for keeper in keepers))


async def a_house(api: ConfigApiServer, name: str = "anna") -> House:
    owner = await a_person(api, name)
    made = await owner.http.post("/organisations", json={"name": "Hotel Seeblick"})
    path = f"/organisations/{made.json()['id']}"
    assistant = await owner.http.post(f"{path}/assistants", json={"name": "Anna"})
    return House(owner, Resource(api, path, assistant.json()["id"]))


@pytest.fixture
async def house(api: ConfigApiServer) -> House:
    return await a_house(api)


async def test_people_begin_with_thirty_days(house: House) -> None:
    plan = await house.plan()
    assert (plan["kind"], plan["active"], plan["max_assistants"], plan["max_mailboxes"]) == ("trial", True, 1, 1)
    left = datetime.fromisoformat(plan["trial_ends_at"]) - datetime.now(UTC)
    assert timedelta(days=29, hours=23) < left <= timedelta(days=30)
    assert (plan["assistants"], plan["mailboxes"]) == (1, 0)
    assert (plan["price_per_assistant"], plan["vat_percent"], plan["price_terms"]) == ("99.00", "19", "2026-11")


async def test_what_the_operator_makes_is_not_hampered(api: ConfigApiServer) -> None:
    anna = await api.an_assistant()
    plan = (await api.http.get(f"{anna.organisation}/plan")).json()
    assert (plan["kind"], plan["active"], plan["trial_ends_at"]) == ("standard", True, None)
    for n in range(3):
        await api.add(f"{anna.organisation}/assistants", name=f"Berta {n}")
        await anna.mailbox(f"info{n}")
    known = (await api.internal("/config"))["assistants"]
    assert {assistant["active_until"] for assistant in known} == {None}


async def test_an_organisation_older_than_plans_goes_on(postgres: Postgres, api: ConfigApiServer) -> None:
    anna = await api.an_assistant()
    for table in ("plan", "plan_change"):
        postgres.execute(f"DELETE FROM config.{table}", api.database)
    assert (await api.http.get(f"{anna.organisation}/plan")).json()["kind"] == "standard"
    assert (await api.internal("/config"))["assistants"][0]["active_until"] is None
    await api.add(f"{anna.organisation}/assistants", name="Berta")
    path = f"/operator{anna.organisation}/plan"
    assert (await api.change(path, max_assistants=2))["max_assistants"] == 2
    response = await api.http.post(f"{anna.organisation}/assistants", json={"name": "Carla"})
    is_problem(response, 409, "plan_limit_reached")


async def test_no_more_than_granted_also_at_the_same_time(house: House) -> None:
    assistants, mailboxes = f"{house.path}/assistants", f"{house.path}/mailboxes"
    is_problem(await house.owner.http.post(assistants, json={"name": "Berta"}), 409, "plan_limit_reached")
    await house.grant(max_assistants=3, max_mailboxes=2)
    answers = await asyncio.gather(*(house.owner.http.post(assistants, json={"name": f"B {n}"}) for n in range(5)))
    assert sorted(answer.status_code for answer in answers) == [201, 201, 409, 409, 409]
    bodies = [
        {
            "assistant_id": house.anna.id,
            "address": "info@hotel-seeblick.example",
            "imap": {"host": "127.0.0.1", "port": 1143, "security": "none", "username": f"u{n}", "password": "p"},
        }
        for n in range(4)
    ]
    answers = await asyncio.gather(*(house.owner.http.post(mailboxes, json=body) for body in bodies))
    assert sorted(answer.status_code for answer in answers) == [201, 201, 409, 409]
    assert (await house.plan())["mailboxes"] == 2
    made = next(answer.json()["id"] for answer in answers if answer.status_code == 201)
    assert (await house.owner.http.delete(f"{mailboxes}/{made}")).status_code == 204
    imap = {"host": "127.0.0.1", "port": 1143, "security": "none", "username": "another", "password": "p"}
    assert (await house.owner.http.post(mailboxes, json=bodies[0] | {"imap": imap})).status_code == 201


async def test_each_notice_goes_out_once_whoever_looks_and_how_often(house: House) -> None:
    end = datetime.now(UTC) + 20 * DAY
    await house.ends(end)
    seen: list[list[str]] = []
    for left in (8 * DAY, 7 * DAY, 5 * DAY, DAY, timedelta(hours=3), timedelta(0), -DAY):
        for _ in range(2):
            await house.keep(end - left, replicas=3)
        seen.append(await house.told())
    assert [len(each) for each in seen] == [0, 1, 1, 2, 2, 3, 3]
    assert seen[-1] == list(KINDS)


async def test_what_is_no_news_any_more_is_not_told(house: House) -> None:
    """After a week in which nothing ran."""
    end = datetime.now(UTC) + 20 * DAY
    await house.ends(end)
    await house.keep(end + DAY)
    assert await house.told() == ["trial_ended"]


async def test_every_owner_is_told_in_his_language_and_members_are_not(house: House) -> None:
    english, member = await a_person(house.api, "john", language="en"), await a_person(house.api, "max")
    async with house.api.service.database.tenant(UUID(house.anna.organisation_id)) as session:
        connection = await session.connection()
        for person, role in ((english, "owner"), (member, "member")):
            values = {"organisation": house.anna.organisation_id, "account": person.account_id, "role": role}
            statement = "INSERT INTO config.membership VALUES (:organisation, :account, :role, now())"
            await connection.execute(text(statement), values)
    end = datetime.now(UTC) + 20 * DAY
    await house.ends(end)
    await house.keep(end)
    assert (await house.told(), await house.told(english), await house.told(member)) == ([KINDS[2]], [KINDS[2]], [])
    (notice,) = await notices(house.api, english.email, "trial_ended")
    assert (notice.language, notice.values, notice.link) == (
        "en",
        {"organisation": "Hotel Seeblick"},
        f"{house.path}/plan",
    )


async def test_one_organisations_failure_is_not_the_next_ones(postgres: Postgres, house: House) -> None:
    second = await a_house(house.api, "berta")
    end = datetime.now(UTC) + 20 * DAY
    for each in (house, second):
        await each.ends(end)
    postgres.execute(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$;"
        "CREATE TRIGGER refuse BEFORE UPDATE ON config.plan FOR EACH ROW "
        f"WHEN (NEW.organisation_id = '{house.anna.organisation_id}') EXECUTE FUNCTION refuse()",
        house.api.database,
    )
    await house.keep(end)
    assert (await house.told(), await second.told()) == ([], ["trial_ended"])
    postgres.execute("DROP TRIGGER refuse ON config.plan", house.api.database)
    await house.keep(end)
    assert await house.told() == ["trial_ended"]


async def test_at_its_end_the_assistant_pauses_and_goes_on_with_the_standard_plan(house: House) -> None:
    mailbox = await house.anna.mailbox()
    async with house.api.client() as client:
        drafter = Drafter(client, None)
        await client.refresh()
        assert len(client.active_mailboxes()) == 1
        await house.ends(datetime.now(UTC) + timedelta(seconds=0.5))
        await client.refresh()
        await asyncio.sleep(0.6)
        # Nobody has looked yet: it ends by the clock.
        assert await client.fresh(UUID(mailbox["id"])) is None
        assert client.why_off(UUID(mailbox["id"])) == "plan_ended"
        assert client.active_mailboxes() == ()
        settled = await drafter.draft(a_mail(house, mailbox["id"]))
        assert (settled.outcome, settled.reason) == ("skipped", "plan_ended")
        await house.keep(datetime.now(UTC))
        plan = await house.plan()
        assert (plan["kind"], plan["active"]) == ("ended", False)
        assert plan["ended_at"] == plan["trial_ends_at"]
        assert await client.fresh(UUID(mailbox["id"])) is None
        before = datetime.now(UTC).replace(microsecond=0)
        assert (await house.upgrade()).json()["active"] is True
        found = await client.fresh(UUID(mailbox["id"]))
        assert found is not None
        assert found[0].watch_since >= before, "what arrived meanwhile gets no draft"
        assert client.why_off(UUID(mailbox["id"])) == ""


def a_mail(house: House, mailbox_id: str) -> MessageReceived:
    return MessageReceived.model_validate(
        {
            "organisation_id": house.anna.organisation_id,
            "mailbox_id": mailbox_id,
            "assistant_id": house.anna.id,
            "message_id": mailbox_id,
            "received_at": datetime.now(UTC),
            "mail": Mail(subject="Zimmer", text="Haben Sie ein Zimmer frei?"),
        }
    )


async def test_the_operator_ends_and_extends(house: House) -> None:
    end = datetime.now(UTC) + 20 * DAY
    await house.ends(end)
    await house.keep(end)
    assert (await house.plan())["kind"] == "ended"
    later = end + 30 * DAY
    plan = await house.ends(later)
    assert (plan["kind"], plan["active"], plan["ended_at"]) == ("trial", True, None)
    await house.keep(later)
    assert await house.told() == ["trial_ended", "trial_ended"], "a new end is new news"
    assert (await house.grant(kind="standard"))["active"] is True
    ended = await house.grant(kind="ended")
    assert (ended["active"], (await house.api.internal("/config"))["assistants"][0]["active_until"]) == (
        False,
        ended["ended_at"],
    )
    response = await house.api.http.patch(f"/operator{house.path}/plan", json={"kind": "trial"})
    is_problem(response, 422, "trial_end_missing")
    body = {"kind": "standard", "trial_ends_at": later.isoformat()}
    is_problem(await house.api.http.patch(f"/operator{house.path}/plan", json=body), 422, "plan_is_no_trial")
    assert (await house.plan())["kind"] == "ended"


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
async def test_no_moment_is_too_far_away(house: House, moment: str) -> None:
    plan = await house.grant(trial_ends_at=moment)
    assert plan["active"] == moment.startswith("9")
    assert (await house.plan())["trial_ends_at"] == plan["trial_ends_at"]


async def test_who_upgraded_when_and_to_what_terms_is_kept(house: House) -> None:
    is_problem(await house.upgrade("2019-01"), 409, "price_terms_outdated")
    before = datetime.now(UTC)
    assert (await house.upgrade()).json()["kind"] == "standard"
    assert (await house.upgrade()).json()["kind"] == "standard"
    async with house.api.service.database.tenant(UUID(house.anna.organisation_id)) as session:
        query = "SELECT kind, actor, price_terms, began_at FROM config.plan_change ORDER BY began_at"
        rows = (await (await session.connection()).execute(text(query))).all()
    assert [tuple(row)[:3] for row in rows] == [
        ("trial", house.owner.account_id, ""),
        ("standard", house.owner.account_id, "2026-11"),
    ]
    assert rows[1].began_at >= before
    await house.keep(datetime.now(UTC) + 365 * DAY)
    assert await house.told() == []
    recorded = await house.api.recorded()
    assert ("plan.upgraded", house.owner.account_id) in [(event.action, event.actor) for event in recorded]


async def test_plans_are_the_owners_and_limits_the_operators(house: House) -> None:
    stranger, member = await a_person(house.api, "max"), await a_person(house.api, "moritz")
    async with house.api.service.database.tenant(UUID(house.anna.organisation_id)) as session:
        values = {"organisation": house.anna.organisation_id, "account": member.account_id}
        statement = "INSERT INTO config.membership VALUES (:organisation, :account, 'member', now())"
        await (await session.connection()).execute(text(statement), values)
    upgrade = f"{house.path}/plan/upgrade"
    body = {"price_terms": "2026-11"}
    is_problem(await member.http.post(upgrade, json=body), 403, "owners_only")
    is_problem(await stranger.http.post(upgrade, json=body), 404, "organisation_unknown")
    is_problem(await stranger.http.get(f"{house.path}/plan"), 404, "organisation_unknown")
    assert (await member.http.get(f"{house.path}/plan")).status_code == 200
    response = await house.owner.http.patch(f"/operator{house.path}/plan", json={"max_assistants": 50})
    is_problem(response, 403, "operators_only")
    assert (await house.plan())["max_assistants"] == 1


async def test_a_new_assistant_of_an_ended_plan_pauses_too(house: House) -> None:
    await house.grant(kind="ended", max_assistants=2)
    made = await house.owner.http.post(f"{house.path}/assistants", json={"name": "Berta"})
    known = {each["id"]: each for each in (await house.api.internal("/config"))["assistants"]}
    assert known[made.json()["id"]]["active_until"] is not None
