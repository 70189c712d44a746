"""Mail content is never at rest in the clear: not with a broker, not in the database, logs, traces or metrics.

Words that occur nowhere else are put into every corner of mails, which go through all services while everything
around them fails. Then every file is searched. With sealing off the same search finds them.
"""

import asyncio
import base64
import quopri
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.mails import an_enquiry
from tests.servers.canaries import IN_HTML_MAIL, IN_PLAIN_MAIL, Canaries, all_of
from tests.servers.dovecot import Dovecot, StartDovecot
from tests.servers.dovecot_config import Options
from tests.servers.kafka import require_kafka
from tests.servers.model_stub import ModelStub, answer, error
from tests.servers.observed import Run, an_observed_run
from tests.servers.owner import until_drafted, wait_for
from tests.servers.stack import until

pytestmark = pytest.mark.slow

KEPT = {*IN_PLAIN_MAIL, *IN_HTML_MAIL}
SETTLED_WITHIN = 45.0
HEALTHY, STRICT, DAMAGED, FULL, REFUSED = "haus", "streng", "kaputt", "voll", "falsch"


@pytest.fixture
def model() -> Iterator[ModelStub]:
    with ModelStub() as stub:
        yield stub


@pytest.fixture(params=["embedded", "kafka"])
def run(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Run]:
    kafka = request.param == "kafka"
    if kafka:
        require_kafka()
    with an_observed_run(tmp_path, kafka=kafka) as run:
        yield run


class Scenario:
    """Mails full of canaries to five mailboxes, of which one is healthy, and not for long."""

    def __init__(self, run: Run, model: ModelStub, dovecot: Dovecot, full: Dovecot) -> None:
        self._run = run
        self._model = model
        self._dovecot = dovecot
        self._full = full
        self._delivered = 0

    async def play(self) -> None:
        words = self._run.canaries.words
        async with self._run.owner() as owner, self._run.owner(extractive_fallback=False) as strict:
            await asyncio.to_thread(self._run.store_uncompressed)
            self._deliver(self._dovecot, DAMAGED)
            self._dovecot.damage(DAMAGED, 0)
            self._script_faults()
            for user in (HEALTHY, DAMAGED):
                await owner.mailbox(user, self._dovecot.port)
            await strict.mailbox(STRICT, self._dovecot.port)
            await owner.mailbox(FULL, self._full.port)
            await owner.mailbox(REFUSED, self._dovecot.port, password=words["wrong password"])
            for user in (HEALTHY, HEALTHY, HEALTHY, STRICT):
                self._deliver(self._dovecot, user)
            self._deliver(self._full, FULL)
        await until(self._all_faults_met, SETTLED_WITHIN)
        await asyncio.to_thread(self._break_everything)
        self._model.reset()
        self._model.script(_failure(400, words["model error"]), times=100)
        self._deliver(self._dovecot, STRICT)
        await until(self._all_settled, SETTLED_WITHIN)
        self._model.reset()
        message_id, mail = an_enquiry(1)
        self._dovecot.deliver(HEALTHY, mail)
        await until_drafted(self._dovecot, HEALTHY, message_id)

    def _script_faults(self) -> None:
        word, echo = self._run.canaries.words["model answer"], self._run.canaries.words["model error"]
        self._model.script(_failure(500, echo))
        self._model.script({**_failure(429, echo), "retry_after": "0.2"})
        self._model.script({"do": "drop"})
        self._model.script(_failure(400, echo), times=3)
        self._model.script(_failure(401, echo))
        self._model.script({"do": "say", "content": f"Kein JSON, aber {word}"}, times=2)
        self._model.script({"do": "say", "content": None, "refusal": f"{word} lehne ich ab"})
        self._model.script({"do": "obey"}, times=2)
        self._model.script({"do": "say", "content": answer(f"Guten Tag,\n\n{word}", open_questions=[word])})

    def _break_everything(self) -> None:
        """One after the other, with mail coming in all the while."""
        self._dovecot.stop()
        self._deliver(self._dovecot, HEALTHY)
        self._run.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
        wait_for(lambda: '"server_unreachable"' in self._run.log(), 10)
        self._dovecot.start()
        if self._run.kafka is not None:
            self._run.kafka.restart(kill=True)
        self._deliver(self._dovecot, HEALTHY)
        self._run.restart()
        self._deliver(self._dovecot, HEALTHY)

    def _deliver(self, server: Dovecot, user: str) -> None:
        for mail in (self._run.canaries.plain_mail, self._run.canaries.html_mail):
            server.deliver(user, mail(self._delivered))
            self._delivered += 1

    def _all_faults_met(self) -> bool:
        """Also that the mail which cannot be read has been tried again."""
        tries = self._run.query("SELECT max(publications) FROM ingest.message")[0][0]
        return self._model.stats()["steps"] == 0 and tries is not None and tries > 1

    def _all_settled(self) -> bool:
        """All but the mail that the server cannot read."""
        rows = self._run.query("SELECT state = 'pending', count(*) FROM ingest.message GROUP BY 1")
        counts: dict[bool, int] = dict(rows)
        return sum(counts.values()) == self._delivered and counts.get(True, 0) <= 1


