"""An assistant's knowledge as files, out and in through the API."""

from typing import Any

import httpx2

from tests.servers.config_api import Resource

CSV = "Frage;Antwort;Sprache;Gültig bis\r\nGibt es Frühstück für 5 €?;Ja, ab 7 Uhr.;DE;24.12.2026\r\n"
PARKING = "Gibt es Parkplätze?"
SECONDS = 60.0


async def entries(assistant: Resource) -> list[dict[str, Any]]:
    """All of an assistant's entries, without what a copy has of its own."""
    found: list[dict[str, Any]] = []
    query: dict[str, Any] = {"limit": 500}
    while "cursor" not in query or query["cursor"]:
        page = (await assistant.api.http.get(f"{assistant.path}/knowledge", params=query)).json()
        found += page["items"]
        query["cursor"] = page["next_cursor"]
    own = {"id", "assistant_id", "created_at", "updated_at"}
    return [{name: value for name, value in entry.items() if name not in own} for entry in found]


async def exported(assistant: Resource, kind: str, language: str = "de") -> bytes:
    query = {"format": kind, "language": language}
    response = await assistant.api.http.get(f"{assistant.path}/knowledge/export", params=query, timeout=SECONDS)
    assert response.status_code == 200, response.text
    assert response.headers["content-disposition"] == f'attachment; filename="kinamik-wissen.{kind}"'
    return response.content


async def send(assistant: Resource, data: bytes, step: str = "/preview", **form: str) -> httpx2.Response:
    path = f"{assistant.path}/knowledge/import{step}"
    return await assistant.api.http.post(path, files={"file": ("datei", data)}, data=form, timeout=SECONDS)


async def preview(assistant: Resource, data: bytes, **form: str) -> Any:
    response = await send(assistant, data, **form)
    assert response.status_code == 200, response.text
    return response.json()


async def imported(assistant: Resource, data: bytes, **form: str) -> Any:
    seen = await preview(assistant, data, **form)
    assert seen["errors"] == []
    response = await send(assistant, data, "", **form, digest=seen["digest"])
    assert response.status_code == 200, response.text
    done = response.json()
    assert {name: seen[name] for name in ("added", "changed", "unchanged", "removed")} == {
        name: done[name] for name in ("added", "changed", "unchanged", "removed")
    }
    return done


async def faults(assistant: Resource, data: bytes) -> list[tuple[int, str, str]]:
    seen = await preview(assistant, data)
    assert seen["digest"] is None
    assert seen["faults"] == len(seen["errors"])
    assert all(len(error["detail"]) > 10 for error in seen["errors"])
    return [(error["row"], error["column"], error["reason"]) for error in seen["errors"]]


def many_rows(count: int) -> bytes:
    return ("frage;antwort\n" + "".join(f"F{n};A{n}\n" for n in range(count))).encode()
