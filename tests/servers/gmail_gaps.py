"""What the emulated Gmail lacks or does otherwise than Gmail (https://developers.google.com/gmail/api/reference/rest):

- there is no `users.getProfile`, `drafts.list` takes no query, and no query finds a Message-ID (it looks for `:id`);
- `threads.get` leaves out spam and what is in the bin;
- format `metadata` knows ten headers only, so X-Kinamik-Draft is not among them;
- `sizeEstimate` is that of the base64 text;
- a draft joins whatever thread it names; Gmail wants In-Reply-To, References and the same Subject as well, and knows
  `Re:` and `Fwd:` as prefixes but not every language's;
- the history of a label has what happened to the label; Gmail's what happened to messages that have it;
- no history id ever expires, nobody has a signature, and `watch` tells nobody.
"""

import base64
import json
import re
import secrets
from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.servers.faults import google_error, not_found

if TYPE_CHECKING:
    from tests.servers.google_gateway import GoogleGateway

ME = "/gmail/v1/users/me"
_BASE64URL = re.compile(r"[A-Za-z0-9_-]+")
_PREFIXES = re.compile(r"^(?:(?:re|fwd?)\s*:\s*)+", re.IGNORECASE)


class GmailGaps:
    """`signatures` are people's by address; `watched` the topics that `users.watch` named.

    `message_ids` are those of drafts, by their message's id, as long as nobody has edited them.
    `page` is how much one page of a list holds at most; `unsearchable` are messages that a search does not find yet.
    """

    def __init__(self, gateway: "GoogleGateway") -> None:
        self._gateway = gateway
        self._forgotten: dict[str, int] = {}
        self._begun: dict[str, int] = {}
        self.page = 500
        self.unsearchable: set[str] = set()
        self.signatures: dict[str, str] = {}
        self.watched: dict[str, str] = {}
        self.tell: Callable[[str, str, str], None] | None = None
        self.message_ids: dict[str, str] = {}

    def forget_history(self, email: str, until: str) -> None:
        """History ids up to this one are answered with 404."""
        self._forgotten[email] = int(until)

    async def answer(self, request: Request, email: str) -> Response:
        token = self._gateway.upstream_token(email)
        resource = request.url.path.removeprefix(ME)
        match request.method, resource.split("/")[1:]:
            case "GET", ["profile"]:
                return JSONResponse({"emailAddress": email, "historyId": await self.history_id(token)})
            case "GET", ["messages"] | ["history"]:
                return await self._list(request, email, token)
            case "GET", ["drafts"] if query := request.query_params.get("q"):
                return await self._drafts(request, query, token)
            case "GET", ["messages", _] | ["threads", _]:
                return await self._with_headers(request, token)
            case "POST", ["drafts"]:
                return await self._draft(request, token)
            case "GET", ["settings", "sendAs"]:
                return await self._aliases(request, email, token)
            case "POST", ["watch"]:
                self.watched[email] = str((await request.json())["topicName"])
        return await self._gateway.forward(request, token=token)

    async def _list(self, request: Request, email: str, token: str) -> Response:
        asked = request.query_params
        if int(asked.get("startHistoryId", "0")) <= self._forgotten.get(email, -1) and "startHistoryId" in asked:
            return JSONResponse(not_found().body, 404)
        size = min(self.page, int(asked.get("maxResults", "100")))
        ours = ("maxResults", "labelId")
        fields = [(name, value) for name, value in asked.multi_items() if name not in ours]
        query = urlencode([*fields, ("maxResults", size)])
        response = await self._gateway.forward(request, path=f"{request.url.path}?{query}", token=token)
        found = _json(response)
        if "q" in asked:
            found["messages"] = [each for each in found["messages"] if each["id"] not in self.unsearchable]
        if "history" in found:
            # Gmail says nothing of what happens while pages are read; here they are those of the first one's moment.
            begun = self._begun[email] = self._begun.get(email, 0) if "pageToken" in asked else int(found["historyId"])
            found["history"] = [record for record in found["history"] if int(record["id"]) <= begun]
        for record in found.get("history", []) if "labelId" in asked else []:
            for change in ("messagesAdded", "labelsAdded"):
                entries = record.get(change, [])
                record[change] = [each for each in entries if asked["labelId"] in each["message"]["labelIds"]]
        return JSONResponse(found)

    async def history_id(self, token: str) -> str:
        page = await self._gateway.get(f"{ME}/history", token, startHistoryId="0", maxResults=1)
        return str(page["historyId"])

    async def _drafts(self, request: Request, query: str, token: str) -> Response:
        assert query.startswith("rfc822msgid:"), "no other query is needed so far"
        wanted = query.removeprefix("rfc822msgid:").strip("<>")
        response = await self._gateway.forward(request, path=f"{ME}/drafts?maxResults=500", token=token)
        drafts = [
            draft
            for draft in _json(response)["drafts"]
            if await self._message_id(draft["message"]["id"], token) == wanted
        ]
        return JSONResponse(({"drafts": drafts} if drafts else {}) | {"resultSizeEstimate": len(drafts)})

    async def _message_id(self, draft: str, token: str) -> str:
        if draft not in self.message_ids:
            self.message_ids[draft] = str((await self._parsed(draft, token))["Message-ID"]).strip("<>")
        return self.message_ids[draft]

    async def _with_headers(self, request: Request, token: str) -> Response:
        """A message or a thread, with every header that was asked for and sizes that are sizes."""
        response = await self._gateway.forward(
            request, path=f"{request.url.path}?{request.url.query}&includeSpamTrash=true", token=token
        )
        if response.status_code != 200:
            return response
        resource = _json(response)
        for message in resource.get("messages", [resource]):
            message["sizeEstimate"] = message["sizeEstimate"] * 3 // 4
            if request.query_params.get("format") == "metadata":
                wanted = {name.lower() for name in request.query_params.getlist("metadataHeaders")}
                parsed = await self._parsed(message["id"], token)
                message["payload"]["headers"] = [
                    {"name": name, "value": str(value)}
                    for name, value in parsed.items()
                    if not wanted or name.lower() in wanted
                ]
        return JSONResponse(resource)

    async def _draft(self, request: Request, token: str) -> Response:
        """Into a thread of its own where it does not fit the one it names."""
        body = await request.json()
        message = body["message"]
        if not _BASE64URL.fullmatch(message["raw"]):
            return JSONResponse(google_error(400, "Invalid value for ByteString", "invalidArgument"), 400)
        thread = message.get("threadId")
        if thread and not await self._fits(_parsed(message["raw"]), thread, token):
            message["threadId"] = f"thr_{secrets.token_hex(8)}"
        return await self._gateway.forward(request, body=json.dumps(body).encode(), token=token)

    async def _fits(self, draft: EmailMessage, thread: str, token: str) -> bool:
        if not (draft["In-Reply-To"] and draft["References"]):
            return False
        found = await self._gateway.get(f"{ME}/threads/{thread}", token, format="minimal", includeSpamTrash="true")
        subjects = [str((await self._parsed(each["id"], token))["Subject"] or "") for each in found.get("messages", [])]
        return _base(str(draft["Subject"] or "")) in map(_base, subjects)

    async def _aliases(self, request: Request, email: str, token: str) -> Response:
        aliases = _json(await self._gateway.forward(request, token=token))
        for alias in aliases["sendAs"]:
            if alias["isDefault"]:
                alias["signature"] = self.signatures.get(email, "")
        return JSONResponse(aliases)

    async def _parsed(self, message_id: str, token: str) -> EmailMessage:
        return _parsed((await self._gateway.get(f"{ME}/messages/{message_id}", token, format="raw"))["raw"])


def _parsed(raw: str) -> EmailMessage:
    return message_from_bytes(base64.urlsafe_b64decode(raw + "=" * (-len(raw) % 4)), policy=policy.default)


def _base(subject: str) -> str:
    return _PREFIXES.sub("", subject).strip().lower()


def _json(response: Response) -> Any:
    return json.loads(bytes(response.body))
