"""The fake of Microsoft Graph does what the documentation says, and nothing that the schema does not know."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from tests.servers.config_api import NO_TLS, serving
from tests.servers.graph import GraphServer
from tests.servers.graph.checks import require_schema
from tests.servers.graph.faults import Fault, broken, throttled
from tests.servers.graph.tenant import User

IMMUTABLE = {"Prefer": 'IdType="ImmutableId"'}
MARK = "String {6f1c3c52-5d0b-4b0b-9d0a-3f4f1b1f7a11} Name Mark"
INBOX = "/me/mailFolders/inbox/messages"


def a_mail(number: int = 1, text: str = "Guten Tag") -> bytes:
    return (
        f"From: Gast <gast@example.org>\r\nTo: info@seeblick.example, b@example.org\r\nCc: c@example.org\r\n"
        f"Subject: Anfrage {number}\r\nMessage-ID: <{number}@example.org>\r\n"
        f"Date: Tue, 03 Mar 2026 10:12:00 +0100\r\n\r\n{text}\r\n"
    ).encode()


@pytest.fixture
def user(graph: GraphServer) -> User:
    return graph.a_user("info@seeblick.example")


@pytest.fixture
async def http(graph: GraphServer, user: User) -> AsyncGenerator[httpx2.AsyncClient]:
    headers = {"Authorization": f"Bearer {graph.token(user)}"}
    async with httpx2.AsyncClient(base_url=f"{graph.url}/v1.0", headers=headers, verify=NO_TLS) as client:
        yield client


async def got(http: httpx2.AsyncClient, path: str, **headers: str) -> Any:
    answer = await http.get(path, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


class TestChecks:
    async def test_a_property_that_the_schema_does_not_know_is_caught(
        self, graph: GraphServer, user: User, http: httpx2.AsyncClient
    ) -> None:
        require_schema()
        graph.deliver(user, a_mail()).properties["colour"] = "red"
        answer = await http.get("/me/messages")
        assert (answer.status_code, len(graph.violations)) == (500, 1)
        assert "colour is not a property of message" in graph.violations.pop()

    @pytest.mark.parametrize(
        ("name", "value", "complaint"),
        [
            ("isRead", "yes", "isRead is not Edm.Boolean"),
            ("receivedDateTime", "3.3.2026", "receivedDateTime is not Edm.DateTimeOffset"),
            ("conversationIndex", "a_b", "conversationIndex is not Edm.Binary"),
            ("importance", "very", "importance is not one of importance"),
            ("toRecipients", {"address": "a@b.c"}, "toRecipients is no list"),
            ("from", {"address": "a@b.c"}, "address is not a property of recipient"),
        ],
    )
    async def test_a_value_of_another_type_is_caught(
        self, graph: GraphServer, user: User, http: httpx2.AsyncClient, name: str, value: object, complaint: str
    ) -> None:
        require_schema()
        message = graph.deliver(user, a_mail())
        message.properties[name] = value
        assert (await http.get(f"/me/messages/{message.id}")).status_code == 500
        assert complaint in graph.violations[0]
        graph.violations.clear()

    async def test_what_the_sample_has_and_the_answer_has_not_is_caught(
        self, graph: GraphServer, user: User, http: httpx2.AsyncClient
    ) -> None:
        require_schema()
        message = graph.deliver(user, a_mail())
        del message.properties["conversationId"]
        assert (await http.get(f"/me/messages/{message.id}")).status_code == 500
        assert graph.violations.pop().endswith(".conversationId is missing")

    async def test_a_request_with_an_unknown_property_is_refused(
        self, graph: GraphServer, user: User, http: httpx2.AsyncClient
    ) -> None:
        require_schema()
        message = graph.deliver(user, a_mail())
        for path, body in (("", {"isread": True}), ("/createReply", {"Message": {"toRecipient": []}})):
            answer = await http.request("POST" if path else "PATCH", f"/me/messages/{message.id}{path}", json=body)
            assert (answer.status_code, answer.json()["error"]["code"]) == (400, "RequestBodyRead")


class TestMailboxes:
    async def test_people_and_their_folders(self, graph: GraphServer, user: User, http: httpx2.AsyncClient) -> None:
        graph.a_folder(user, "Büro's")
        assert (await got(http, "/me"))["mail"] == user.address
        assert (await got(http, "/me?$select=mail")).keys() == {"@odata.context", "id", "mail"}
        names = [folder["displayName"] for folder in (await got(http, "/me/mailFolders?$top=50"))["value"]]
        assert {"Posteingang", "Entwürfe", "Büro's"} <= set(names)
        (found,) = (await got(http, "/me/mailFolders?$filter=displayName eq 'Büro''s'"))["value"]
        assert (await got(http, f"/me/mailFolders/{found['id']}"))["totalItemCount"] == 0
        assert (await http.get("/me/mailFolders/nowhere")).status_code == 404

    async def test_a_team_mailbox_is_open_to_whom_it_is_shared_with(
        self, graph: GraphServer, user: User, http: httpx2.AsyncClient
    ) -> None:
        team, other = graph.a_user("team@seeblick.example"), graph.a_user("other@seeblick.example")
        graph.allow(graph.token(user), user, team)
        assert (await got(http, f"/users/{team.address}"))["id"] == team.id
        assert (await http.get(f"/users/{other.id}/messages")).status_code == 403
        assert (await http.get("/users/nobody@seeblick.example")).status_code == 404

    async def test_a_token_that_is_not_known_any_more_is_refused(
        self, graph: GraphServer, user: User, http: httpx2.AsyncClient
    ) -> None:
        graph.refuse(graph.token(user))
        assert (await http.get("/me")).status_code == 401

    async def test_ids_change_when_a_mail_is_moved_but_for_the_immutable_one(
        self, graph: GraphServer, user: User, http: httpx2.AsyncClient
    ) -> None:
        message = graph.deliver(user, a_mail())
        before = (await got(http, f"{INBOX}"))["value"][0]["id"]
        immutable = (await got(http, f"{INBOX}", **IMMUTABLE))["value"][0]["id"]
        graph.move(user, message, "archive")
        assert before != immutable
        assert (await http.get(f"/me/messages/{before}")).status_code == 404
        assert (await got(http, f"/me/messages/{immutable}"))["subject"] == "Anfrage 1"

    async def test_a_mail_is_there_as_it_came(self, graph: GraphServer, user: User, http: httpx2.AsyncClient) -> None:
        message = graph.deliver(user, a_mail())
        assert (await http.get(f"/me/messages/{message.id}/$value")).content == a_mail()

    async def test_extended_properties_are_shown_when_asked_for_and_found(
        self, graph: GraphServer, user: User, http: httpx2.AsyncClient
    ) -> None:
        message = graph.deliver(user, a_mail())
        graph.deliver(user, a_mail(2))
        body = {"singleValueExtendedProperties": [{"id": MARK, "value": "it's <1>"}]}
        assert (await http.patch(f"/me/messages/{message.id}", json=body)).status_code == 200
        expand = f"$select=id&$expand=singleValueExtendedProperties($filter=id eq '{MARK.upper()}')"
        shown = await got(http, f"/me/messages/{message.id}?{expand}")
        condition = f"ep/id eq '{MARK}' and ep/value eq 'it''s <1>'"
        found = await got(http, f"/me/messages?$filter=singleValueExtendedProperties/Any(ep: {condition})")
        assert shown["singleValueExtendedProperties"] == [{"id": MARK, "value": "it's <1>"}]
        assert [item["id"] for item in found["value"]] == [message.id]


class TestDelta:
    async def test_what_is_new_comes_in_pages_and_then_only_changes(
        self, graph: GraphServer, user: User, http: httpx2.AsyncClient
    ) -> None:
        sent = [graph.deliver(user, a_mail(number)) for number in range(5)]
        prefer = f"odata.maxpagesize=2, {IMMUTABLE['Prefer']}"
        pages = [await got(http, f"{INBOX}/delta()?$select=receivedDateTime", Prefer=prefer)]
        while "@odata.nextLink" in pages[-1]:
            pages.append(await got(http, pages[-1]["@odata.nextLink"], Prefer=prefer))
        assert [[item["id"] for item in page["value"]] for page in pages] == [
            [message.key for message in part] for part in (sent[:2], sent[2:4], sent[4:])
        ]
        graph.delete(user, sent[0])
        graph.move(user, sent[1], "archive")
        graph.edit(user, sent[2], isRead=True)
        new = graph.deliver(user, a_mail(9))
        back = graph.deliver(user, a_mail(10), folder="junkemail")
        graph.move(user, back, "inbox")
        then = await got(http, pages[-1]["@odata.deltaLink"], Prefer=prefer.replace("=2", "=50"))
        assert [item["id"] for item in then["value"] if "@removed" in item] == [sent[0].key, sent[1].key]
        assert [item["id"] for item in then["value"] if "@removed" not in item] == [new.key, back.key]

    async def test_who_selects_is_read_is_told_of_reading_in_part(
        self, graph: GraphServer, user: User, http: httpx2.AsyncClient
    ) -> None:
        message = graph.deliver(user, a_mail())
        first = await got(http, f"{INBOX}/delta()?$select=subject,isRead")
        graph.edit(user, message, isRead=True)
        (item,) = (await got(http, first["@odata.deltaLink"]))["value"]
        assert item.keys() == {"@odata.etag", "id", "isRead", "parentFolderId"}

    async def test_a_filter_stays_and_shows_five_thousand_at_most(
        self, graph: GraphServer, user: User, http: httpx2.AsyncClient
    ) -> None:
        now = datetime.now(UTC)
        for _ in range(5001):
            graph.deliver(user, b"Subject: x\r\n\r\n", now)
        graph.deliver(user, a_mail(), now - timedelta(days=2))
        since = (now - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
        page = await got(http, f"{INBOX}/delta?$filter=receivedDateTime ge {since}", Prefer="odata.maxpagesize=9999")
        graph.deliver(user, a_mail(), now - timedelta(days=2))
        new = graph.deliver(user, a_mail(), now)
        after = await got(http, page["@odata.deltaLink"])
        assert len(page["value"]) == 5000
        assert [item["id"] for item in after["value"]] == [new.id]

    @pytest.mark.parametrize(("code", "status"), [("syncStateNotFound", 410), ("SyncStateInvalid", 400)])
    async def test_a_token_can_be_lost(
        self, graph: GraphServer, user: User, http: httpx2.AsyncClient, code: str, status: int
    ) -> None:
        link = (await got(http, f"{INBOX}/delta()"))["@odata.deltaLink"]
        graph.lose_deltas(code, status=status, location=True)
        answer = await http.get(link)
        assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
        assert answer.headers["location"].endswith("/delta()")


class TestReplies:
    @pytest.mark.parametrize(("action", "to", "cc"), [("createReply", 1, 0), ("createReplyAll", 2, 1)])
    async def test_a_reply_is_a_draft_with_the_original_quoted_which_is_then_read(
        self, graph: GraphServer, user: User, http: httpx2.AsyncClient, action: str, to: int, cc: int
    ) -> None:
        original = graph.deliver(user, a_mail())
        answer = await http.post(f"/me/messages/{original.id}/{action}", json={})
        draft = answer.json()
        assert (answer.status_code, draft["isDraft"], draft["subject"]) == (201, True, "RE: Anfrage 1")
        assert (len(draft["toRecipients"]), len(draft["ccRecipients"])) == (to, cc)
        assert "divRplyFwdMsg" in draft["body"]["content"]
        assert "Guten Tag" in draft["body"]["content"]
        assert original.properties["isRead"]
        assert b"In-Reply-To: <1@example.org>" in (await http.get(f"/me/messages/{draft['id']}/$value")).content

    async def test_the_message_parameter_is_taken_over(
        self, graph: GraphServer, user: User, http: httpx2.AsyncClient
    ) -> None:
        original = graph.deliver(user, a_mail())
        to = [{"emailAddress": {"address": "portal@example.org", "name": "Portal"}}]
        message = {"toRecipients": to, "singleValueExtendedProperties": [{"id": MARK, "value": "<x>"}]}
        await http.post(f"/me/messages/{original.id}/createReply", json={"message": message, "comment": "Hallo <b>"})
        (draft,) = graph.drafts(user)
        assert (draft.properties["toRecipients"], draft.extended[MARK]) == (to, "<x>")
        assert "<body>Hallo &lt;b&gt;<hr" in draft.properties["body"]["content"]

    async def test_a_change_needs_the_current_etag(
        self, graph: GraphServer, user: User, http: httpx2.AsyncClient
    ) -> None:
        original = graph.deliver(user, a_mail())
        draft = (await http.post(f"/me/messages/{original.id}/createReply")).json()
        (stored,) = graph.drafts(user)
        graph.edit(user, stored, subject="Von Hand")
        change = {"subject": "Von uns"}
        late = await http.patch(f"/me/messages/{draft['id']}", json=change, headers={"If-Match": draft["@odata.etag"]})
        assert (late.status_code, late.json()["error"]["code"]) == (412, "ErrorIrresolvableConflict")
        current = await http.patch(f"/me/messages/{draft['id']}", json=change, headers={"If-Match": stored.etag})
        assert (current.status_code, stored.properties["subject"]) == (200, "Von uns")

    async def test_sending_a_draft_moves_it_and_marks_the_original_as_answered(
        self, graph: GraphServer, user: User, http: httpx2.AsyncClient
    ) -> None:
        original = graph.deliver(user, a_mail())
        await http.post(f"/me/messages/{original.id}/createReplyAll")
        graph.send(user, graph.drafts(user)[0])
        assert not graph.drafts(user)
        assert len(graph.messages(user, "sentitems")) == 1
        assert original.extended == {"Integer 0x1081": "103"}

    async def test_a_mail_that_arrived_cannot_be_rewritten(
        self, graph: GraphServer, user: User, http: httpx2.AsyncClient
    ) -> None:
        message = graph.deliver(user, a_mail())
        assert (await http.patch(f"/me/messages/{message.id}", json={"subject": "x"})).status_code == 400


class TestFaults:
    async def test_throttling_names_the_seconds(self, graph: GraphServer, user: User, http: httpx2.AsyncClient) -> None:
        graph.fail(throttled(9, path="/messages"))
        answers = [await http.get("/me"), await http.get("/me/messages"), await http.get("/me/messages")]
        assert [answer.status_code for answer in answers] == [200, 429, 200]
        assert answers[1].headers["retry-after"] == "9"

    @pytest.mark.parametrize("after", [True, False])
    async def test_an_error_comes_after_the_work_or_before_it(
        self, graph: GraphServer, user: User, http: httpx2.AsyncClient, after: bool
    ) -> None:
        message = graph.deliver(user, a_mail())
        graph.fail(Fault(method="POST", path="createReply$", status=504, after=after))
        assert (await http.post(f"/me/messages/{message.id}/createReply")).status_code == 504
        assert len(graph.drafts(user)) == after

    @pytest.mark.parametrize("after", [True, False])
    async def test_a_connection_breaks_after_the_work_or_before_it(
        self, graph: GraphServer, user: User, http: httpx2.AsyncClient, after: bool
    ) -> None:
        message = graph.deliver(user, a_mail())
        graph.fail(broken(path="createReply$", after=after))
        with pytest.raises(httpx2.HTTPError):
            await http.post(f"/me/messages/{message.id}/createReply")
        assert len(graph.drafts(user)) == after

    async def test_requests_are_counted_without_ids(
        self, graph: GraphServer, user: User, http: httpx2.AsyncClient
    ) -> None:
        message = graph.deliver(user, a_mail())
        for _ in range(3):
            await got(http, f"/me/messages/{message.id}")
        assert graph.requests == {"GET /v1.0/me/messages/{id}": 3}


class Endpoint:
    """Where notifications go. `says` is what it answers to a validation token, None for the token itself."""

    def __init__(self) -> None:
        self.got: list[Any] = []
        self.came = asyncio.Event()
        self.says: str | None = None
        self.url = ""

    async def answer(self, request: Request) -> Response:
        if token := request.query_params.get("validationToken"):
            return PlainTextResponse(token if self.says is None else self.says)
        self.got += (await request.json())["value"]
        self.came.set()
        return Response(status_code=202)

    async def has(self, count: int) -> list[Any]:
        async with asyncio.timeout(5):
            while len(self.got) < count:
                await self.came.wait()
                self.came.clear()
        assert len(self.got) == count
        return self.got


@pytest.fixture
async def endpoint() -> AsyncGenerator[Endpoint]:
    endpoint = Endpoint()
    async with serving(Starlette(routes=[Route("/", endpoint.answer, methods=["POST"])])) as endpoint.url:
        yield endpoint


def a_subscription(endpoint: Endpoint, **changes: Any) -> dict[str, Any]:
    expires = datetime.now(UTC) + timedelta(minutes=4000)
    return {
        "changeType": "created",
        "resource": "me/mailFolders/inbox/messages",
        "notificationUrl": endpoint.url,
        "lifecycleNotificationUrl": endpoint.url,
        "expirationDateTime": expires.isoformat().replace("+00:00", "Z"),
        "clientState": "geheim",
    } | changes


class TestSubscriptions:
    async def test_news_are_told_with_immutable_ids(
        self, graph: GraphServer, user: User, http: httpx2.AsyncClient, endpoint: Endpoint
    ) -> None:
        made = await http.post("/subscriptions", json=a_subscription(endpoint), headers=IMMUTABLE)
        message = graph.deliver(user, a_mail())
        graph.deliver(user, a_mail(2), folder="junkemail")
        (told,) = await endpoint.has(1)
        assert made.status_code == 201
        assert (told["subscriptionId"], told["clientState"]) == (made.json()["id"], "geheim")
        assert (told["changeType"], told["resourceData"]["id"]) == ("created", message.key)

    async def test_news_come_twice_and_in_the_wrong_order(
        self, graph: GraphServer, user: User, http: httpx2.AsyncClient, endpoint: Endpoint
    ) -> None:
        await http.post("/subscriptions", json=a_subscription(endpoint), headers=IMMUTABLE)
        graph.delivery.held = graph.delivery.twice = True
        first, second = graph.deliver(user, a_mail(1)), graph.deliver(user, a_mail(2))
        graph.subscriptions.release(backwards=True)
        told = [item["resourceData"]["id"] for item in await endpoint.has(4)]
        assert sorted(told) == sorted([first.key, first.key, second.key, second.key])

    @pytest.mark.parametrize("event", ["missed", "reauthorizationRequired", "subscriptionRemoved"])
    async def test_events_in_its_life_are_told(
        self, graph: GraphServer, user: User, http: httpx2.AsyncClient, endpoint: Endpoint, event: str
    ) -> None:
        made = (await http.post("/subscriptions", json=a_subscription(endpoint))).json()
        graph.lifecycle(made, event)
        (told,) = await endpoint.has(1)
        there = (await http.get(f"/subscriptions/{made['id']}")).status_code
        assert (told["lifecycleEvent"], there) == (event, 404 if event == "subscriptionRemoved" else 200)

    @pytest.mark.parametrize(
        "wrong",
        [
            {"expirationDateTime": "2099-01-01T00:00:00Z"},
            {"expirationDateTime": "2020-01-01T00:00:00Z"},
            {"notificationUrl": "http://127.0.0.1:1/"},
            {"resource": "me/mailFolders/nowhere/messages"},
            {"clientState": "x" * 129},
        ],
        ids=str,
    )
    async def test_what_cannot_be_subscribed_to_is_refused(
        self, http: httpx2.AsyncClient, endpoint: Endpoint, wrong: dict[str, str]
    ) -> None:
        assert (await http.post("/subscriptions", json=a_subscription(endpoint, **wrong))).status_code == 400

    async def test_an_endpoint_that_does_not_say_the_token_is_refused(
        self, http: httpx2.AsyncClient, endpoint: Endpoint
    ) -> None:
        endpoint.says = "willkommen"
        answer = await http.post("/subscriptions", json=a_subscription(endpoint))
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "ValidationError")

    async def test_it_is_renewed_and_ended(self, http: httpx2.AsyncClient, endpoint: Endpoint) -> None:
        made = (await http.post("/subscriptions", json=a_subscription(endpoint))).json()
        later = (datetime.now(UTC) + timedelta(minutes=4200)).strftime("%Y-%m-%dT%H:%M:%SZ")
        renewed = await http.patch(f"/subscriptions/{made['id']}", json={"expirationDateTime": later})
        assert renewed.json()["expirationDateTime"] == later
        assert (await got(http, "/subscriptions"))["value"][0]["id"] == made["id"]
        assert (await http.delete(f"/subscriptions/{made['id']}")).status_code == 204
        assert (await http.patch(f"/subscriptions/{made['id']}", json={"expirationDateTime": later})).status_code == 404
