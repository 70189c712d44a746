"""The bare script that Kinamik is measured beside: IDLE, FETCH, Python's `email`, APPEND, and nothing else.

It keeps no ledger, asks no model, seals nothing and survives nothing. `python -m tests.benchmarks.floor PORT USER...`
says `ready` when it is loaded, begins at the first line on stdin, and ends when stdin does.
"""

import asyncio
import re
import sys
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import make_msgid

from tests.servers.mail_server import HOST, PASSWORD

LITERAL = re.compile(rb"\{(\d+)\}\r\n$")
UID = re.compile(rb"UID (\d+)")
EXISTS = re.compile(rb"\* (\d+) EXISTS")
BATCH = 50


class Imap:
    """A client of a few lines, one command at a time. `exists` is what the server said last of the open folder."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._tag = 0
        self.exists = 0

    @classmethod
    async def open(cls, port: int, user: str) -> "Imap":
        self = cls(*await asyncio.open_connection(HOST, port, limit=1 << 20))
        await self._reader.readline()
        await self.run(f"LOGIN {user} {PASSWORD}")
        return self

    async def run(self, command: str, literal: bytes | None = None) -> list[tuple[bytes, bytes]]:
        """The untagged lines, each with its literal where there is one. Raises AssertionError for NO and BAD."""
        tag = await self._send(command)
        answers: list[tuple[bytes, bytes]] = []
        while True:
            line, content = await self._response()
            if line.startswith(b"+") and literal is not None:
                self._writer.write(literal + b"\r\n")
            elif line.startswith(tag):
                assert line.startswith(tag + b" OK"), line
                return answers
            else:
                answers.append((line, content))

    async def idle(self) -> None:
        """Until the server announces a mail."""
        tag, before = await self._send("IDLE"), self.exists
        while self.exists == before:
            await self._response()
        self._writer.write(b"DONE\r\n")
        while not (await self._response())[0].startswith(tag):
            pass

    def close(self) -> None:
        self._writer.close()

    async def _send(self, command: str) -> bytes:
        self._tag += 1
        tag = b"a%d" % self._tag
        self._writer.write(tag + b" " + command.encode() + b"\r\n")
        return tag

    async def _response(self) -> tuple[bytes, bytes]:
        line, content = await self._line(), b""
        while literal := LITERAL.search(line):
            content = await self._reader.readexactly(int(literal[1]))
            line += await self._line()
        if announced := EXISTS.match(line):
            self.exists = int(announced[1])
        return line, content

    async def _line(self) -> bytes:
        line = await self._reader.readline()
        if not line:
            raise ConnectionResetError
        return line


def reply_to(raw: bytes) -> bytes:
    """A draft as any script would build it: headers, an answer, the quoted original."""
    mail = message_from_bytes(raw, policy=policy.default)
    body = mail.get_body(("plain",))
    text = body.get_content() if body is not None else ""
    draft = EmailMessage(policy=policy.SMTP)
    draft["From"], draft["To"] = mail["To"], mail["From"]
    draft["Subject"] = f"Re: {mail['Subject']}"
    draft["Message-ID"] = make_msgid(domain="floor.example")
    draft["In-Reply-To"] = draft["References"] = mail["Message-ID"]
    quoted = "\n".join(f"> {line}" for line in text.splitlines())
    draft.set_content(f"Guten Tag,\n\nvielen Dank für Ihre Nachricht.\n\n{mail['From']} schrieb:\n{quoted}\n")
    return draft.as_bytes()


async def answer_mailbox(port: int, user: str) -> None:
    """Drafts a reply to every mail of one mailbox, now and as they come."""
    watch, save = await asyncio.gather(Imap.open(port, user), Imap.open(port, user))
    await watch.run("EXAMINE INBOX")
    done = 0
    while True:
        while done < watch.exists:
            last = min(watch.exists, done + BATCH)
            for line, raw in await watch.run(f"FETCH {done + 1}:{last} (UID BODY.PEEK[])"):
                if UID.search(line) and raw:
                    draft = reply_to(raw)
                    await save.run(f"APPEND Drafts (\\Draft \\Seen) {{{len(draft)}}}", draft)
            done = last
        await watch.idle()


async def main(port: int, users: list[str]) -> None:
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(answer_mailbox(port, user)) for user in users]
        await asyncio.to_thread(sys.stdin.read)
        for task in tasks:
            task.cancel()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), sys.argv[2:]))