def _failure(status: int, echo: str) -> dict[str, object]:
    """As providers refuse: they quote what they were sent."""
    return {"do": "status", "status": status, "body": error(f"Invalid prompt: {echo}")}


@pytest.fixture
async def play(model: ModelStub, start_dovecot: StartDovecot, run: Run) -> Scenario:
    return Scenario(run, model, start_dovecot(Options()), start_dovecot(Options(quota=1)))


async def test_no_word_of_a_mail_is_stored_in_the_clear(run: Run, model: ModelStub, play: Scenario) -> None:
    await asyncio.to_thread(run.start, model, sealing=True)
    await play.play()
    await asyncio.to_thread(run.stop)
    assert await asyncio.to_thread(run.found) == {}
    assert_everything_went_wrong(run)


async def test_with_sealing_off_every_word_is_found(run: Run, model: ModelStub, play: Scenario) -> None:
    await asyncio.to_thread(run.start, model, sealing=False)
    await play.play()
    await asyncio.to_thread(run.stop)
    found = await asyncio.to_thread(run.found)
    wherever_the_bus_writes = "topics/" if run.kafka else "pg_wal/"
    on_the_bus = {name: places for name, places in found.items() if name.startswith(wherever_the_bus_writes)}
    assert len(KEPT) == 20
    assert KEPT - all_of(on_the_bus) == set()


def assert_everything_went_wrong(run: Run) -> None:
    """Otherwise nothing could have been stored on that occasion, and the search would prove little."""
    log = run.log()
    reasons = {"credentials_refused", "model_request_rejected"}
    events = {"model_failed", "mailbox_away", "dead_letter", "quota_exceeded"} | (
        {"handler_failed"} if run.kafka else set()
    )
    assert {word for word in reasons | events if f'"{word}"' not in log} == set()
    assert b"process message-received.v1" in run.traces.received
    assert b"process draft-proposed.v1" in run.traces.received
    assert b"kinamik_events_handled_total{" in run.metrics


class TestSearch:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be"])
    def test_sees_text(self, encoding: str) -> None:
        canaries = Canaries()
        text = f'{{"subject": "Grüße {canaries.words["subject"]}"}}'
        assert canaries.found_in(b"\x00\xff" + text.encode(encoding)) == {"subject"}

    @pytest.mark.parametrize("before", ["", "a", "ab"])
    @pytest.mark.parametrize("after", ["", "a", "ab"])
    def test_sees_base64(self, before: str, after: str) -> None:
        canaries = Canaries()
        encoded = base64.encodebytes(f"{before}{'Text ' * 10}{canaries.words['text']}{after}".encode())
        assert b"\n" in encoded.strip()
        assert canaries.found_in(encoded) == {"text"}

    def test_sees_quoted_printable_and_hexadecimal(self) -> None:
        canaries = Canaries()
        line = f"{'ü' * 11}{canaries.words['signature']}".encode()
        quoted = quopri.encodestring(line)
        assert canaries.words["signature"].encode() not in quoted
        assert canaries.found_in(quoted) == canaries.found_in(line.hex().encode()) == {"signature"}

    def test_finds_nothing_where_nothing_is(self) -> None:
        canaries = Canaries()
        assert canaries.found_in(Canaries().plain_mail(1)) == set()
        assert canaries.found_in(canaries.plain_mail(1)) >= {"subject", "text", "attachment name"}
