"""Each alert comes when it should and goes when it should, as Prometheus' own tool tells."""

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from deploy.observability.__main__ import FILES
from deploy.observability.alerts import SERVICES
from tests.observability.written import alerts
from tests.servers.prometheus import require_prometheus

RULES = FILES / "rules/kinamik.yaml"
DRAFTS = "kinamik_arrival_to_draft_seconds_count"
IN_TIME = 'kinamik_arrival_to_draft_seconds_bucket{le="60.0"}'
LAG = 'kinamik_consumer_lag_events{group="drafter",topic="message-received.v1"}'
LOCKS = 'kinamik_audit_locks_total{action="login",kind="name"}'
MAILBOXES = 'kinamik_mailboxes{provider="imap",status="watching"}'
SILENT = 'kinamik_mailboxes_silent{provider="imap"}'
DEAD = 'kinamik_dead_letters_total{group="writer",topic="draft-proposed.v1"}'
CALLS = 'kinamik_model_calls_total{result="%s"}'
REQUESTS = 'kinamik_http_request_seconds_count{status="%s"}'
KEY_DUE = "kinamik_content_key_destruction_due_timestamp_seconds"
KEYS_END = "kinamik_content_keys_end_timestamp_seconds"
BACKUP = "kinamik_backup_timestamp_seconds"
HOUR = 3600
"""In seconds."""
DAY = 24 * 60
"""In minutes."""
TENS = DAY // 10


@dataclass(frozen=True)
class Case:
    """`series` are Prometheus' input, a value every so many minutes from 0 on. `on` and `off` are minutes, in their
    order.

    https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules/
    """

    alert: str
    series: dict[str, str]
    on: Sequence[int]
    off: Sequence[int]
    every: int = 1


def growing(*stretches: tuple[float, int]) -> str:
    """A counter that grows by so much each time, for so many times, one stretch after the other."""
    value, values = 0.0, [0.0]
    for step, minutes in stretches:
        for _ in range(minutes):
            value += step
            values.append(value)
    return " ".join(f"{each:g}" for each in values)


def lasting(*stretches: tuple[float | str, int]) -> str:
    """A value that stays for so many times, one stretch after the other; "_" is no value."""
    return " ".join(str(value) for value, minutes in stretches for _ in range(minutes))


