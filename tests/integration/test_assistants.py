"""An assistant's settings: what may be set, and what of it the services are told."""

from typing import Any

import pytest

from tests.servers.config_api import ConfigApiServer


async def test_languages_and_limits(api: ConfigApiServer) -> None:
    limits = {"daily_limit": 50, "monthly_token_budget": 10**12}
    assistant = await api.an_assistant(description="Für den Empfang", languages=["en"], **limits)
    stored = (await api.http.get(assistant.path)).json()
    assert (stored["description"], stored["languages"]) == ("Für den Empfang", ["en"])
    assert {name: stored[name] for name in limits} == limits
    await api.change(assistant.path, languages=["en", "de"], daily_limit=None)
    stored = (await api.http.get(assistant.path)).json()
    assert (stored["languages"], stored["daily_limit"]) == (["en", "de"], None)
    assert stored["monthly_token_budget"] == 10**12
    (told,) = (await api.internal("/config?since=0"))["assistants"]
    assert told["languages"] == ["en", "de"]


async def test_what_is_not_said(api: ConfigApiServer) -> None:
    stored = (await api.http.get((await api.an_assistant()).path)).json()
    assert (stored["languages"], stored["description"]) == (["de", "en"], "")
    assert (stored["daily_limit"], stored["monthly_token_budget"]) == (None, None)


@pytest.mark.parametrize(
    "values",
    [
        {"languages": []},
        {"languages": ["fr"]},
        {"languages": ["de", "de"]},
        {"languages": None},
        {"daily_limit": 0},
        {"daily_limit": 2**31},
        {"monthly_token_budget": -1},
        {"monthly_token_budget": 2**63},
        {"description": "x" * 20_001},
    ],
)
async def test_what_may_not_be_set(api: ConfigApiServer, values: dict[str, Any]) -> None:
    assistant = await api.an_assistant()
    before = (await api.http.get(assistant.path)).json()
    path = assistant.path.rsplit("/", 1)[0]
    assert (await api.http.post(path, json={"name": "Berta"} | values)).status_code == 422
    assert (await api.http.patch(assistant.path, json=values)).status_code == 422
    assert (await api.http.get(assistant.path)).json() == before
