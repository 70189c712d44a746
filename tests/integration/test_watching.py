"""Hundreds of mailboxes in one ingest process, over TLS: cheap, quick to notice, and all back after a restart."""

from pathlib import Path

from tests.benchmarks import watching
from tests.servers.dovecot import Dovecot
from tests.servers.fixtures import require_dovecot
from tests.servers.kafka import KafkaServer
from tests.servers.postgres import Postgres
from tests.servers.stack import running_stack

MAILBOXES = 300
KILOBYTES_EACH = 150.0


async def test_one_process_watches_hundreds_of_mailboxes(
    postgres: Postgres, database: str, kafka: KafkaServer, tmp_path: Path
) -> None:
    require_dovecot()
    watching.raise_limit()
    with Dovecot(watching.options(MAILBOXES)) as dovecot:
        trust = {"SSL_CERT_FILE": str(dovecot.certificate)}
        async with running_stack(postgres, database, kafka.bootstrap, tmp_path, **trust) as stack:
            conninfo = postgres.conninfo(database)
            result = await watching.measure(stack, conninfo, dovecot, MAILBOXES, notices=5, rest_seconds=2)
    assert result.kilobytes < KILOBYTES_EACH
    assert max(result.after_announcement) < 2.0
    assert result.back < 60.0
    assert result.cpu_at_rest < 0.25
