"""One drafter process keeps hundreds of slow calls in flight, and its sudden death loses none of them."""

from pathlib import Path

import pytest

from tests.benchmarks import in_flight
from tests.servers.dovecot import Dovecot
from tests.servers.fixtures import require_dovecot
from tests.servers.kafka import KafkaServer
from tests.servers.model_stub import ModelStub
from tests.servers.postgres import Postgres
from tests.servers.stack import running_stack


@pytest.mark.slow
async def test_hundreds_of_calls_in_flight_survive_a_kill(
    postgres: Postgres, database: str, kafka: KafkaServer, tmp_path: Path
) -> None:
    require_dovecot()
    with Dovecot() as dovecot, ModelStub(delay=in_flight.DELAY_SECONDS) as model:
        settings = {"KINAMIK_LLM_BASE_URL": model.base_url, "KINAMIK_LLM_MODEL": "stub"}
        async with running_stack(postgres, database, kafka.bootstrap, tmp_path, **settings) as stack:
            result = await in_flight.measure(stack, dovecot, model)
    assert result.most >= in_flight.GOAL
    assert result.states == {"drafted": in_flight.MAILS}
    assert (result.missing, result.doubled) == (0, 0)
