"""What everybody may know before logging in, and registration where no mail leaves."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from pydantic import ValidationError

from config_api.settings import DemoMailbox
from config_api.site.legal import as_html
from tests.servers.config_api import ConfigApiServer, running_config_api, settings_for
from tests.servers.person import A_PASSWORD, a_browser, a_person, keep_notices, log_in, notices, registration
from tests.servers.postgres import Postgres

DEMO = DemoMailbox(address="probe@mein-betrieb.example", password="probe", imap_port=1143, smtp_port=1025)
HTTPS = "https://kinamik.example"
LOOPBACK = {"confirm_by_mail": None}


@asynccontextmanager
async def house(postgres: Postgres, database: str, **changes: Any) -> AsyncGenerator[ConfigApiServer]:
    """One machine without a mail server, and a browser's view of it."""
    async with running_config_api(postgres, database, **LOOPBACK | changes) as server:
        yield server


async def site(api: ConfigApiServer) -> Any:
    response = await a_browser(api).get("/site")
    assert response.status_code == 200
    assert response.headers["cache-control"] == "public, max-age=300"
    return response.json()


async def test_what_is_known_before_log_in(postgres: Postgres, database: str) -> None:
    changes = {"price_per_assistant": "49.90", "vat_percent": "7", "terms_version": "2027-01", "public_url": HTTPS}
    async with running_config_api(postgres, database, mail_host="mail.example", **changes) as api:
        assert await site(api) == {
            "product": "Kinamik",
            "edition": "hosted",
            "registration": True,
            "confirmation_by_mail": True,
            "notices_by_mail": True,
            "price_per_assistant": "49.90",
            "vat_percent": "7",
            "trial_days": 30,
            "terms_version": "2027-01",
            "legal": [{"text": name, "languages": []} for name in ("imprint", "privacy", "terms")],
            "demo_mailbox": None,
        }


async def test_the_demo_mailbox_is_told_at_this_machine_only(postgres: Postgres, database: str) -> None:
    async with house(postgres, database, edition="house", demo_mailbox=DEMO) as api:
        told = await site(api)
        assert (told["edition"], told["confirmation_by_mail"], told["notices_by_mail"]) == ("house", False, False)
        imap = {"host": "127.0.0.1", "port": 1143, "security": "none", "username": DEMO.address}
        smtp = {"smtp_host": "127.0.0.1", "smtp_port": 1025}
        assert told["demo_mailbox"] == {"address": DEMO.address, "password": "probe", "imap": imap, **smtp}
        path = (await api.an_assistant()).organisation
        found = await api.http.post(f"{path}/mailboxes/discover", json={"address": "Probe@mein-betrieb.example"})
        (candidate,) = found.json()["items"]
        assert (candidate["provider"], candidate["imap"]) == ("Demo", imap)
    async with house(postgres, database, demo_mailbox=DEMO, public_url=HTTPS) as api:
        told = await site(api)
        assert (told["demo_mailbox"], told["confirmation_by_mail"]) == (None, True)


