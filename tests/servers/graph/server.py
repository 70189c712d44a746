"""The service in a thread of its own, on a free port of loopback, and what a test may do with it.

Methods block for moments only, and may be called from any thread.
"""

import asyncio
import threading
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Self

import uvicorn

from tests.servers.graph.app import Access, Graph
from tests.servers.graph.checks import checks_here
from tests.servers.graph.delta import Lost
from tests.servers.graph.faults import Fault, Faulty
from tests.servers.graph.mime import Json, bytes_of
from tests.servers.graph.subscriptions import Delivery, Subscriptions
from tests.servers.graph.tenant import Folder, Message, Tenant, User, a_draft

ACCESS_TOKEN = "token of "


class GraphServer:
    """`url` is what stands for https://graph.microsoft.com."""

    def __init__(self) -> None:
        self.tenant = Tenant()
        checks = checks_here()
        self.subscriptions = Subscriptions(self.tenant, checks, self._on_loop)
        self._graph = Graph(self.tenant, checks, self.subscriptions)
        self._faulty = Faulty(self._graph.app())
        config = uvicorn.Config(self._faulty, port=0, log_config=None, access_log=False, lifespan="off", backlog=2048)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._run, name="graph", daemon=True)
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self.url = ""

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(10), "the server did not start"
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.should_exit = self._server.force_exit = True
        self._thread.join(10)
        assert error is not None or not self.violations, self.violations

    def begin(self) -> None:
        """Forgets faults, counts and how notifications go out: another test follows."""
        self._faulty.faults.clear()
        self._faulty.counts.clear()
        with self.tenant.lock:
            self.subscriptions.begin()

    @property
    def violations(self) -> list[str]:
        """Answers that were not as the schema and the samples have them."""
        return self._graph.violations

    @property
    def requests(self) -> Counter[str]:
        """How many there were, by method and path without ids: `GET /v1.0/me/messages/{id}`."""
        return self._faulty.counts

    @property
    def delivery(self) -> Delivery:
        return self.subscriptions.delivery

    def a_user(self, address: str, name: str = "Hotel Seeblick") -> User:
        """A mailbox, and its token (`token`)."""
        with self.tenant.lock:
            user = User(address, name)
            self.tenant.users.append(user)
            self.allow(self.token(user), user)
        return user

    def token(self, user: User) -> str:
        return ACCESS_TOKEN + user.id

    def allow(self, token: str, *users: User) -> None:
        """A bearer token from now on: for its own mailbox, and those shared with it."""
        with self.tenant.lock:
            self._graph.tokens[token] = Access(list(users))

    def trust(self, owner: Callable[[str], str | None]) -> None:
        """Takes the tokens of a log-in, which says whose they are."""
        self._graph.owner = owner

    def refuse(self, token: str) -> None:
        """401 from now on."""
        with self.tenant.lock:
            self._graph.tokens.pop(token, None)

    def unmet(self) -> int:
        """How many requests are still to meet a fault."""
        return sum(fault.times for fault in self._faulty.faults)

    def fail(self, fault: Fault) -> None:
        """What the next requests that match it meet; see `faults`."""
        self._faulty.faults.append(fault)

    def lose_deltas(self, code: str = "syncStateNotFound", *, status: int = 410, location: bool = False) -> None:
        """Every delta token given so far is no longer known."""
        with self.tenant.lock:
            self._graph.deltas.lose(Lost(status, code, location))

    def a_folder(self, user: User, name: str, parent: Folder | None = None) -> Folder:
        with self.tenant.lock:
            folder = Folder(name, parent=parent.id if parent else "")
            user.folders.append(folder)
            return folder

    def rename_folder(self, user: User, name: str, new: str) -> None:
        with self.tenant.lock:
            self._folder(user, name).name = new

    def deliver(self, user: User, raw: bytes, received: datetime | None = None, folder: str = "inbox") -> Message:
        """A mail arrives."""
        with self.tenant.lock:
            return self.tenant.deliver(user, self._folder(user, folder), raw, received or datetime.now(UTC))

    def messages(self, user: User, folder: str) -> list[Message]:
        """In the order in which they came into the folder."""
        with self.tenant.lock:
            return sorted(user.within(self._folder(user, folder)), key=lambda message: message.entered)

    def drafts(self, user: User) -> list[Message]:
        return self.messages(user, "drafts")

    def raw(self, message: Message) -> bytes:
        with self.tenant.lock:
            is_draft = message.properties["isDraft"]
            return bytes_of(message.properties, message.answers) if is_draft else message.raw

    def edit(self, user: User, message: Message, **properties: object) -> None:
        """A person changes it in their mail program, a minute from now."""
        with self.tenant.lock:
            self.tenant.change(user, message, timedelta(minutes=1), **properties)

    def write_draft(self, user: User, **properties: object) -> Message:
        """A person begins a draft of their own."""
        with self.tenant.lock:
            draft = a_draft(self._folder(user, "drafts"), **properties)
            self.tenant.add(user, draft)
            return draft

    def replace_draft(self, user: User, draft: Message, raw: bytes) -> Message:
        """A person changes it in a program that speaks IMAP: it is another message then, without our properties."""
        with self.tenant.lock:
            self.tenant.delete(user, draft)
            message = self.deliver(user, raw, folder="drafts")
            message.properties |= {"isDraft": True, "isRead": True}
            message.extended["String 0x1042"] = message.answers
            return message

    def send(self, user: User, draft: Message) -> None:
        """A person sends a draft; what it answers is marked as answered."""
        with self.tenant.lock:
            draft.raw = bytes_of(draft.properties, draft.answers)
            draft.properties["isDraft"] = False
            self.tenant.move(user, draft, self._folder(user, "sentitems"))
            for message in user.messages.values():
                if draft.answers and message.properties["internetMessageId"] == draft.answers:
                    message.extended["Integer 0x1081"] = draft.verb
                    self.tenant.change(user, message, isRead=True, flag=message.properties["flag"])

    def delete(self, user: User, message: Message) -> None:
        """Gone for good."""
        with self.tenant.lock:
            self.tenant.delete(user, message)

    def move(self, user: User, message: Message, folder: str) -> None:
        with self.tenant.lock:
            self.tenant.move(user, message, self._folder(user, folder))

    def lifecycle(self, subscription: Json, event: str) -> None:
        with self.tenant.lock:
            self.subscriptions.lifecycle(subscription["id"], event)

    def _folder(self, user: User, name: str) -> Folder:
        """By well-known name, id or display name."""
        found = user.folder(name) or next((folder for folder in user.folders if folder.name == name), None)
        assert found is not None, f"no folder {name}"
        return found

    def _on_loop(self, run: Callable[[], None]) -> None:
        self._loop.call_soon_threadsafe(run)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self) -> None:
        config = self._server.config
        config.load()
        self._server.lifespan = config.lifespan_class(config)
        await self._server.startup()
        self.url = f"http://127.0.0.1:{self._server.servers[0].sockets[0].getsockname()[1]}"
        self._ready.set()
        await self._server.main_loop()
        await self._server.shutdown()