CASES = [
    # Half of all for twenty minutes: too much for one hour, and not for six. It goes once five minutes were good.
    Case(
        "KinamikDraftsLate",
        {DRAFTS: growing((10, 500)), IN_TIME: growing((10, 400), (5, 30), (10, 70))},
        on=[422, 430],
        off=[398, 415, 440],
    ),
    # A tenth of all for hours: not enough for one hour, and too much for six. It goes once half an hour was good.
    Case(
        "KinamikDraftsLate",
        {DRAFTS: growing((10, 800)), IN_TIME: growing((10, 400), (9, 300), (10, 100))},
        on=[640, 700],
        off=[590, 725],
    ),
    # 1 of 20 is too many for a warning, and not enough to wake anybody.
    Case(
        "KinamikDraftsLateForDays",
        {DRAFTS: growing((10, 900)), IN_TIME: growing((10, 60), (9.5, 180), (10, 660))},
        on=[235],
        off=[50, 880],
    ),
    # After busy days without any late ones a day with 2 of 100, which is not enough, and one with 4, which is.
    Case(
        "KinamikDraftsLateForDays",
        {
            DRAFTS: growing((1000, 2 * TENS), (100, 2 * TENS)),
            IN_TIME: growing((1000, 2 * TENS), (98, TENS), (96, TENS)),
        },
        on=[4 * DAY - 10],
        off=[3 * DAY - 10],
        every=10,
    ),
    # 3 of 200 for days: too much for three days, and for no single one.
    Case(
        "KinamikDraftsLateForDays",
        {DRAFTS: growing((200, 4 * TENS)), IN_TIME: growing((200, TENS), (197, 3 * TENS))},
        on=[4 * DAY - 10],
        off=[DAY],
        every=10,
    ),
    Case("KinamikMessagesOverdue", {"kinamik_messages_overdue": lasting((0, 10), (1, 10), (0, 10))}, [15], [5, 10, 22]),
    Case(
        "KinamikMailboxesSilent",
        {MAILBOXES: lasting((1000, 60)), SILENT: lasting((1, 10), (2, 20), (1, 30))},
        on=[20],
        off=[9, 12, 35],
    ),
    Case(
        "KinamikProviderSilent",
        {MAILBOXES: lasting((10, 60)), SILENT: lasting((4, 10), (5, 20), (0, 30))},
        on=[20],
        off=[9, 35],
    ),
    Case(
        "KinamikModelFailing",
        {
            CALLS % "ok": growing((10, 30), (4, 30), (10, 60)),
            CALLS % "model_timeout": growing((0, 30), (6, 30), (0, 60)),
        },
        on=[55],
        off=[25, 90],
    ),
    Case(
        "KinamikLagGrowing",
        {LAG: " ".join(map(str, [*[50] * 20, *range(100, 1300, 20), *range(1300, 100, -40)]))},
        on=[50],
        off=[15, 100],
    ),
    Case("KinamikDeadLetters", {DEAD: growing((0, 10), (1, 1), (0, 40))}, on=[12], off=[9, 40]),
    Case("KinamikLockStorm", {LOCKS: growing((1, 30), (4, 20), (0, 30))}, on=[45], off=[25, 75]),
    # Destroyed when due at first, then late by more than half an hour.
    Case("KinamikContentKeyDestructionLate", {KEY_DUE: lasting((HOUR, 100), (3 * HOUR, 60))}, [95], [55, 85, 120]),
    Case("KinamikContentKeysRunningOut", {KEYS_END: lasting((8 * HOUR, 180), (30 * HOUR, 60))}, [130], [110, 200]),
    Case("KinamikBackupMissing", {BACKUP: lasting((1, 1800), (1800 * 60, 60))}, on=[1700], off=[1500, 1590, 1810]),
    Case(
        "KinamikServiceDown",
        {
            f'kinamik_service_info{{service="{name}"}}': lasting((1, 20), ("_", 20), (1, 20))
            if name == "writer"
            else lasting((1, 60))
            for name in SERVICES
        },
        on=[35],
        off=[18, 45],
    ),
    Case(
        "KinamikApiFailing",
        {REQUESTS % "2xx": growing((100, 80)), REQUESTS % "5xx": growing((1, 20), (10, 20), (1, 40))},
        on=[35],
        off=[19, 60],
    ),
]


def promtools(case: Case) -> dict[str, object]:
    """As promtool wants it: how many of these alerts are on."""
    on = f'count(ALERTS{{alertname="{case.alert}", alertstate="firing"}})'
    looks = [(minute, [{"labels": "{}", "value": 1}]) for minute in case.on] + [(minute, []) for minute in case.off]
    return {
        "interval": f"{case.every}m",
        "input_series": [{"series": name, "values": values} for name, values in case.series.items()],
        "promql_expr_test": [
            {"expr": on, "eval_time": f"{minute}m", "exp_samples": samples} for minute, samples in sorted(looks)
        ],
    }


@pytest.mark.parametrize("case", CASES, ids=[case.alert for case in CASES])
def test_an_alert_comes_and_goes(case: Case, tmp_path: Path) -> None:
    require_prometheus()
    test = {"rule_files": [str(RULES)], "evaluation_interval": f"{case.every}m", "tests": [promtools(case)]}
    (tmp_path / "test.yaml").write_text(yaml.safe_dump(test))
    done = subprocess.run(["promtool", "test", "rules", tmp_path / "test.yaml"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_backup_that_cloudnativepg_tells_of_counts_too(tmp_path: Path) -> None:
    theirs = {BACKUP: lasting((0, 1800)), "cnpg_collector_last_available_backup_timestamp": lasting((60_000, 1800))}
    test_an_alert_comes_and_goes(Case("KinamikBackupMissing", theirs, on=[], off=[1700]), tmp_path)


def test_no_alert_is_left_out() -> None:
    assert {case.alert for case in CASES} == {alert["alert"] for alert in alerts()}
