"""What each request does."""

import re
from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, Response

from tests.servers.graph.delta import Deltas
from tests.servers.graph.mime import Json, bytes_of
from tests.servers.graph.problem import Problem, not_found
from tests.servers.graph.query import Shown, matching, named
from tests.servers.graph.replies import create_reply, write
from tests.servers.graph.subscriptions import Subscriptions
from tests.servers.graph.tenant import Folder, Message, Tenant, User

if TYPE_CHECKING:
    from tests.servers.graph.app import Call

_PAGE = 10
_MAX_PAGE = re.compile(r"odata\.maxpagesize=(\d+)")
_RESOURCE = re.compile(r"/?(?:me|users/([^/]+))(?:/mailFolders(?:/|\(')([^/')]+)(?:'\))?)?/messages", re.IGNORECASE)


class Mailboxes:
    def __init__(self, tenant: Tenant, deltas: Deltas, subscriptions: Subscriptions) -> None:
        self._tenant, self._deltas, self._subscriptions = tenant, deltas, subscriptions

    def of_subscriptions(self) -> "Iterable[tuple[str, str, Callable[[Call], Awaitable[Response] | Response]]]":
        yield "GET", "/v1.0/subscriptions", self.subscriptions
        yield "POST", "/v1.0/subscriptions", self.subscribe
        yield "GET", "/v1.0/subscriptions/{subscription}", self.subscription
        yield "PATCH", "/v1.0/subscriptions/{subscription}", self.renew
        yield "DELETE", "/v1.0/subscriptions/{subscription}", self.unsubscribe

    def show(self, call: "Call") -> Response:
        user = call.user
        given, _, family = user.name.partition(" ")
        about = {
            "businessPhones": list[str](),
            "displayName": user.name,
            "givenName": given,
            "jobTitle": None,
            "mail": user.address,
            "mobilePhone": None,
            "officeLocation": None,
            "preferredLanguage": "de-DE",
            "surname": family,
            "userPrincipalName": user.address,
            "id": user.id,
        }
        chosen = call.query["$select"].split(",") if "$select" in call.query else list(about)
        return _json(call, {name: value for name, value in about.items() if name in {"id", *chosen}})

    def folders(self, call: "Call") -> Response:
        parent = _found(call).id if "folder" in call.request.path_params else ""
        found = [folder for folder in call.user.folders if folder.parent == parent]
        if "$filter" in call.query:
            found = [folder for folder in found if folder.name == named(call.query["$filter"])]
        size = int(call.query.get("$top", _PAGE))
        return _page(call, [_folder(call, folder) for folder in found], size)

    def folder(self, call: "Call") -> Response:
        return _json(call, _folder(call, _found(call)))

    def messages(self, call: "Call") -> Response:
        within = call.user.within(_found(call)) if "folder" in call.request.path_params else call.user.messages.values()
        matches = matching(call.query.get("$filter", ""))
        found = [message for message in within if matches(message)]
        backwards = not call.query.get("$orderby", "receivedDateTime desc").endswith("asc")
        found.sort(key=lambda message: message.properties["receivedDateTime"], reverse=backwards)
        size = int(call.query.get("$top") or _preferred(call) or _PAGE)
        shown = Shown.of(call.query, call.prefer)
        return _page(call, [shown.item(message) for message in found], size)

    def delta(self, call: "Call") -> Response:
        base = str(call.request.url).partition("?")[0]
        shown = Shown.of(call.query, call.prefer)
        answer = self._deltas.page(call.user, _found(call), call.query, shown, _preferred(call), base)
        return _json(call, answer)

    def message(self, call: "Call") -> Response:
        return _json(call, Shown.of(call.query, call.prefer).item(_message(call)))

    def content(self, call: "Call") -> Response:
        message = _message(call)
        raw = bytes_of(message.properties, message.answers) if message.properties["isDraft"] else message.raw
        return Response(raw, media_type="text/plain")

    def change(self, call: "Call") -> Response:
        message = _message(call)
        if call.request.headers.get("if-match", message.etag) not in ("*", message.etag):
            raise Problem(412, "ErrorIrresolvableConflict", "The change key does not match.")
        plain = write(message, call.body)
        self._tenant.change(call.user, message, **plain)
        return _json(call, Shown.of(call.query, call.prefer).item(message))

    def reply(self, call: "Call") -> Response:
        to_all = call.request.url.path.endswith("All")
        draft = create_reply(self._tenant, call.user, _message(call), call.body, to_all=to_all)
        return _json(call, Shown.of(call.query, call.prefer).item(draft), 201)

    def subscriptions(self, call: "Call") -> Response:
        own = [one.properties for one in self._subscriptions.known.values() if one.user is call.user]
        return _json(call, {"value": own})

    async def subscribe(self, call: "Call") -> Response:
        found = _RESOURCE.fullmatch(call.body.get("resource", ""))
        user = call.caller if not found or not found[1] else self._tenant.user(found[1])
        folder = user.folder(found[2]) if user and found and found[2] else None
        if user is None or found is None or (found[2] and folder is None):
            raise Problem(400, "ExtensionError", "The resource is not one that can be watched.")
        immutable = 'idtype="immutableid"' in call.prefer.lower()
        target = user, folder.id if folder else ""
        return _json(call, await self._subscriptions.create(call.caller, call.body, target, immutable=immutable), 201)

    def subscription(self, call: "Call") -> Response:
        return _json(call, self._subscriptions.find(call["subscription"]).properties)

    def renew(self, call: "Call") -> Response:
        return _json(call, self._subscriptions.renew(call["subscription"], call.body))

    def unsubscribe(self, call: "Call") -> Response:
        self._subscriptions.find(call["subscription"])
        del self._subscriptions.known[call["subscription"]]
        return Response(status_code=204)


def _message(call: "Call") -> Message:
    found = call.user.message(call["message"])
    if found is None:
        raise not_found()
    return found


def _found(call: "Call") -> Folder:
    found = call.user.folder(call["folder"])
    if found is None:
        raise not_found()
    return found


def _folder(call: "Call", folder: Folder) -> Json:
    inside = list(call.user.within(folder))
    about = {
        "id": folder.id,
        "displayName": folder.name,
        "parentFolderId": folder.parent or call.user.id,
        "childFolderCount": sum(other.parent == folder.id for other in call.user.folders),
        "unreadItemCount": sum(not message.properties["isRead"] for message in inside),
        "totalItemCount": len(inside),
        "isHidden": False,
    }
    chosen = call.query["$select"].split(",") if "$select" in call.query else list(about)
    return {name: value for name, value in about.items() if name in {"id", *chosen}}


def _preferred(call: "Call") -> int | None:
    found = _MAX_PAGE.search(call.prefer)
    return int(found[1]) if found else None


def _page(call: "Call", items: list[Json], size: int) -> Response:
    skip = int(call.query.get("$skip", 0))
    answer: Json = {"value": items[skip : skip + size]}
    if len(items) > skip + size:
        following = call.request.url.include_query_params(**{"$skip": skip + size})
        answer = {"@odata.nextLink": str(following)} | answer
    return _json(call, answer)


def _json(call: "Call", body: Json, status: int = 200) -> Response:
    context = f"{call.request.base_url}v1.0/$metadata#{_context(call.user)}"
    return JSONResponse({"@odata.context": context} | body, status)


def _context(user: User) -> str:
    return f"users('{user.id}')"
