"""The Google and the Microsoft that other tests rest on: what the emulator does, what the gateway adds, its faults."""

import asyncio
import base64
import hashlib
import html
import re
import secrets
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2
import pytest

from tests.servers.config_api import NO_TLS
from tests.servers.faults import dropped, rate_limited, server_error, throttled, unauthorised
from tests.servers.gmail_gaps import ME
from tests.servers.gmail_person import GmailPerson, raw_of
from tests.servers.google import CLIENT_ID, CLIENT_SECRET, PEOPLE, REDIRECTS, Google
from tests.servers.google_gateway import COMPOSE, READ, SCOPES

pytest_plugins = ("tests.servers.fixtures",)

CLIENT = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
GOOGLE_LOGIN, GOOGLE_TOKEN = "/o/oauth2/v2/auth", "/token"
ENTRA_LOGIN, ENTRA_TOKEN = "/common/oauth2/v2.0/authorize", "/common/oauth2/v2.0/token"


def a_mail(number: int = 1, **fields: str) -> bytes:
    message = EmailMessage()
    values = {"Subject": f"Anfrage {number}", "From": "gast@example.org", "Message-ID": f"<{number}@example.org>"}
    for name, value in (values | {name.replace("_", "-"): value for name, value in fields.items()}).items():
        message[name] = value
    message.set_content("Guten Tag, ist ein Zimmer mit Seeblick frei?")
    return message.as_bytes()


@pytest.fixture
async def http() -> AsyncGenerator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(verify=NO_TLS, timeout=30) as client:
        yield client


class Gmail:
    """A client with a valid token."""

    def __init__(self, http: httpx2.AsyncClient, google: Google, person: GmailPerson) -> None:
        self._http = http
        self._url = google.google.url
        self.token = google.google.issue(person.email)

    async def ask(self, method: str, path: str, **request: Any) -> httpx2.Response:
        headers = {"Authorization": f"Bearer {self.token}"}
        return await self._http.request(method, f"{self._url}{ME}{path}", headers=headers, **request)

    async def get(self, path: str, **params: Any) -> Any:
        response = await self.ask("GET", path, params=params)
        assert response.status_code == 200, response.text
        return response.json()

    async def draft(self, raw: bytes, thread: str = "") -> httpx2.Response:
        message = {"raw": base64.urlsafe_b64encode(raw).decode().rstrip("=")} | ({"threadId": thread} if thread else {})
        return await self.ask("POST", "/drafts", json={"message": message})


@pytest.fixture
def person(google: Google) -> GmailPerson:
    return google.person()


@pytest.fixture
def gmail(http: httpx2.AsyncClient, google: Google, person: GmailPerson) -> Gmail:
    return Gmail(http, google, person)