class TestLegal:
    @pytest.fixture
    def api_settings(self, folder: Path) -> dict[str, Any]:
        return {"legal_folder": folder}

    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        (tmp_path / "imprint.de.md").write_text("# Impressum der Herberge\n\nHerberge *am See*\n\n# Kontakt\n")
        (tmp_path / "privacy.en.md").write_text("We keep little.\n")
        (tmp_path / "terms.de.md").write_text("")
        return tmp_path

    async def read(self, api: ConfigApiServer, text: str, language: str | None = None, accept: str = "") -> Any:
        query = {"language": language} if language else {}
        response = await a_browser(api).get(f"/site/legal/{text}", params=query, headers={"Accept-Language": accept})
        assert response.status_code == 200, response.text
        return response.json()

    async def test_the_operators_texts(self, api: ConfigApiServer) -> None:
        assert await self.read(api, "imprint", "de") == {
            "text": "imprint",
            "language": "de",
            "title": "Impressum der Herberge",
            "html": "<p>Herberge <em>am See</em></p>\n<h2>Kontakt</h2>\n",
            "set_by_operator": True,
        }
        privacy = await self.read(api, "privacy", accept="en-GB")
        assert (privacy["title"], privacy["html"]) == ("Privacy policy", "<p>We keep little.</p>\n")
        told = {each["text"]: each["languages"] for each in (await site(api))["legal"]}
        assert told == {"imprint": ["de"], "privacy": ["en"], "terms": []}

    async def test_the_other_language_where_there_is_only_that(self, api: ConfigApiServer) -> None:
        privacy = await self.read(api, "privacy", "de")
        assert (privacy["language"], privacy["set_by_operator"]) == ("en", True)

    async def test_without_a_text_it_says_so(self, api: ConfigApiServer) -> None:
        german, english = await self.read(api, "terms", "de"), await self.read(api, "terms", "en")
        assert (german["title"], english["title"]) == ("Nutzungsbedingungen", "Terms of use")
        assert not german["set_by_operator"]
        assert "terms.de.md" in german["html"]
        assert "KINAMIK_LEGAL_FOLDER" in english["html"]

    async def test_a_text_that_is_changed_is_read_again(self, api: ConfigApiServer, folder: Path) -> None:
        await self.read(api, "terms", "de")
        (folder / "terms.de.md").write_bytes("# Bedingungen\n\nNeu".encode("utf-8-sig"))
        assert (await self.read(api, "terms", "de"))["html"] == "<p>Neu</p>\n"

    async def test_nothing_else_can_be_read(self, api: ConfigApiServer) -> None:
        for text in ("secret", "..%2Fimprint", "imprint.de.md"):
            response = await a_browser(api).get(f"/site/legal/{text}")
            assert response.status_code in (404, 422)
        assert (await a_browser(api).get("/site/legal/imprint", params={"language": "fr"})).status_code == 422


@pytest.mark.parametrize(
    ("markdown", "never"),
    [
        ("<script>alert(1)</script>", "<script"),
        ("Text <img src=x onerror=alert(1)>", "<img"),
        ("![Bild](https://fremd.example/b.png)", "<img"),
        ("[hier](javascript:alert(1))", "href"),
        ("[hier](data:text/html;base64,xx)", "href"),
        ("# Titel", "<h1"),
    ],
)
def test_a_legal_text_cannot_do_anything(markdown: str, never: str) -> None:
    assert never not in as_html(markdown)


def test_links_and_tables_are_kept() -> None:
    html = as_html("[hier](https://a.example)\n\n| a | b |\n| - | - |\n| 1 | 2 |\n")
    assert '<a href="https://a.example" rel="noopener noreferrer nofollow">hier</a>' in html
    assert "<td>2</td>" in html


