"""Which requests are answered, and the one way that all of them go: token, schema, work, schema."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.servers.graph.checks import Checks
from tests.servers.graph.delta import Deltas
from tests.servers.graph.mailboxes import Mailboxes
from tests.servers.graph.mime import Json
from tests.servers.graph.problem import Problem
from tests.servers.graph.subscriptions import Subscriptions
from tests.servers.graph.tenant import Tenant, User

Handler = Callable[["Call"], Awaitable[Response] | Response]


@dataclass
class Access:
    """Whose mailboxes a bearer token opens: first its own."""

    users: list[User]


@dataclass
class Call:
    """A request, as far as it is understood. `user` is whose mailbox it asks for, `caller` who asks."""

    request: Request
    caller: User
    user: User
    body: Json

    @property
    def query(self) -> Json:
        return dict(self.request.query_params)

    @property
    def prefer(self) -> str:
        return ", ".join(self.request.headers.getlist("prefer"))

    def __getitem__(self, name: str) -> str:
        return self.request.path_params[name]


@dataclass
class Graph:
    """The whole service. `violations` is what the schema had to complain of, which ends as an error 500.

    `owner` names the address of whoever a token belongs to that is not among `tokens`.
    """

    tenant: Tenant
    checks: Checks | None
    subscriptions: Subscriptions
    deltas: Deltas = field(default_factory=Deltas)
    tokens: dict[str, Access] = field(default_factory=dict[str, Access])
    violations: list[str] = field(default_factory=list[str])
    owner: Callable[[str], str | None] = field(default=lambda token: None)

    def app(self) -> Starlette:
        boxes = Mailboxes(self.tenant, self.deltas, self.subscriptions)
        routes: list[tuple[str, str, Handler]] = [
            ("GET", "", boxes.show),
            ("GET", "/mailFolders", boxes.folders),
            ("GET", "/mailFolders/{folder}", boxes.folder),
            ("GET", "/mailFolders/{folder}/childFolders", boxes.folders),
            ("GET", "/mailFolders/{folder}/messages", boxes.messages),
            ("GET", "/mailFolders/{folder}/messages/delta", boxes.delta),
            ("GET", "/mailFolders/{folder}/messages/delta()", boxes.delta),
            ("GET", "/messages", boxes.messages),
            ("GET", "/messages/{message}", boxes.message),
            ("PATCH", "/messages/{message}", boxes.change),
            ("GET", "/messages/{message}/$value", boxes.content),
            ("POST", "/messages/{message}/createReply", boxes.reply),
            ("POST", "/messages/{message}/createReplyAll", boxes.reply),
        ]
        mail = [
            self._route(method, f"/v1.0{prefix}{path}", handler)
            for prefix in ("/me", "/users/{user}")
            for method, path, handler in routes
        ]
        return Starlette(routes=[*mail, *(self._route(*route) for route in boxes.of_subscriptions())])

    def _route(self, method: str, path: str, handler: Handler) -> Route:
        async def answer(request: Request) -> Response:
            try:
                response = await self._answer(request, handler)
            except Problem as problem:
                response = problem.response()
            return self._checked(request, response)

        return Route(path, answer, methods=[method])

    async def _answer(self, request: Request, handler: Handler) -> Response:
        content = await request.body()
        caller, user = self._users(request)
        body = json.loads(content) if content else {}
        if self.checks and body:
            problems = self.checks.request(request.method, _path(request), body)
            if problems:
                raise Problem(400, "RequestBodyRead", "; ".join(problems))
        with self.tenant.lock:
            answer = handler(Call(request, caller, user, body))
        return answer if isinstance(answer, Response) else await answer

    def _users(self, request: Request) -> tuple[User, User]:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        access = self.tokens.get(token) or self._access(token)
        if access is None:
            raise Problem(401, "InvalidAuthenticationToken", "Access token has expired or is not yet valid.")
        named = request.path_params.get("user")
        user = access.users[0] if named is None else self.tenant.user(named)
        if user is None:
            raise Problem(404, "ErrorInvalidUser", "The requested user is invalid.")
        if user not in access.users:
            raise Problem(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.")
        return access.users[0], user

    def _access(self, token: str) -> Access | None:
        user = self.tenant.user(self.owner(token) or "")
        return Access([user]) if user else None

    def _checked(self, request: Request, response: Response) -> Response:
        if self.checks is None:
            return response
        query, content = dict(request.query_params), bytes(response.body)
        problems = self.checks.answer(request.method, _path(request), query, response.status_code, content)
        self.violations += [f"{request.method} {_path(request)}: {problem}" for problem in problems]
        return JSONResponse({"problems": problems}, 500) if problems else response


def _path(request: Request) -> str:
    return request.url.path.removeprefix("/v1.0")