class LogIn:
    """A program that somebody lets in: authorization code with PKCE and state."""

    def __init__(self, http: httpx2.AsyncClient, url: str, page: str, token: str) -> None:
        self._http, self._url, self._page, self._token = http, url, page, token
        self.verifier = secrets.token_urlsafe(40)

    async def consent(self, email: str, **asked: str) -> str:
        """Opens the consent page and chooses an account, as a browser would; the code."""
        digest = base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).decode().rstrip("=")
        query = {"client_id": CLIENT_ID, "redirect_uri": REDIRECTS[0], "response_type": "code", "scope": SCOPES}
        query |= {"state": "a state", "code_challenge": digest, "code_challenge_method": "S256"}
        page = (await self._http.get(f"{self._url}{self._page}?{urlencode(query | asked)}")).text
        form = next(form for form in page.split("<form")[1:] if f'value="{email}"' in form)
        action = re.search(r'action="([^"]+)"', form)
        assert action
        fields = {name: html.unescape(value) for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', form)}
        answer = await self._http.post(self._url + action[1], data=fields)
        came_back = parse_qs(urlsplit(answer.headers["location"]).query)
        assert came_back["state"] == ["a state"]
        return came_back["code"][0]

    async def token(self, **asked: str) -> httpx2.Response:
        return await self._http.post(self._url + self._token, data=CLIENT | asked)

    async def exchange(self, code: str, verifier: str = "") -> httpx2.Response:
        grant = {"grant_type": "authorization_code", "redirect_uri": REDIRECTS[0]}
        return await self.token(**grant, code=code, code_verifier=verifier or self.verifier)

    async def refresh(self, token: str) -> httpx2.Response:
        return await self.token(grant_type="refresh_token", refresh_token=token)


@pytest.fixture(params=["google", "microsoft"])
def login(request: pytest.FixtureRequest, http: httpx2.AsyncClient, google: Google) -> LogIn:
    if request.param == "google":
        return LogIn(http, google.google.url, GOOGLE_LOGIN, GOOGLE_TOKEN)
    return LogIn(http, google.microsoft.url, ENTRA_LOGIN, ENTRA_TOKEN)


class TestLogIn:
    async def test_a_code_is_worth_tokens_once_and_only_with_its_verifier(self, login: LogIn) -> None:
        code = await login.consent(PEOPLE[0], access_type="offline")
        assert (await login.exchange(code, "another" * 8)).json()["error"] == "invalid_grant"
        granted = (await login.exchange(code)).json()
        assert granted["refresh_token"]
        assert granted["scope"] == SCOPES
        assert (await login.exchange(code)).json()["error"] == "invalid_grant"

    async def test_a_refresh_token_brings_another_access_token(self, login: LogIn) -> None:
        granted = (await login.exchange(await login.consent(PEOPLE[0], access_type="offline"))).json()
        refreshed = (await login.refresh(granted["refresh_token"])).json()
        assert refreshed["access_token"] != granted["access_token"]

    async def test_a_wrong_secret_is_refused(self, http: httpx2.AsyncClient, login: LogIn) -> None:
        answer = await login.token(client_secret="wrong", grant_type="refresh_token", refresh_token="x")
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


@pytest.fixture
def google_login(http: httpx2.AsyncClient, google: Google) -> LogIn:
    return LogIn(http, google.google.url, GOOGLE_LOGIN, GOOGLE_TOKEN)


async def test_google_gives_a_refresh_token_only_for_offline_access(google_login: LogIn) -> None:
    assert "refresh_token" not in (await google_login.exchange(await google_login.consent(PEOPLE[0]))).json()


async def test_a_scope_that_was_not_ticked_is_not_granted(google: Google, google_login: LogIn, gmail: Gmail) -> None:
    google.google.withheld = {COMPOSE}
    try:
        granted = (await google_login.exchange(await google_login.consent(PEOPLE[0]))).json()
    finally:
        google.google.withheld = set()
    gmail.token = granted["access_token"]
    assert granted["scope"] == READ
    assert (await gmail.draft(a_mail())).status_code == 403
    assert (await gmail.ask("GET", "/messages")).status_code == 200


async def test_a_revoked_grant_ends_all_its_tokens(google: Google, google_login: LogIn, gmail: Gmail) -> None:
    granted = (await google_login.exchange(await google_login.consent(PEOPLE[1], access_type="offline"))).json()
    gmail.token = granted["access_token"]
    assert (await gmail.ask("GET", "/messages")).status_code == 200
    google.person(PEOPLE[1]).revoke()
    assert (await gmail.ask("GET", "/messages")).status_code == 401
    assert (await google_login.refresh(granted["refresh_token"])).json()["error"] == "invalid_grant"


async def test_a_program_revokes_by_either_token(
    google: Google, http: httpx2.AsyncClient, google_login: LogIn, gmail: Gmail
) -> None:
    granted = (await google_login.exchange(await google_login.consent(PEOPLE[1], access_type="offline"))).json()
    gmail.token = granted["access_token"]
    assert (await http.post(f"{google.google.url}/revoke", data={"token": gmail.token})).status_code == 200
    assert (await gmail.ask("GET", "/messages")).status_code == 401
    assert (await google_login.refresh(granted["refresh_token"])).json()["error"] == "invalid_grant"


async def test_an_expired_access_token_is_refused_and_refreshed(
    google: Google, google_login: LogIn, gmail: Gmail
) -> None:
    granted = (await google_login.exchange(await google_login.consent(PEOPLE[2], access_type="offline"))).json()
    google.google.expire(PEOPLE[2])
    gmail.token = granted["access_token"]
    assert (await gmail.ask("GET", "/messages")).status_code == 401
    gmail.token = (await google_login.refresh(granted["refresh_token"])).json()["access_token"]
    assert (await gmail.ask("GET", "/messages")).status_code == 200


async def test_entra_rotates_refresh_tokens_and_tells_whose_a_token_is(
    google: Google, http: httpx2.AsyncClient
) -> None:
    login = LogIn(http, google.microsoft.url, ENTRA_LOGIN, ENTRA_TOKEN)
    first = (await login.exchange(await login.consent(PEOPLE[2]))).json()
    second = (await login.refresh(first["refresh_token"])).json()
    assert second["refresh_token"] != first["refresh_token"]
    assert (await login.refresh(first["refresh_token"])).json()["error"] == "invalid_grant"
    assert google.microsoft.owner(second["access_token"]) == PEOPLE[2]
    google.microsoft.expire(PEOPLE[2])
    assert google.microsoft.owner(second["access_token"]) is None


class TestMail:
    async def test_what_arrives_is_in_the_history_and_comes_as_it_was_sent(
        self, gmail: Gmail, person: GmailPerson
    ) -> None:
        person.deliver(a_mail(1))
        before = (await gmail.get("/profile"))["historyId"]
        received = datetime(2026, 3, 3, 10, 12, tzinfo=UTC)
        raw = a_mail(2) + b"\xe4\xf6\xfc\xff"
        delivered = person.deliver(raw, received)
        (record,) = (await gmail.get("/history", startHistoryId=before, labelId="INBOX"))["history"]
        message = await gmail.get(f"/messages/{delivered}", format="raw")
        assert [added["message"]["id"] for added in record["messagesAdded"]] == [delivered]
        assert raw_of(message) == raw
        assert message["sizeEstimate"] == len(raw)
        assert message["labelIds"] == ["INBOX", "UNREAD"]
        assert int(message["internalDate"]) == received.timestamp() * 1000

    async def test_headers_are_told_by_the_names_asked_for(self, gmail: Gmail, person: GmailPerson) -> None:
        delivered = person.deliver(a_mail(X_Kinamik_Draft="mark"))
        message = await gmail.get(f"/messages/{delivered}", format="metadata", metadataHeaders="x-kinamik-draft")
        assert message["payload"]["headers"] == [{"name": "X-Kinamik-Draft", "value": "mark"}]

    async def test_an_old_history_id_is_not_known_any_more(self, gmail: Gmail, person: GmailPerson) -> None:
        person.deliver(a_mail())
        old = (await gmail.get("/profile"))["historyId"]
        person.forget_history()
        answer = await gmail.ask("GET", "/history", params={"startHistoryId": old})
        new = (await gmail.get("/profile"))["historyId"]
        assert (answer.status_code, answer.json()["error"]["status"]) == (404, "NOT_FOUND")
        assert not (await gmail.get("/history", startHistoryId=new))["history"]

    async def test_a_moved_mail_is_in_the_history(self, gmail: Gmail, person: GmailPerson) -> None:
        spam = person.deliver(a_mail(), labels=("SPAM", "UNREAD"))
        before = (await gmail.get("/profile"))["historyId"]
        person.relabel(spam, add=("INBOX",), remove=("SPAM",))
        (record,) = (await gmail.get("/history", startHistoryId=before, labelId="INBOX"))["history"]
        assert record["labelsAdded"][0]["message"]["id"] == spam

    async def test_a_draft_is_found_by_its_message_id(self, gmail: Gmail, person: GmailPerson) -> None:
        for number in (1, 2):
            assert (await gmail.draft(a_mail(number))).status_code == 200
        (found,) = (await gmail.get("/drafts", q="rfc822msgid:<2@example.org>"))["drafts"]
        assert found["id"] == person.drafts()[1]["id"]
        assert await gmail.get("/drafts", q="rfc822msgid:<3@example.org>") == {"resultSizeEstimate": 0}

    @pytest.mark.parametrize(
        ("fields", "fits"),
        [
            ({"Subject": "Re: Anfrage 1", "In_Reply_To": "<1@example.org>", "References": "<1@example.org>"}, True),
            ({"Subject": "AW: Anfrage 1", "In_Reply_To": "<1@example.org>", "References": "<1@example.org>"}, False),
            ({"Subject": "Re: Anfrage 1", "In_Reply_To": "<1@example.org>"}, False),
            ({"Subject": "Re: Anfrage 1", "References": "<1@example.org>"}, False),
        ],
    )
    async def test_a_draft_joins_a_thread_that_it_fits(
        self, gmail: Gmail, person: GmailPerson, fields: dict[str, str], fits: bool
    ) -> None:
        thread = person.message(person.deliver(a_mail(1)))["threadId"]
        draft = await gmail.draft(a_mail(2, **fields), thread)
        assert (draft.json()["message"]["threadId"] == thread) is fits

    async def test_a_person_edits_sends_and_deletes(self, gmail: Gmail, person: GmailPerson) -> None:
        for number in (1, 2):
            await gmail.draft(a_mail(number))
        first, second = person.drafts()
        person.edit_draft(first["id"], a_mail(3))
        person.delete_draft(second["id"])
        assert [raw_of(draft["message"]) for draft in person.drafts()] == [a_mail(3)]
        sent = person.send_draft(first["id"])
        assert not person.drafts()
        assert [message["id"] for message in person.messages("SENT")] == [sent]

    async def test_a_signature_is_told(self, gmail: Gmail, person: GmailPerson) -> None:
        person.sign("<b>Hotel Seeblick</b>")
        (alias,) = (await gmail.get("/settings/sendAs"))["sendAs"]
        assert (alias["isDefault"], alias["signature"]) == (True, "<b>Hotel Seeblick</b>")

    async def test_nobody_else_sees_it(self, google: Google, http: httpx2.AsyncClient, person: GmailPerson) -> None:
        delivered = person.deliver(a_mail())
        other = Gmail(http, google, google.person())
        assert (await other.ask("GET", f"/messages/{delivered}")).status_code == 404


class TestFaults:
    async def test_they_come_as_often_as_planned_where_they_are_planned(self, google: Google, gmail: Gmail) -> None:
        faults = google.google.faults
        faults.plan("GET", "/messages$", throttled(7), times=2)
        answers = [await gmail.ask("GET", "/messages") for _ in range(3)]
        assert [answer.status_code for answer in answers] == [429, 429, 200]
        assert answers[0].headers["Retry-After"] == "7"
        assert (await gmail.ask("GET", "/labels")).status_code == 200
        assert faults.count("GET", "/messages$") == 3

    async def test_they_can_be_one_users(self, google: Google, http: httpx2.AsyncClient, gmail: Gmail) -> None:
        other = google.person()
        google.google.faults.plan("GET", "/messages", unauthorised(), user=other.email)
        assert (await gmail.ask("GET", "/messages")).status_code == 200
        assert (await Gmail(http, google, other).ask("GET", "/messages")).status_code == 401

    async def test_a_limit_says_in_words_until_when(self, google: Google, gmail: Gmail) -> None:
        until = datetime.now(UTC) + timedelta(minutes=5)
        google.google.faults.plan("GET", "/messages", rate_limited(until))
        answer = await gmail.ask("GET", "/messages")
        assert answer.status_code == 403
        assert f"Retry after {until:%Y-%m-%dT%H:%M:%S}" in answer.json()["error"]["message"]

    @pytest.mark.parametrize("carried_out", [False, True])
    async def test_an_error_may_come_after_the_deed(
        self, google: Google, gmail: Gmail, person: GmailPerson, carried_out: bool
    ) -> None:
        google.google.faults.plan("POST", "/drafts", server_error(carried_out=carried_out))
        assert (await gmail.draft(a_mail())).status_code == 503
        assert len(person.drafts()) == carried_out

    @pytest.mark.parametrize("carried_out", [False, True])
    async def test_a_connection_may_end_without_an_answer(
        self, google: Google, gmail: Gmail, person: GmailPerson, carried_out: bool
    ) -> None:
        google.google.faults.plan("POST", "/drafts", dropped(carried_out=carried_out))
        with pytest.raises(httpx2.TransportError):
            await gmail.draft(a_mail())
        await asyncio.sleep(0)
        assert len(person.drafts()) == carried_out
