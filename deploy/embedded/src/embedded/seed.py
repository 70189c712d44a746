"""The demo organisation, made through config-api like anybody else's."""

import tomllib
from importlib.resources import files
from typing import Any, cast

import httpx2

DEMO = "hotel_seeblick.toml"
TIMEOUT_SECONDS = 20.0

Json = dict[str, Any]


async def seed(api_base: str, admin_token: str, imap_port: int = 1143) -> None:
    """Makes what is missing of "Hotel Seeblick", and leaves alone what its owner changed or deleted since.

    Each part is made only when there is none of its kind, so that a start that was interrupted is completed by the
    next. Raises httpx2.HTTPError where config-api does not answer or refuses.
    """
    demo = load_demo()
    headers = {"Authorization": f"Bearer {admin_token}"}
    async with httpx2.AsyncClient(base_url=f"{api_base}/api/v1", headers=headers, timeout=TIMEOUT_SECONDS) as api:
        organisation = await _ensure(api, "/organisations", demo["organisation"], key="name")
        root = f"/organisations/{organisation['id']}"
        assistant = await _ensure(api, f"{root}/assistants", demo["assistant"])
        await _ensure_knowledge(api, f"{root}/assistants/{assistant['id']}/knowledge", demo["knowledge"])
        await _ensure_mailbox(api, f"{root}/mailboxes", assistant["id"], demo["mailbox"], imap_port)


def load_demo() -> Json:
    """The demo's content: organisation, assistant, mailbox, knowledge."""
    return tomllib.loads(files("embedded").joinpath(DEMO).read_text("utf-8"))


async def _ensure(api: httpx2.AsyncClient, path: str, wanted: Json, key: str | None = None) -> Json:
    """The first of those at `path`, with the same `key` where one is given; made when there is none."""
    found = [item for item in await _list(api, path) if key is None or item[key] == wanted[key]]
    return found[0] if found else await _send(api, "POST", path, wanted)


async def _ensure_knowledge(api: httpx2.AsyncClient, path: str, entries: list[Json]) -> None:
    if not await _list(api, path):
        await _send(api, "POST", f"{path}/bulk", {"entries": entries})


async def _ensure_mailbox(
    api: httpx2.AsyncClient, path: str, assistant_id: str, account: dict[str, str], imap_port: int
) -> None:
    login = {"username": account["address"], "password": account["password"]}
    imap = {"host": "127.0.0.1", "port": imap_port, "security": "none", **login}
    wanted: Json = {"assistant_id": assistant_id, "address": account["address"], "imap": imap}
    mailbox = await _ensure(api, path, wanted, key="address")
    if mailbox["imap"]["port"] != imap_port:
        await _send(api, "PATCH", f"{path}/{mailbox['id']}", {"imap": imap})


async def _list(api: httpx2.AsyncClient, path: str) -> list[Json]:
    answer = await api.get(path, params={"limit": 500})
    answer.raise_for_status()
    return cast(list[Json], answer.json()["items"])


async def _send(api: httpx2.AsyncClient, method: str, path: str, body: Json) -> Any:
    answer = await api.request(method, path, json=body)
    answer.raise_for_status()
    return answer.json()
