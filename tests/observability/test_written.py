"""Dashboards and rules are what their code makes, name what the services count, and say what they are about."""

import re

from deploy.observability.__main__ import FILES, made
from deploy.observability.rules import RUNBOOKS
from tests.observability.written import NAME, RECORDED, ROOT, alerts, dashboards, declared, expressions, panels, rules

# Others say these: Prometheus' client of every process, and CloudNativePG of its backups.
OF_OTHERS = {
    "process_cpu_seconds_total",
    "process_max_fds",
    "process_open_fds",
    "process_resident_memory_bytes",
    "process_start_time_seconds",
    "cnpg_collector_last_available_backup_timestamp",
}
# What no panel and no alert asks for, and why it is there.
UNUSED: dict[str, str] = {}
# Their words are few and fixed: no id, address or name is among them, and of models only the operator's.
LABELS = {
    *("action", "counted_by", "direction", "existed", "group", "kind", "model", "needs_human", "outcome", "provider"),
    *("reason", "result", "source", "status", "time", "topic", "verdict", "what"),
}
COMMANDS = re.compile(r"^    make ([a-z-]+)", re.MULTILINE)
HEADINGS = ["What it means", "How to look", "What to do"]


def names() -> set[str]:
    return {name for expression in expressions() for name in NAME.findall(expression)}


def test_the_files_are_what_the_code_makes() -> None:
    folders = ("dashboards", "rules")
    written = {path: path.read_text() for folder in folders for path in (FILES / folder).iterdir()}
    assert written == made(), "make dashboards"


def test_every_metric_that_is_asked_for_exists() -> None:
    series = {name for metric in declared() for name in metric.series}
    assert names() - series - OF_OTHERS == set()


def test_every_metric_is_asked_for_or_said_to_be_unused() -> None:
    asked = names()
    assert {metric.name for metric in declared() if not metric.series & asked} == set(UNUSED)


def test_recorded_series_are_recorded() -> None:
    asked = {name for expression in expressions() for name in RECORDED.findall(expression)}
    assert asked <= {rule["record"] for rule in rules() if "record" in rule}


def test_no_label_names_a_mailbox_or_a_person() -> None:
    assert {label for metric in declared() for label in metric.labels} <= LABELS


def test_every_panel_has_a_unit_a_sentence_and_the_chosen_source() -> None:
    for dashboard, panel in panels():
        where = f"{dashboard['uid']}: {panel['title']}"
        assert panel["description"].endswith("."), where
        assert panel["fieldConfig"]["defaults"]["unit"], where
        assert panel["datasource"]["uid"] == "${datasource}", where


def test_rates_are_over_grafanas_own_interval() -> None:
    for _, panel in panels():
        for target in panel["targets"]:
            windows = set(re.findall(r"\[([^]]*)\]", target["expr"]))
            assert windows <= {"$__rate_interval", "$__range"}, panel["title"]


def test_there_is_a_dashboard_for_each_question() -> None:
    about = {"bus", "mailboxes", "model", "pipeline", "resources", "security"}
    assert {dashboard["uid"] for dashboard in dashboards()} == {f"kinamik-{each}" for each in about}


def test_every_alert_says_how_bad_it_is_and_what_to_do() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for alert in alerts():
        assert alert["labels"]["severity"] in ("critical", "warning")
        assert alert["annotations"]["summary"]
        page = ROOT / alert["annotations"]["runbook_url"]
        text = page.read_text()
        assert re.findall(r"^##? (.*)$", text, re.MULTILINE) == [alert["alert"], *HEADINGS], page
        assert set(COMMANDS.findall(text)) <= targets, page


def test_there_is_no_page_for_an_alert_that_is_no_more() -> None:
    pages = {path.stem for path in (ROOT / RUNBOOKS).glob("*.md")}
    assert pages == {alert["alert"] for alert in alerts()}
