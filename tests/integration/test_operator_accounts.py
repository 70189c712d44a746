"""What the operator sees of people's accounts, and may do with them."""

from uuid import uuid4

import pytest

from tests.problems import is_problem
from tests.servers.config_api import ConfigApiServer
from tests.servers.person import A_PASSWORD, Person, a_browser, a_person, notices, registration, until_looked_up


@pytest.fixture
async def anna(api: ConfigApiServer) -> Person:
    return await a_person(api, first_name="Anna", last_name="Ahlers")


def path(person: Person) -> str:
    return f"/operator/accounts/{person.account_id}"


async def test_accounts_come_page_by_page(api: ConfigApiServer) -> None:
    names = [f"person{n}" for n in range(5)]
    for name in names:
        await a_browser(api).post("/auth/register", json=registration(name))
    seen: list[str] = []
    cursor = None
    for _ in range(3):
        params = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = (await api.http.get("/operator/accounts", params=params)).json()
        seen += [row["user_name"] for row in page["items"]]
        cursor = page["next_cursor"]
    assert (seen, cursor) == (names, None)
    is_problem(await api.http.get("/operator/accounts?cursor=x"), 400, "cursor_not_valid")


@pytest.mark.parametrize(
    ("search", "found"),
    [("AHLERS", 1), ("seeblick.ex", 1), ("anna", 1), ("ann_", 0), ("%", 0), ("\\", 0), ("berta", 0), ("", 1)],
)
async def test_accounts_are_found_by_address_and_name(
    api: ConfigApiServer, anna: Person, search: str, found: int
) -> None:
    items = (await api.http.get("/operator/accounts", params={"search": search})).json()["items"]
    assert [row["id"] for row in items] == [anna.account_id] * found


async def test_nothing_secret_is_shown(api: ConfigApiServer, anna: Person) -> None:
    shown = (await api.http.get(path(anna))).json()
    own = (await anna.http.get("/account")).json()
    assert {name: shown[name] for name in own} == own
    assert set(shown) - set(own) == {"active", "confirmed_at", "restricted_at"}


async def test_a_locked_account_is_out_at_once(api: ConfigApiServer, anna: Person) -> None:
    assert (await api.http.patch(path(anna), json={"active": False})).json()["active"] is False
    is_problem(await anna.http.get("/account"), 401, "login_required")
    body = {"login": "anna", "password": A_PASSWORD}
    is_problem(await anna.http.post("/auth/login", json=body), 403, "account_locked")
    await anna.http.post("/auth/password-reset", json={"email": anna.email})
    await until_looked_up(api)
    assert (await api.http.patch(path(anna), json={"active": True})).json()["active"] is True
    is_problem(await anna.http.get("/account"), 401, "login_required")
    assert (await anna.http.post("/auth/login", json=body)).status_code == 200
    assert await notices(api, anna.email, "reset_password") == []


async def test_the_operator_deletes_an_account(api: ConfigApiServer, anna: Person) -> None:
    hotel = (await anna.http.post("/organisations", json={"name": "Hotel Seeblick"})).json()["id"]
    response = await api.http.delete(path(anna))
    is_problem(response, 409, "last_owner")
    assert [error["field"] for error in response.json()["errors"]] == [f"organisations.{hotel}"]
    assert (await api.http.delete(f"/organisations/{hotel}")).status_code == 204
    assert (await api.http.delete(path(anna))).status_code == 204
    is_problem(await anna.http.get("/account"), 401, "login_required")
    is_problem(await api.http.get(path(anna)), 404, "account_unknown")
    assert len(await notices(api, anna.email, "account_deleted")) == 1


async def test_a_person_becomes_an_operator_and_is_no_longer(api: ConfigApiServer, anna: Person) -> None:
    is_problem(await anna.http.get("/operator/accounts"), 403, "operators_only")
    assert (await api.http.patch(path(anna), json={"operator": True})).json()["operator"] is True
    assert (await anna.http.get("/operator/accounts")).status_code == 200
    for change in ({"operator": False}, {"active": False}):
        is_problem(await anna.http.patch(path(anna), json=change), 409, "own_account")
    is_problem(await anna.http.delete(path(anna)), 409, "own_account")
    await api.http.patch(path(anna), json={"operator": False})
    is_problem(await anna.http.get("/operator/accounts"), 403, "operators_only")


async def test_who_is_no_operator_learns_nothing(api: ConfigApiServer, anna: Person) -> None:
    berta = await a_person(api, "berta")
    for method, where in (
        ("GET", "/operator/accounts"),
        ("GET", path(berta)),
        ("PATCH", path(berta)),
        ("DELETE", path(berta)),
        ("GET", f"/operator/accounts/{uuid4()}"),
    ):
        is_problem(await anna.http.request(method, where, json={"active": False}), 403, "operators_only")
        is_problem(await a_browser(api).request(method, where, json={}), 401, "login_required")
    assert (await berta.http.get("/account")).status_code == 200
    for method in ("GET", "PATCH", "DELETE"):
        response = await api.http.request(method, f"/operator/accounts/{uuid4()}", json={})
        is_problem(response, 404, "account_unknown")
