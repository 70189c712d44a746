"""`make demo`: sends five mails to the running demo hotel, and shows each draft as it appears in the mailbox."""

import imaplib
import smtplib
import sys
import time
from typing import Any, cast

import httpx2

from embedded.demo_drafts import DraftsFolder, FoundDraft
from embedded.demo_mails import demo_messages
from embedded.demo_screen import show_draft, show_undrafted
from embedded.seed import load_demo
from embedded.settings import Settings

GIVE_UP_AFTER = 60.0
LOOK_EVERY = 0.1

Json = dict[str, Any]


class NotRunning(Exception):
    """The text says what is missing, for a person at a terminal."""


class Hotel:
    """The demo organisation as config-api shows it."""

    def __init__(self, api: httpx2.Client) -> None:
        self._api = api
        name = load_demo()["organisation"]["name"]
        found = [item for item in self._items("/organisations") if item["name"] == name]
        if not found:
            raise NotRunning(f"There is no organisation {name}. It is made by `make run`, unless KINAMIK_DEMO says no.")
        self._root = f"/organisations/{found[0]['id']}"

    def settled(self) -> dict[str, Json]:
        """The latest messages that are finished, by the ledger's id."""
        return {item["message_id"]: item for item in self._items(f"{self._root}/activity")}

    def questions(self, item: Json) -> list[str]:
        """The knowledge that a draft rests on."""
        knowledge = f"{self._root}/assistants/{item['assistant_id']}/knowledge"
        return [self._get(f"{knowledge}/{entry}")["question"] for entry in item["knowledge_ids"]]

    def _items(self, path: str) -> list[Json]:
        return cast(list[Json], self._get(path)["items"])

    def _get(self, path: str) -> Json:
        answer = self._api.get(path)
        answer.raise_for_status()
        return cast(Json, answer.json())


class Demo:
    """What was sent, and what is known of it by now."""

    def __init__(self, hotel: Hotel, folder: DraftsFolder) -> None:
        self._hotel = hotel
        self._folder = folder
        self._before = frozenset(hotel.settled())
        self._mails = {mail.message_id: mail for mail in demo_messages()}
        self._drafts: dict[str, tuple[FoundDraft, float]] = {}
        self._outcomes: dict[str, str] = {}
        self._began = time.monotonic()

    def send(self, host: str, port: int) -> None:
        print(f"Sending {len(self._mails)} mails to the demo mailbox:")
        with smtplib.SMTP(host, port, timeout=10) as server:
            self._began = time.monotonic()
            for mail in self._mails.values():
                server.send_message(mail.message)
                print(f"  {mail.label}")
        print()

    def watch(self) -> int:
        """Shows what happens until everything is settled, or for GIVE_UP_AFTER seconds; 0 when nothing failed."""
        while len(self._outcomes) < len(self._mails) and time.monotonic() - self._began < GIVE_UP_AFTER:
            self._look()
            time.sleep(LOOK_EVERY)
        drafted = sum(outcome == "drafted" for outcome in self._outcomes.values())
        print(f"{len(self._outcomes)} of {len(self._mails)} mails settled, {drafted} of them with a draft.")
        return int(len(self._outcomes) < len(self._mails) or "failed" in self._outcomes.values())

    def _look(self) -> None:
        for draft in self._folder.new():
            if draft.answers in self._mails:
                self._drafts[draft.ledger_id] = draft, time.monotonic() - self._began
        for ledger_id, item in self._hotel.settled().items():
            if ledger_id not in self._before and ledger_id not in self._outcomes and self._show(ledger_id, item):
                self._outcomes[ledger_id] = item["outcome"]

    def _show(self, ledger_id: str, item: Json) -> bool:
        """False where it is a draft that is none of ours, or not seen in the folder yet."""
        if item["outcome"] != "drafted":
            tokens = item["tokens_in"] + item["tokens_out"]
            show_undrafted(self._undrafted(item), item["outcome"], item["reason"], tokens)
            return True
        if ledger_id not in self._drafts:
            return False
        draft, seconds = self._drafts[ledger_id]
        show_draft(
            self._mails[draft.answers].label,
            draft,
            self._hotel.questions(item),
            needs_human=item["needs_human"],
            seconds=seconds,
            wrote=item["model"] or "the extractive drafter",
        )
        return True

    def _undrafted(self, item: Json) -> str:
        """Activity never says which mail it was; what was skipped is the one that wants no answer."""
        unwanted = [mail.label for mail in self._mails.values() if not mail.wanted]
        return unwanted[0] if item["outcome"] == "skipped" else "one mail"


def run(settings: Settings) -> int:
    """The exit status. Raises NotRunning."""
    try:
        token = (settings.data_dir / "admin-token").read_text().strip()
        headers = {"Authorization": f"Bearer {token}"}
        account = load_demo()["mailbox"]
        with (
            httpx2.Client(base_url=f"{settings.api_url}/api/v1", headers=headers, timeout=10) as api,
            DraftsFolder(settings.host, settings.imap_port, account) as folder,
        ):
            demo = Demo(Hotel(api), folder)
            demo.send(settings.host, settings.smtp_port)
            return demo.watch()
    except (OSError, httpx2.HTTPError, imaplib.IMAP4.error) as error:
        text = f"Kinamik does not answer ({type(error).__name__}). Start `make run` first, and leave it running."
        raise NotRunning(text) from None


def main() -> int:
    try:
        return run(Settings())
    except NotRunning as error:
        print(error, file=sys.stderr)
    except KeyboardInterrupt:
        print()
    return 1


if __name__ == "__main__":
    sys.exit(main())