class TestWithoutAMailServer:
    async def register(self, api: ConfigApiServer, name: str, **profile: Any) -> httpx2.Response:
        return await a_browser(api).post("/auth/register", json=registration(name, **profile))

    async def test_whoever_registers_may_log_in_at_once(self, postgres: Postgres, database: str) -> None:
        async with house(postgres, database) as api:
            await keep_notices(api)
            response = await self.register(api, "anna")
            assert (response.status_code, response.json()) == (202, {"status": "accepted"})
            assert (await log_in(a_browser(api), "anna", A_PASSWORD)).status_code == 200
            assert await notices(api, "anna@hotel-seeblick.example", "confirm_registration") == []

    async def test_an_address_that_is_taken_is_told(self, postgres: Postgres, database: str) -> None:
        async with house(postgres, database) as api:
            await self.register(api, "anna")
            again = await self.register(api, "berta", email="Anna@hotel-seeblick.example")
            assert (again.status_code, again.json()["reason"]) == (409, "email_taken")
            assert again.json()["errors"][0]["field"] == "body.email"
            assert (await log_in(a_browser(api), "berta", A_PASSWORD)).status_code == 401

    async def test_a_new_address_counts_at_once(self, postgres: Postgres, database: str) -> None:
        async with house(postgres, database) as api:
            anna = await a_person(api, "anna")
            await a_person(api, "berta")
            for email, status in (("neu@hotel-seeblick.example", 202), ("berta@hotel-seeblick.example", 409)):
                asked = await anna.http.post("/account/email", json={"email": email, "password": A_PASSWORD})
                assert asked.status_code == status, asked.text
            assert (await anna.http.get("/account")).json()["email"] == "neu@hotel-seeblick.example"

    async def test_where_mail_works_nothing_is_given_away(self, api: ConfigApiServer) -> None:
        await keep_notices(api)
        answers = [await self.register(api, name, email="a@hotel-seeblick.example") for name in ("anna", "berta")]
        assert [(answer.status_code, answer.json()) for answer in answers] == [(202, {"status": "accepted"})] * 2
        assert (await log_in(a_browser(api), "anna", A_PASSWORD)).json()["reason"] == "not_confirmed"

    @pytest.mark.parametrize(
        ("changes", "by_mail"),
        [
            ({}, False),
            ({"mail_host": "mail.example"}, True),
            ({"public_url": HTTPS}, True),
            ({"public_url": "http://kinamik.lan:8080"}, True),
            ({"mail_host": "mail.example", "confirm_by_mail": False}, False),
            ({"confirm_by_mail": True}, True),
        ],
    )
    def test_who_has_to_confirm(self, changes: dict[str, Any], by_mail: bool) -> None:
        assert settings_for("postgresql://nobody@127.0.0.1:9/none", **LOOPBACK | changes).confirms_by_mail is by_mail

    def test_it_does_not_start_where_others_could_come_in(self) -> None:
        with pytest.raises(ValidationError, match="confirm_by_mail"):
            settings_for("postgresql://nobody@127.0.0.1:9/none", public_url=HTTPS, confirm_by_mail=False)


async def test_a_closed_registration_is_open_to_who_is_invited(postgres: Postgres, database: str) -> None:
    async with running_config_api(postgres, database) as api:
        owner = await a_person(api, "anna")
        path = f"/organisations/{(await owner.http.post('/organisations', json={'name': 'Hotel'})).json()['id']}"
        for name in ("berta", "carla"):
            invitation = {"email": f"{name}@hotel-seeblick.example", "role": "member"}
            assert (await owner.http.post(f"{path}/invitations", json=invitation)).status_code == 201
        (notice,) = await notices(api, "berta@hotel-seeblick.example", "invitation")
    token = notice.link.partition("token=")[2]
    async with running_config_api(postgres, database, registration=False, master_keys=api_keys(api)) as api:
        assert (await site(api))["registration"] is False
        closed = await a_browser(api).post("/auth/register", json=registration("dora"))
        assert (closed.status_code, closed.json()["reason"]) == (403, "registration_closed")
        wrong = await a_browser(api).post("/auth/register", json=registration("dora", invitation="A" * 43))
        assert wrong.json()["reason"] == "link_not_valid"
        invited = await a_browser(api).post("/auth/register", json=registration("berta", invitation=token))
        assert invited.status_code == 202
        assert (await log_in(a_browser(api), "berta", A_PASSWORD)).status_code == 200


def api_keys(api: ConfigApiServer) -> str:
    """The master keys of a server that has ended, for the next one on its database."""
    return ",".join(key.get_secret_value() for key in api.service.settings.master_keys)


async def test_no_page_loads_anything_from_elsewhere(api: ConfigApiServer) -> None:
    for path in ("/docs", "/redoc", "/docs/oauth2-redirect"):
        assert (await api.http.get(f"{api.url}{path}")).status_code == 404
    assert (await api.http.get(f"{api.url}/openapi.json")).status_code == 200
