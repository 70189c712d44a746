"""A person before Gmail: what they and their correspondents do, past gateway and faults."""

import base64
from datetime import UTC, datetime
from typing import Any

import httpx2

from tests.servers.config_api import NO_TLS
from tests.servers.gmail_gaps import ME
from tests.servers.google_gateway import GoogleGateway

# It needs no closing where nothing is kept alive.
_HTTP = httpx2.Client(limits=httpx2.Limits(max_keepalive_connections=0), verify=NO_TLS, timeout=30)


class GmailPerson:
    """Every method blocks for milliseconds. Labels are named by their ids; a label's id is told by `label`."""

    def __init__(self, email: str, upstream: str, gateway: GoogleGateway) -> None:
        self.email = email
        self._upstream = upstream
        self._gateway = gateway

    def deliver(
        self, message: bytes, received: datetime | None = None, labels: tuple[str, ...] = ("INBOX", "UNREAD")
    ) -> str:
        """A mail arrives (RFC 5322), with label SPAM instead of INBOX as spam; its id."""
        moment = received or datetime.now(UTC)
        body = {"raw": _encoded(message), "labelIds": labels, "internalDate": str(int(moment.timestamp() * 1000))}
        stored = self._ask("POST", "/messages", json=body)
        self._tell(stored["historyId"])
        return str(stored["id"])

    def messages(self, label: str) -> list[dict[str, Any]]:
        """Every message with this label, as `users.messages.get` tells it in format `raw`, the oldest first."""
        found = self._ask("GET", "/messages", params={"labelIds": label, "includeSpamTrash": "true", "maxResults": 500})
        return [self.message(each["id"]) for each in reversed(found["messages"])]

    def message(self, message_id: str) -> dict[str, Any]:
        return self._ask("GET", f"/messages/{message_id}", params={"format": "raw"})

    def drafts(self) -> list[dict[str, Any]]:
        """Every draft, as `users.drafts.get` tells it in format `raw`, the oldest first."""
        found = self._ask("GET", "/drafts", params={"maxResults": 500})
        drafts = [self._ask("GET", f"/drafts/{each['id']}", params={"format": "raw"}) for each in found["drafts"]]
        return sorted(drafts, key=lambda draft: int(draft["message"]["historyId"]))

    def draft_count(self) -> int:
        return len(self._ask("GET", "/drafts", params={"maxResults": 500})["drafts"])

    def edit_draft(self, draft_id: str, message: bytes) -> None:
        """Gmail gives an edited draft another message id each time, the emulator does not."""
        known = self._ask("GET", f"/drafts/{draft_id}")["message"]
        body = {"message": {"raw": _encoded(message), "threadId": known["threadId"]}}
        self._ask("PUT", f"/drafts/{draft_id}", json=body)
        self._gateway.gmail.message_ids.pop(known["id"], None)

    def send_draft(self, draft_id: str) -> str:
        """The id of what was sent. Gmail gives it another id than the draft's message had, the emulator does not."""
        return str(self._ask("POST", "/drafts/send", json={"id": draft_id})["id"])

    def delete_draft(self, draft_id: str) -> None:
        self._ask("DELETE", f"/drafts/{draft_id}")

    def relabel(self, message_id: str, *, add: tuple[str, ...] = (), remove: tuple[str, ...] = ()) -> None:
        """Moves a mail, marks it as read, and the like."""
        body = {"addLabelIds": add, "removeLabelIds": remove}
        self._tell(self._ask("POST", f"/messages/{message_id}/modify", json=body)["historyId"])

    def delete(self, message_id: str) -> None:
        """For good."""
        self._ask("DELETE", f"/messages/{message_id}")

    def label(self, name: str) -> str:
        """A new label's id."""
        return str(self._ask("POST", "/labels", json={"name": name})["id"])

    def label_id(self, name: str) -> str:
        return next(str(label["id"]) for label in self._ask("GET", "/labels")["labels"] if label["name"] == name)

    def answer(self, thread: str, when: datetime | None = None) -> str:
        """Writes and sends an answer of their own; its id."""
        moment = when or datetime.now(UTC)
        raw = _encoded(f"From: {self.email}\r\nTo: gast@example.org\r\nSubject: Re:\r\n\r\nGerne".encode())
        body = {"raw": raw, "threadId": thread, "internalDate": str(int(moment.timestamp() * 1000))}
        return str(self._ask("POST", "/messages/send", json=body)["id"])

    def delete_label(self, name: str) -> None:
        self._ask("DELETE", f"/labels/{self.label_id(name)}")

    def write_draft(self, message: bytes, thread: str) -> None:
        self._ask("POST", "/drafts", json={"message": {"raw": _encoded(message), "threadId": thread}})

    def sign(self, signature: str) -> None:
        """The signature of the default address, as HTML."""
        self._gateway.gmail.signatures[self.email] = signature

    def forget_history(self) -> None:
        """As after a long time: every history id that was told so far is answered with 404."""
        told = self._ask("GET", "/history", params={"startHistoryId": "0", "maxResults": 1})["historyId"]
        self._gateway.gmail.forget_history(self.email, told)
        self.delete(self.deliver(b"From: a@example.org\r\nTo: b@example.org\r\n\r\n", labels=("TRASH",)))

    def revoke(self) -> None:
        """Takes access away from every program, as in the settings of the account."""
        for grant in self._gateway.grants(self.email):
            _HTTP.post(f"{self._upstream}/oauth2/revoke", data={"token": grant})
        self._gateway.expire(self.email)

    def _tell(self, history_id: str) -> None:
        gmail = self._gateway.gmail
        if gmail.tell and (topic := gmail.watched.get(self.email)):
            gmail.tell(topic, self.email, history_id)

    def _ask(self, method: str, path: str, **request: Any) -> Any:
        headers = {"Authorization": f"Bearer {self._gateway.upstream_token(self.email)}"}
        response = _HTTP.request(method, f"{self._upstream}{ME}{path}", headers=headers, **request)
        response.raise_for_status()
        return response.json() if response.content else None


def raw_of(message: dict[str, Any]) -> bytes:
    """The bytes of a message in format `raw`."""
    raw = message["raw"]
    return base64.urlsafe_b64decode(raw + "=" * (-len(raw) % 4))


def _encoded(message: bytes) -> str:
    return base64.urlsafe_b64encode(message).decode().rstrip("=")
