"""A real Prometheus scrapes the five services: every panel shows something, and every alert knows what it asks for."""

import asyncio
import json
import math
from collections.abc import Sequence
from pathlib import Path

import pytest

from deploy.observability.__main__ import FILES
from tests.mails import KNOWLEDGE, a_newsletter, an_enquiry
from tests.observability.written import Query, alerts, queries, rules
from tests.servers.dovecot import Dovecot
from tests.servers.fixtures import require_dovecot
from tests.servers.kafka import KafkaServer
from tests.servers.mail_server import PASSWORD
from tests.servers.model_stub import ModelStub
from tests.servers.postgres import Postgres
from tests.servers.prometheus import Prometheus, require_prometheus
from tests.servers.stack import a_mailbox, an_organisation, running_stack, until

pytestmark = pytest.mark.alone

RULES = FILES / "rules/kinamik.yaml"
USER = "gemessen"
ENQUIRIES = 5
SETTLED_WITHIN = 40.0
# Services count lag and mailboxes every ten seconds, and a rate takes two looks.
SHOWN_WITHIN = 30.0
GRAFANAS = {"$__rate_interval": "2m", "$__range": "5m"}


def asked(query: Query) -> str:
    expression = query.expression
    for name, value in GRAFANAS.items():
        expression = expression.replace(name, value)
    return expression


def shows_nothing(prometheus: Prometheus, all_of: Sequence[Query]) -> list[str]:
    """The queries without a single number."""
    values = {query: [float(series["value"][1]) for series in prometheus.query(asked(query))] for query in all_of}
    return [str(query) for query, found in values.items() if all(map(math.isnan, found))]


def deliver(dovecot: Dovecot) -> None:
    for number in range(ENQUIRIES):
        dovecot.deliver(USER, an_enquiry(number)[1])
    dovecot.deliver(USER, a_newsletter(0)[1])


def assert_every_panel_shows_something(prometheus: Prometheus) -> None:
    left = queries()
    assert len(left) > 40
    try:
        asyncio.run(until(lambda: not shows_nothing(prometheus, left), SHOWN_WITHIN))
    except TimeoutError:
        pytest.fail("nothing to see:\n" + "\n".join(shows_nothing(prometheus, left)))


def assert_every_rule_is_evaluated_and_no_alert_is_on(prometheus: Prometheus) -> None:
    for alert in alerts():
        prometheus.query(alert["expr"])
    known = [rule for group in prometheus.get("rules")["groups"] for rule in group["rules"]]
    assert len(known) == len(rules())
    assert {rule["name"]: rule.get("lastError", "") for rule in known if rule["health"] != "ok"} == {}
    assert prometheus.query('ALERTS{alertstate="firing"}') == []


async def test_every_panel_shows_something_and_every_alert_can_be_told(
    postgres: Postgres, database: str, kafka: KafkaServer, tmp_path: Path
) -> None:
    require_dovecot()
    require_prometheus()
    (tmp_path / "backup").touch()
    prices = {"stub": {"tokens_in": "0.15", "tokens_out": "0.60"}}
    with Dovecot() as dovecot, ModelStub() as model:
        settings = {
            "KINAMIK_LLM_BASE_URL": model.base_url,
            "KINAMIK_LLM_MODEL": "stub",
            "KINAMIK_MODEL_PRICES": json.dumps(prices),
            "KINAMIK_BACKUP_STAMP": str(tmp_path / "backup"),
        }
        async with running_stack(postgres, database, kafka.bootstrap, tmp_path, **settings) as stack:
            ports = [process.port for process in stack.processes.values()]
            prometheus = Prometheus(tmp_path / "prometheus", ports, RULES)
            await asyncio.to_thread(prometheus.__enter__)
            try:
                path, assistant = await an_organisation(stack.api, KNOWLEDGE)
                await a_mailbox(stack.api, path, assistant, USER, dovecot.port, PASSWORD)
                await asyncio.to_thread(deliver, dovecot)
                await until(lambda: stack.states() == {"drafted": ENQUIRIES, "skipped": 1}, SETTLED_WITHIN)
                await asyncio.to_thread(assert_every_panel_shows_something, prometheus)
                await asyncio.to_thread(assert_every_rule_is_evaluated_and_no_alert_is_on, prometheus)
            finally:
                await asyncio.to_thread(prometheus.__exit__, None, None, None)
