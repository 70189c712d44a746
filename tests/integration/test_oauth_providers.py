"""What the page offers: whose mailboxes can be connected, what will be asked for and why, and the link for IT."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from config_api.oauth.providers import providers
from config_api.oauth.words import connectable
from tests.servers.config_api import ConfigApiServer, running_config_api, settings_for
from tests.servers.connecting import CALLBACK, PUBLIC_URL
from tests.servers.person import Person, a_person
from tests.servers.postgres import Postgres

GOOGLE = {"google_client_id": "kinamik.apps.example", "google_client_secret": "geheim", "public_url": PUBLIC_URL}
MICROSOFT = {"microsoft_client_id": "3f0e6d4c", "microsoft_client_secret": "geheim", "public_url": PUBLIC_URL}


async def offered(person: Person, language: str = "de") -> list[dict[str, Any]]:
    made = await person.http.post("/organisations", json={"name": "Hotel Seeblick"})
    path = f"/organisations/{made.json()['id']}/mailbox-providers"
    answer = await person.http.get(path, headers={"Accept-Language": language})
    assert answer.status_code == 200, answer.text
    assert "geheim" not in answer.text
    return answer.json()["items"]


async def test_nothing_is_offered_where_nothing_is_configured(api: ConfigApiServer, anna: Person) -> None:
    assert await offered(anna) == []
    organisations = (await anna.http.get("/organisations")).json()["items"]
    path = f"/organisations/{organisations[0]['id']}"
    assistant = (await anna.http.post(f"{path}/assistants", json={"name": "Anna"})).json()["id"]
    body = {"provider": "gmail", "assistant_id": assistant}
    refused = await anna.http.post(f"{path}/mailbox-providers/connect", json=body)
    assert (refused.status_code, refused.json()["reason"]) == (409, "provider_not_configured")


async def test_each_scope_has_a_sentence_in_both_languages(postgres: Postgres, database: str) -> None:
    async with running_config_api(postgres, database, **GOOGLE | MICROSOFT) as api:
        anna = await a_person(api)
        german, english = await offered(anna, "de"), await offered(anna, "en")
    assert [(each["provider"], each["name"]) for each in german] == [("gmail", "Google"), ("graph", "Microsoft 365")]
    scopes = [[scope["scope"] for scope in each["scopes"]] for each in german]
    google = [f"https://www.googleapis.com/auth/gmail.{word}" for word in ("readonly", "compose")]
    assert scopes == [google, ["offline_access", "User.Read", "Mail.ReadWrite", "Mail.ReadWrite.Shared"]]
    for one, other in zip(german, english, strict=True):
        sentences = [(a["sentence"], b["sentence"]) for a, b in zip(one["scopes"], other["scopes"], strict=True)]
        assert all(a and b and a != b for a, b in sentences)
    assert [each["team_mailboxes"] for each in german] == [False, True]


@pytest.mark.parametrize(("configured", "provider"), [(GOOGLE, "gmail"), (MICROSOFT, "graph")])
async def test_only_what_is_configured_is_offered(
    postgres: Postgres, database: str, configured: dict[str, str], provider: str
) -> None:
    async with running_config_api(postgres, database, **configured) as api:
        assert [each["provider"] for each in await offered(await a_person(api))] == [provider]


@pytest.mark.parametrize(
    ("changes", "host", "tenants", "resource"),
    [
        ({}, "microsoftonline.com", ("common", "organizations"), "https://graph.microsoft.com"),
        (
            {"microsoft_login_url": "https://login.microsoftonline.us", "graph_url": "https://graph.microsoft.us"},
            "microsoftonline.us",
            ("common", "organizations"),
            "https://graph.microsoft.us",
        ),
        ({"microsoft_tenant": "b1c2"}, "microsoftonline.com", ("b1c2", "b1c2"), "https://graph.microsoft.com"),
    ],
    ids=["everybody", "national cloud", "one tenant"],
)
async def test_the_link_for_an_administrator_names_each_scope_in_full(
    changes: dict[str, str], host: str, tenants: tuple[str, str], resource: str
) -> None:
    settings = settings_for("postgresql://nowhere", **MICROSOFT, **changes)
    whoever, administered = (f"https://login.{host}/{tenant}" for tenant in tenants)
    provider = providers(settings)["graph"]
    link = urlsplit(connectable(provider, "de").admin_consent_url)
    assert f"{link.scheme}://{link.netloc}{link.path}" == f"{administered}/v2.0/adminconsent"
    asked = parse_qs(link.query)
    words = ("User.Read", "Mail.ReadWrite", "Mail.ReadWrite.Shared")
    assert asked == {
        "client_id": ["3f0e6d4c"],
        "redirect_uri": [CALLBACK],
        "scope": [" ".join(("offline_access", *(f"{resource}/{word}" for word in words)))],
    }
    assert ".default" not in link.query
    assert provider.token_url == f"{whoever}/oauth2/v2.0/token"
