"""Members: who belongs to an organisation, who may change that, and that there is always an owner."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from config_api.accounts.upkeep import clean
from config_api.members.ownership import lock_owners
from config_api.models import now
from tests.problems import is_problem
from tests.servers.config_api import ConfigApiServer
from tests.servers.person import Person, a_person, notices, the_notice, token_in, until_waiting


@dataclass
class House:
    """An organisation and the person who made it."""

    owner: Person
    id: str

    @property
    def path(self) -> str:
        return f"/organisations/{self.id}"

    async def invite(self, person: Person, role: str = "member", **values: Any) -> str:
        """The token in the mail."""
        body = {"email": person.email, "role": role} | values
        response = await self.owner.http.post(f"{self.path}/invitations", json=body)
        assert response.status_code == 201, response.text
        return token_in(await the_notice(person.api, person.email, "invitation"))

    async def add(self, person: Person, role: str = "member") -> None:
        token = await self.invite(person, role)
        response = await person.http.post("/invitations/accept", json={"token": token})
        assert response.json() == {"organisation_id": self.id, "role": role}

    async def members(self) -> dict[str, str]:
        """Their roles by their user names, as the owner sees them."""
        items = (await self.owner.http.get(f"{self.path}/members")).json()["items"]
        return {item["user_name"]: item["role"] for item in items}


async def a_house(owner: Person) -> House:
    response = await owner.http.post("/organisations", json={"name": "Hotel Seeblick"})
    assert response.status_code == 201, response.text
    return House(owner, response.json()["id"])


async def test_whoever_makes_an_organisation_owns_it(api: ConfigApiServer) -> None:
    anna, bert = await a_person(api, "anna"), await a_person(api, "bert")
    about = {
        "industry": "Hotel",
        "email": "info@hotel-seeblick.example",
        "phone": "+49 (0)8151 123-45",
        "contact": "Anna Huber",
        "address": "Seestraße 1\n82319 Starnberg",
        "notes": "Saison ab Mai",
    }
    made = (await anna.http.post("/organisations", json={"name": "Hotel Seeblick"} | about)).json()
    assert made.items() >= (about | {"role": "owner"}).items()
    assert (await anna.http.get("/organisations")).json()["items"] == [made]
    assert (await bert.http.get("/organisations")).json()["items"] == []
    path = f"/organisations/{made['id']}"
    is_problem(await bert.http.get(path), 404, "organisation_unknown")
    changed = await anna.http.patch(path, json={"email": "", "phone": "110"})
    assert (changed.json()["email"], changed.json()["phone"], changed.json()["contact"]) == ("", "110", "Anna Huber")
    for wrong in ({"email": "keine"}, {"phone": "1\n2"}, {"name": ""}, {"notes": "\x00"}):
        is_problem(await anna.http.patch(path, json=wrong), 422, "not_valid")


async def test_an_invitation_makes_a_member(api: ConfigApiServer) -> None:
    anna, bert = await a_person(api, "anna"), await a_person(api, "bert", first_name="Bert")
    house = await a_house(anna)
    token = await house.invite(bert, language="en")
    (waiting,) = (await anna.http.get(f"{house.path}/invitations")).json()
    assert (waiting["email"], waiting["role"]) == (bert.email, "member")
    mail = await the_notice(api, bert.email, "invitation")
    assert (mail.language, mail.values) == ("en", {"organisation": "Hotel Seeblick", "role": "member"})
    accepted = await bert.http.post("/invitations/accept", json={"token": token})
    assert accepted.json() == {"organisation_id": house.id, "role": "member"}
    assert (await anna.http.get(f"{house.path}/invitations")).json() == []
    (organisation,) = (await bert.http.get("/organisations")).json()["items"]
    assert (organisation["name"], organisation["role"]) == ("Hotel Seeblick", "member")
    first, second = (await bert.http.get(f"{house.path}/members")).json()["items"]
    assert (first["user_name"], first["role"]) == ("anna", "owner")
    assert (second["id"], second["first_name"], second["email"]) == (bert.account_id, "Bert", bert.email)
    is_problem(await bert.http.post("/invitations/accept", json={"token": token}), 422, "link_not_valid")
    again = await anna.http.post(f"{house.path}/invitations", json={"email": bert.email.upper()})
    is_problem(again, 409, "member_exists")


async def test_an_invitation_is_for_one_address_only(api: ConfigApiServer) -> None:
    anna, bert, carl = [await a_person(api, name) for name in ("anna", "bert", "carl")]
    house = await a_house(anna)
    token = await house.invite(bert)
    stolen = await carl.http.post("/invitations/accept", json={"token": token})
    is_problem(stolen, 403, "invitation_for_another_address")
    assert await house.members() == {"anna": "owner"}
    assert (await bert.http.post("/invitations/accept", json={"token": token})).status_code == 200


async def test_a_new_invitation_replaces_the_old_one(api: ConfigApiServer) -> None:
    anna, bert = await a_person(api, "anna"), await a_person(api, "bert")
    house = await a_house(anna)
    old = await house.invite(bert)
    new = await house.invite(bert, "owner")
    assert len((await anna.http.get(f"{house.path}/invitations")).json()) == 1
    is_problem(await bert.http.post("/invitations/accept", json={"token": old}), 422, "link_not_valid")
    assert (await bert.http.post("/invitations/accept", json={"token": new})).json()["role"] == "owner"
    assert len(await notices(api, bert.email, "invitation")) == 2


async def test_an_invitation_ends(api: ConfigApiServer) -> None:
    anna, bert = await a_person(api, "anna"), await a_person(api, "bert")
    house = await a_house(anna)
    withdrawn = await house.invite(bert)
    (waiting,) = (await anna.http.get(f"{house.path}/invitations")).json()
    path = f"{house.path}/invitations/{waiting['id']}"
    assert (await anna.http.delete(path)).status_code == 204
    is_problem(await anna.http.delete(path), 404, "invitation_unknown")
    is_problem(await bert.http.post("/invitations/accept", json={"token": withdrawn}), 422, "link_not_valid")
    expired = await house.invite(bert)
    async with api.service.database.outside_transactions() as connection:
        over = text("UPDATE config.invitation SET expires_at = expires_at - interval '14 days' RETURNING expires_at")
        assert (await connection.execute(over)).scalar_one() <= now()
    is_problem(await bert.http.post("/invitations/accept", json={"token": expired}), 422, "link_not_valid")
    assert (await anna.http.get(f"{house.path}/invitations")).json() == []


async def test_addresses_of_who_never_came_are_forgotten(api: ConfigApiServer) -> None:
    anna = await a_person(api, "anna")
    house = await a_house(anna)
    await anna.http.post(f"{house.path}/invitations", json={"email": "fremd@example.org"})
    count = text("SELECT count(*) FROM config.invitation")
    for later, left in ((timedelta(days=13), 1), (timedelta(days=14, seconds=1), 0)):
        await clean(api.service.database, now() + later)
        async with api.service.database.outside_transactions() as connection:
            assert (await connection.execute(count)).scalar_one() == left


async def test_members_do_not_manage_members(api: ConfigApiServer) -> None:
    anna, bert, carl = [await a_person(api, name) for name in ("anna", "bert", "carl")]
    house = await a_house(anna)
    await house.add(bert)
    await house.add(carl)
    member = f"{house.path}/members/{carl.account_id}"
    is_problem(await bert.http.delete(member), 403, "owners_only")
    mine = f"{house.path}/members/{bert.account_id}"
    is_problem(await bert.http.patch(mine, json={"role": "owner"}), 403, "owners_only")
    is_problem(await bert.http.get(f"{house.path}/invitations"), 403, "owners_only")
    is_problem(await bert.http.post(f"{house.path}/invitations", json={"email": "x@example.org"}), 403, "owners_only")
    assert (await anna.http.delete(member)).status_code == 204
    is_problem(await anna.http.delete(member), 404, "member_unknown")
    is_problem(await carl.http.get(house.path), 404, "organisation_unknown")
    assert (await bert.http.delete(mine)).status_code == 204
    assert await house.members() == {"anna": "owner"}


async def test_strangers_see_nothing(api: ConfigApiServer) -> None:
    anna, bert = await a_person(api, "anna"), await a_person(api, "bert")
    house, other = await a_house(anna), await a_house(bert)
    for path in (f"{house.path}/members", f"{house.path}/invitations"):
        is_problem(await bert.http.get(path), 404, "organisation_unknown")
    mine = f"{other.path}/members/{anna.account_id}"
    is_problem(await bert.http.delete(mine), 404, "member_unknown")
    is_problem(await bert.http.patch(mine, json={"role": "owner"}), 404, "member_unknown")
    assert await house.members() == {"anna": "owner"}


async def test_handing_over_and_leaving(api: ConfigApiServer) -> None:
    anna, bert = await a_person(api, "anna"), await a_person(api, "bert")
    house = await a_house(anna)
    await house.add(bert)
    mine, his = (f"{house.path}/members/{each.account_id}" for each in (anna, bert))
    is_problem(await anna.http.delete(mine), 409, "last_owner")
    is_problem(await anna.http.patch(mine, json={"role": "member"}), 409, "last_owner")
    assert (await anna.http.patch(his, json={"role": "owner"})).json()["role"] == "owner"
    assert (await anna.http.delete(mine)).status_code == 204
    is_problem(await anna.http.get(house.path), 404, "organisation_unknown")
    is_problem(await bert.http.patch(his, json={"role": "member"}), 409, "last_owner")


@pytest.mark.parametrize("how", ["leave", "demote each other", "delete their accounts"])
async def test_two_owners_do_not_both_go_at_once(api: ConfigApiServer, how: str) -> None:
    anna, bert = await a_person(api, "anna"), await a_person(api, "bert")
    for _ in range(1 if how == "delete their accounts" else 5):
        house = await a_house(anna)
        await house.add(bert, "owner")
        paths = {person.user_name: f"{house.path}/members/{person.account_id}" for person in (anna, bert)}
        async with api.service.database.auth() as session:
            # So that both have been let in before either goes on.
            await lock_owners(session, [UUID(house.id)])
            if how == "leave":
                tries = [each.http.delete(paths[each.user_name]) for each in (anna, bert)]
            elif how == "demote each other":
                tries = [
                    anna.http.patch(paths["bert"], json={"role": "member"}),
                    bert.http.patch(paths["anna"], json={"role": "member"}),
                ]
            else:
                body = {"password": anna.password}
                tries = [each.http.request("DELETE", "/account", json=body) for each in (anna, bert)]
            going = asyncio.gather(*tries)
            await until_waiting(api, 2)
        answers = await going
        assert sorted(answer.status_code // 100 for answer in answers) == [2, 4], [each.text for each in answers]
        (refused,) = (answer for answer in answers if answer.status_code >= 400)
        is_problem(refused, 409, "last_owner")
        count = text("SELECT count(*) FROM config.membership WHERE organisation_id = :id AND role = 'owner'")
        async with api.service.database.outside_transactions() as connection:
            assert (await connection.execute(count, {"id": house.id})).scalar_one() == 1


async def test_the_operator_manages_them_too(api: ConfigApiServer) -> None:
    anna, bert = await a_person(api, "anna"), await a_person(api, "bert")
    house = await a_house(anna)
    await house.add(bert)
    items = (await api.http.get(f"{house.path}/members", params={"limit": 1})).json()
    assert [item["user_name"] for item in items["items"]] == ["anna"]
    rest = await api.http.get(f"{house.path}/members", params={"cursor": items["next_cursor"]})
    assert [item["user_name"] for item in rest.json()["items"]] == ["bert"]
    assert rest.json()["next_cursor"] is None
    member = f"{house.path}/members/{bert.account_id}"
    assert (await api.http.patch(member, json={"role": "owner"})).status_code == 200
    assert (await api.http.delete(member)).status_code == 204
    is_problem(await api.http.post("/invitations/accept", json={"token": "x"}), 403, "people_only")


async def test_what_happens_to_members_is_in_the_security_log(api: ConfigApiServer) -> None:
    anna, bert = await a_person(api, "anna"), await a_person(api, "bert")
    house = await a_house(anna)
    await house.add(bert)
    member = f"{house.path}/members/{bert.account_id}"
    await anna.http.patch(member, json={"role": "owner"})
    await bert.http.delete(member)
    wanted = ["member.invited", "member.joined", "member.made_owner", "member.left"]
    seen: list[Any] = []
    async with asyncio.timeout(10):
        while len(seen) < len(wanted):
            event = await api.published.get()
            seen += [event] if getattr(event, "action", "").startswith("member.") else []
    assert [event.action for event in seen] == wanted
    assert {str(event.organisation_id) for event in seen} == {house.id}
    assert [event.actor for event in seen] == [anna.account_id, bert.account_id, anna.account_id, bert.account_id]


async def test_an_invitation_to_a_deleted_organisation_is_worthless(api: ConfigApiServer) -> None:
    anna, bert = await a_person(api, "anna"), await a_person(api, "bert")
    house = await a_house(anna)
    token = await house.invite(bert)
    assert (await api.http.delete(house.path)).status_code == 204
    is_problem(await bert.http.post("/invitations/accept", json={"token": token}), 422, "link_not_valid")
    is_problem(await anna.http.delete(f"{house.path}/members/{uuid4()}"), 404, "organisation_unknown")
